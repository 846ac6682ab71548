"""One name for a request in the answer, in our logs and in the caller's: `x-correlator`."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

HEADER = "x-correlator"
SHAPE = re.compile(r"[A-Za-z0-9_:;./<>{}-]{1,256}")  # CAMARA's
ROOT = "/api/"


def of(request: HttpRequest) -> str:
    """Give the caller's name for a request, or a new one where it has none that can be echoed."""
    sent = request.headers.get(HEADER, "")
    return sent if SHAPE.fullmatch(sent) else str(uuid.uuid4())


class Correlator:
    """Middleware: bind the name to each line of the log and echo it, whatever the answer is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ROOT):
            return self.get_response(request)
        name = of(request)
        with structlog.contextvars.bound_contextvars(correlator=name):
            response = self.get_response(request)
        response.headers[HEADER] = name
        return response
