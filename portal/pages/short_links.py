"""The public pages of short links: the redirect, and the page that displays its target."""

from typing import Any

from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns import clicks, links
from campaigns.models import Campaign, Link

# Neither stored by caches, nor reported to the target as referrer, nor indexed.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class CountedRedirect(HttpResponse):
    """A redirect that writes the tally of clicks after the response was sent."""

    status_code = 302

    def __init__(self, url: str) -> None:
        super().__init__(headers={**HEADERS, "Location": url, "Content-Length": "0"})

    def close(self) -> None:
        clicks.click_buffer.flush()
        super().close()


@require_safe
def follow_link(request: HttpRequest, code: str) -> HttpResponse:
    """Redirect to the present target of a link. One query; the click is counted afterwards."""
    try:
        target = Link.objects.resolve(code)
    except OperationalError:
        return _page(request, "short_links/busy.html", status=503, headers={"Retry-After": "5"})
    if target is None:
        return link_not_found(request)
    clicks.click_buffer.add(target.link_id, clicks.classify(request.method or "", request.headers))
    return CountedRedirect(target.url)


@require_safe
def link_target(request: HttpRequest, code: str) -> HttpResponse:
    """Display the target of a link. Counts as no click."""
    target = Link.objects.resolve(code)
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
    """Render the page of a link without target: unknown, not approved, paused or over.

    All are 404 and none is 410: the response reveals no code, and a paused campaign may resume.
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
    response = render(request, template, context, status=status)
    for name, value in {**HEADERS, **(headers or {})}.items():
        response[name] = value
    return response
