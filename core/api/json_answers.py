"""Under /api/ nothing is ever answered in HTML: what Django refuses by itself is put in JSON."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from core.api.correlation import ROOT
from core.api.errors import CODES

_WORDS: dict[int, str] = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    503: "UNAVAILABLE",
}


class PlainAnswers:
    """Middleware: give a refusal that is not JSON the shape of the API's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(ROOT) or response.status_code < 400:
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        code = _WORDS.get(response.status_code, "INTERNAL")
        status = CODES[code].status
        message = {
            "NOT_FOUND": _("No existe esa dirección. Las que hay: /api/v1/."),
            "INTERNAL": _("Algo falló de nuestro lado: intenta de nuevo en un momento."),
        }.get(code, str(CODES[code].when))
        plain = JsonResponse({"status": status, "code": code, "message": message}, status=status)
        for name in ("Allow", "Retry-After"):
            if name in response:
                plain[name] = response[name]
        return plain
