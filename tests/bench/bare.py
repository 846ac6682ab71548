"""The portal with one more address: Django's bare answer, at the place where links are answered."""

import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tests.bench.web import BARE


class Bare:
    """Answer BARE with a redirect that is always the same; all else goes on."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != BARE:
            return self.get_response(request)
        headers = {"Location": "https://tienda.mx/", "Content-Length": "0"}
        return HttpResponse(status=302, headers=headers)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
_place = settings.MIDDLEWARE.index("portal.short_domain.ShortDomain")
settings.MIDDLEWARE.insert(_place, "tests.bench.bare.Bare")

from portal.wsgi import application  # noqa: E402  (reads the settings as they are now)

__all__ = ["application"]
