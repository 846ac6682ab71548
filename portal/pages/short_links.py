"""Short links: the redirect, and the page that shows a target instead."""

from typing import Any

from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns import clicks, links
from campaigns.models import Campaign, Link

# Nothing of a click is kept on its way, tells the target where it came from, or is indexed.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class Redirect(HttpResponse):
    """Send a visitor on, and count the visit when the answer has gone out."""

    status_code = 302

    def __init__(self, url: str) -> None:
        super().__init__(headers={**HEADERS, "Location": url, "Content-Length": "0"})

    def close(self) -> None:
        clicks.tally.write()
        super().close()


@require_safe
def follow_link(request: HttpRequest, code: str) -> HttpResponse:
    """Redirect to where a link leads now. One query, and a count behind the answer."""
    try:
        target = Link.objects.target_of(code)
    except OperationalError:
        return _page(request, "short_links/busy.html", status=503, headers={"Retry-After": "5"})
    if target is None:
        return link_not_found(request)
    clicks.tally.add(target.link_id, clicks.kind_of(request.method or "", request.headers))
    return Redirect(target.url)


@require_safe
def link_target(request: HttpRequest, code: str) -> HttpResponse:
    """Show where a link leads instead of going there; this is no visit."""
    target = Link.objects.target_of(code)
    if target is None:
        return link_not_found(request)
    campaign = Campaign.objects.select_related("brand").get(link=target.link_id)
    context = {
        "link": links.address_of(code),
        "target": links.stored_destination(target.url),
        "brand": campaign.brand,
    }
    return _page(request, "short_links/target.html", context)


@require_safe
def link_not_found(request: HttpRequest) -> HttpResponse:
    """Say that a link leads nowhere: unknown, not approved, paused or long over, all alike.

    404 and not 410: nobody learns which codes exist, and a campaign may go on after a pause.
    """
    return _page(request, "short_links/not_found.html", status=404)


def _page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    answer = render(request, template, context, status=status)
    for name, value in {**HEADERS, **(headers or {})}.items():
        answer[name] = value
    return answer
