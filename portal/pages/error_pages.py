"""Pages for requests that cannot be answered, where Django's own views would say too little."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template import loader

TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a request was not understood, or that it was too big to be read."""
    if isinstance(exception, TOO_BIG):
        return _page("413.html", 413)
    return _page("400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that something failed here. Asks nothing of the database, nor of the request."""
    return _page("500.html", 500)


def _page(template: str, status: int) -> HttpResponse:
    """Render a page for nobody in particular: what failed may be what knows who asks."""
    look = {"skin": settings.SKIN, "operator_logo": settings.OPERATOR_LOGO}
    return HttpResponse(loader.render_to_string(template, look), status=status)
