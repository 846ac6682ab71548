"""Limits of request bodies, by view: a longer one is refused before any of it is read.

Django reads no more than the announced Content-Length, so that this is all there is to check.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

KIB = 1024
FORM = 256 * KIB  # a choice of every LADA and state takes 10 KiB
JSON = 64 * KIB  # of an operation of the API, unless it has a limit of its own

View = TypeVar("View", bound=Callable[..., Any])


def max_body(limit: int) -> Callable[[View], View]:
    """Let the bodies of a view's requests have `limit` bytes, more or less than those of others."""

    def mark(view: View) -> View:
        view.max_body = limit  # type: ignore[attr-defined]
        return view

    return mark


def exceeds(request: HttpRequest, limit: int) -> bool:
    """Return whether the announced length of a body is above a limit, or is no length."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not (re.fullmatch("[0-9]{1,18}", length) and int(length) <= limit)


class BodyLimitMiddleware:
    """Raise RequestDataTooBig for a body above the limit of its view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        owner = getattr(view, "cls", None) or getattr(view, "view_class", view)
        limit = getattr(owner, "max_body", FORM)
        if exceeds(request, limit):
            raise RequestDataTooBig(f"The body is longer than {limit} bytes.")
