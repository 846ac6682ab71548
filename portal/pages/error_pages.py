"""The handlers of HTTP errors 400, 500 and 503."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from psycopg.errors import IdleInTransactionSessionTimeout

TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
RETRY_AFTER = 5  # seconds


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the page of a bad request (400), or of one that was too large (413)."""
    if isinstance(exception, TOO_BIG):
        return _page("413.html", 413)
    return _page("400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Render the page of a server error, 503 where trying again helps.

    Uses neither the database nor the request. Django calls it while it handles the exception.
    """
    if not _is_temporary(sys.exception()):
        return _page("500.html", 500)
    response = _page("500.html", 503, is_temporary=True)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def _is_temporary(error: BaseException | None) -> bool:
    """Return whether PostgreSQL restarts, does not respond, or ended what took too long."""
    return isinstance(error, OperationalError | InterfaceError) or isinstance(
        error and error.__cause__, IdleInTransactionSessionTimeout
    )


def _page(template: str, status: int, **context: bool) -> HttpResponse:
    """Render a page without the request's user: reading the user may be what failed."""
    branding = {"skin": settings.SKIN, "operator_logo": settings.OPERATOR_LOGO}
    return HttpResponse(loader.render_to_string(template, branding | context), status=status)
