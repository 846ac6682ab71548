"""The portal with bare responses of Django added, where short links are served.

The bare view of DRF is among the portal's own URLs, behind the same middleware.
"""

import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from tests.bench.web import BARE, BARE_JSON, BARE_PAGE

PAGE = (
    '<!doctype html><html lang="es-MX"><meta charset="utf-8"><title>Desnuda</title>'
    "<h1>Una línea de letras grandes</h1>"
    '<textarea rows="4" cols="60"></textarea><button type="button">Un botón</button>'
)


class BareResponseMiddleware:
    """Respond to each bare URL with a constant; pass all other requests on."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == BARE:
            headers = {"Location": "https://tienda.mx/", "Content-Length": "0"}
            return HttpResponse(status=302, headers=headers)
        if request.path_info == BARE_JSON:
            return JsonResponse({"libres": 0})
        if request.path_info == BARE_PAGE:
            return HttpResponse(PAGE)
        return self.get_response(request)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
_place = settings.MIDDLEWARE.index("portal.short_domain.ShortLinkHostMiddleware")
settings.MIDDLEWARE.insert(_place, "tests.bench.bare.BareResponseMiddleware")
settings.ROOT_URLCONF = "tests.bench.bare_urls"

from portal.wsgi import application  # noqa: E402  (reads the settings as they are now)

__all__ = ["application"]
