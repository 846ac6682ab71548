"""The download of the Python client: the wheel that `make client` built."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.views.decorators.http import require_safe


def find_wheel() -> Path | None:
    """Return the wheel in the folder CLIENT_WHEELS, the newest of several, or None."""
    wheels = Path(settings.CLIENT_WHEELS).glob("llamada_perdida-*.whl")
    return max(wheels, key=lambda path: path.stat().st_mtime, default=None)


def url() -> str:
    """Return the absolute URL of the wheel, as `pip install` takes it; empty without a wheel."""
    wheel = find_wheel()
    return settings.PORTAL_URL + reverse("api_client", args=[wheel.name]) if wheel else ""


@require_safe
def client_download(request: HttpRequest, name: str) -> FileResponse:
    """Return the wheel under its exact name only: a request names no path."""
    wheel = find_wheel()
    if wheel is None or name != wheel.name:
        raise Http404
    return FileResponse(wheel.open("rb"), content_type="application/octet-stream")
