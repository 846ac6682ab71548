"""Middleware for requests under /api/: correlation ids, and errors as JSON."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from core.api.errors import CODES

API_ROOT = "/api/"
CORRELATION_HEADER = "x-correlator"
CORRELATION_PATTERN = re.compile(r"[A-Za-z0-9_:;./<>{}-]{1,256}")  # as CAMARA defines it

_CODE_OF_STATUS: dict[int, str] = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    414: "URI_TOO_LONG",
    503: "UNAVAILABLE",
}

GetResponse = Callable[[HttpRequest], HttpResponse]


class CorrelationMiddleware:
    """Bind the request's correlation id to each line of the log and echo it in the response.

    The id is the caller's `x-correlator`, or a new UUID if there is none or it is malformed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(API_ROOT):
            return self.get_response(request)
        correlation_id = _correlation_id(request)
        with structlog.contextvars.bound_contextvars(correlator=correlation_id):
            response = self.get_response(request)
        response.headers[CORRELATION_HEADER] = correlation_id
        return response


class JsonErrorMiddleware:
    """Replace error responses that are not JSON, as Django's own, by the API's error object."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(API_ROOT) or response.status_code < 400:
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        code = _CODE_OF_STATUS.get(response.status_code, "INTERNAL")
        status = CODES[code].status
        message = {
            "NOT_FOUND": _("No existe esa dirección. Las que hay: /api/v1/."),
            "INTERNAL": _("Algo falló de nuestro lado: intenta de nuevo en un momento."),
        }.get(code, str(CODES[code].description))
        body = {"status": status, "code": code, "message": message}
        json_response = JsonResponse(body, status=status)
        for name in ("Allow", "Retry-After"):
            if name in response:
                json_response[name] = response[name]
        return json_response


def _correlation_id(request: HttpRequest) -> str:
    given = request.headers.get(CORRELATION_HEADER, "")
    return given if CORRELATION_PATTERN.fullmatch(given) else str(uuid.uuid4())
