"""The host that short links have to themselves."""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from campaigns.links import CODE
from portal.pages import short_links

_link = re.compile(f"/({CODE})([+]?)", re.IGNORECASE)


class ShortLinkHostMiddleware:
    """Answer short links at the root of their own host, and let all other hosts pass.

    It stands before sessions, people, messages and the log of requests: a click needs none
    of them, and leaves nothing in them. Where links live below the portal's host instead,
    they are pages like others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if "/" in settings.SHORT_LINK_DOMAIN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _port = split_domain_port(request.get_host())
        if host != settings.SHORT_LINK_DOMAIN:
            return self.get_response(request)
        found = _link.fullmatch(request.path_info)
        if found is None:
            return short_links.link_not_found(request)
        answer = short_links.link_target if found[2] else short_links.follow_link
        return answer(request, code=found[1].lower())
