"""The host of short links."""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from campaigns.links import CODE_PATTERN
from portal.pages import short_links

_LINK_PATH = re.compile(f"/({CODE_PATTERN})([+]?)", re.IGNORECASE)


class ShortLinkHostMiddleware:
    """Serve short links at the root of their own host, and pass requests for other hosts on.

    It comes before the middleware of sessions, users, messages and request logs: a click needs
    none of them and leaves no trace in them. It is not used where links are below the portal's
    own host: they are ordinary pages there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if "/" in settings.SHORT_LINK_DOMAIN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _port = split_domain_port(request.get_host())
        if host != settings.SHORT_LINK_DOMAIN:
            return self.get_response(request)
        match = _LINK_PATH.fullmatch(request.path_info)
        if match is None:
            return short_links.link_not_found(request)
        view = short_links.link_target if match[2] else short_links.follow_link
        return view(request, code=match[1].lower())
