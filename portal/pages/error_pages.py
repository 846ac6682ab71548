"""The handlers of HTTP errors 400 and 500."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template import loader

TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page of a bad request (400), or of one that was too large (413)."""
    if isinstance(exception, TOO_BIG):
        return _page("413.html", 413)
    return _page("400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Render the page of a server error. Uses neither the database nor the request."""
    return _page("500.html", 500)


def _page(template: str, status: int) -> HttpResponse:
    """Render a page without the request's user: reading the user may be what failed."""
    branding = {"skin": settings.SKIN, "operator_logo": settings.OPERATOR_LOGO}
    return HttpResponse(loader.render_to_string(template, branding), status=status)
