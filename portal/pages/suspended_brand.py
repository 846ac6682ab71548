"""The page that answers whoever tries to write for a suspended brand."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns.errors import BrandSuspended


class SuspendedBrandMiddleware:
    """Answer BrandSuspended from any page with the reason, instead of an error of the server."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, BrandSuspended):
            return None
        context = {"message": exception.message}
        return render(request, "brands/suspended.html", context, status=409)
