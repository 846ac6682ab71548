"""Short links: the redirect, the page that shows a target instead, and the wizard's field."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import clicks, lifecycle, links
from campaigns.models import Campaign, Link
from portal.accounts.access import SignedInRequest

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
        clicks.click_buffer.flush()
        super().close()


@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Redirect to where a link leads now. One query, and a count behind the answer."""
    try:
        target = Link.objects.resolve(code)
    except OperationalError:
        return _page(request, "links/busy.html", status=503, headers={"Retry-After": "5"})
    if target is None:
        return nowhere(request)
    clicks.click_buffer.add(target.link_id, clicks.classify(request.method or "", request.headers))
    return Redirect(target.url)


@require_safe
def look(request: HttpRequest, code: str) -> HttpResponse:
    """Show where a link leads instead of going there; this is no visit."""
    target = Link.objects.resolve(code)
    if target is None:
        return nowhere(request)
    campaign = Campaign.objects.select_related("brand").get(link=target.link_id)
    context = {
        "link": links.address_of(code),
        "target": links.stored_destination(target.url),
        "brand": campaign.brand,
    }
    return _page(request, "links/target.html", context)


@require_safe
def nowhere(request: HttpRequest) -> HttpResponse:
    """Say that a link leads nowhere: unknown, not approved, paused or long over, all alike.

    404 and not 410: nobody learns which codes exist, and a campaign may go on after a pause.
    """
    return _page(request, "links/nowhere.html", status=404)


@dataclass(frozen=True, slots=True)
class Field:
    """All that `campaigns/destination_field.html` shows of a campaign's destination.

    `cost` is what the link takes of the text, its space included.
    """

    written: str
    problems: list[str]
    leads_to: links.Destination | None
    link: str
    cost: int
    in_text: bool


def field(campaign: Campaign | None, *, destination: str, text: str) -> dict[str, Any]:
    """Give the context of `campaigns/destination_field.html`, of what is in the form now."""
    problems = [problem.message for problem in links.check_destination(destination)]
    good = destination.strip() and not problems
    link = campaign.short_link if campaign else ""
    shown = Field(
        written=destination,
        problems=problems,
        leads_to=links.read_destination(destination) if good else None,
        link=link,
        cost=len(link) + 1,
        in_text=link in links.links_in(text),
    )
    return {"destination": shown}


def insert(request: SignedInRequest, campaign: Campaign) -> Campaign:
    """Do what the button `link` stands for to a saved draft, and say what was done.

    Raises as `lifecycle.edit` does.
    """
    if not campaign.short_link:
        messages.info(request, _("Escribe primero a qué página lleva tu enlace."))
        return campaign
    saved = lifecycle.insert_link(campaign.pk, revision=campaign.revision, by=request.user)
    if saved.text == campaign.text:
        messages.info(request, _("Tu enlace corto ya está en el texto."))
    else:
        messages.success(
            request, _("Agregamos {link} a tu texto.").format(link=campaign.short_link)
        )
    return saved


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
