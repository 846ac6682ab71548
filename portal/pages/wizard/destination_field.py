"""The field of the page that a short link leads to, and the link's place in the text."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from campaigns import ad_text, lifecycle, links
from campaigns.models import Campaign
from portal.accounts.access import SignedInRequest


@dataclass(frozen=True, slots=True)
class DestinationField:
    """The context of `wizard/destination_field.html` for a campaign's destination.

    `cost` is the number of characters of the text that the link takes, its space included.
    """

    value: str
    problems: list[str]
    leads_to: links.Destination | None
    link: str
    cost: int
    in_text: bool


def field_context(campaign: Campaign | None, *, destination: str, text: str) -> dict[str, Any]:
    """Return the context of `wizard/destination_field.html` for the values of the form."""
    problems = [problem.message for problem in links.check_destination(destination)]
    is_valid = destination.strip() and not problems
    link = campaign.short_link if campaign else ""
    field = DestinationField(
        value=destination,
        problems=problems,
        leads_to=links.read_destination(destination) if is_valid else None,
        link=link,
        cost=len(link) + 1,
        in_text=link in links.links_in(text),
    )
    return {"destination": field}


def own_link_at(position: int, *, text: str, destination: str) -> dict[str, str]:
    """Return the terms where the link at a position of the text gives way to the short link.

    The page that the link leads to becomes the destination, if none is given; `insert_link` then
    writes the short link in its place. Nothing changes where there is no link that the channel
    refuses, or no destination that is allowed.
    """
    text = ad_text.normalise(text)
    found = ad_text.check(text, limit=ad_text.MAX_LIMIT)
    link = next((p for p in found if p.code == "link_sign" and p.position == position), None)
    if link is None:
        return {}
    page = destination.strip() or f"https://{ad_text.without_scheme(link.offending)}"
    if links.check_destination(page):
        return {}
    written = text[: link.position] + links.address_of("") + text[link.end :]
    return {"text": written, "destination": page}


def insert_link(request: SignedInRequest, campaign: Campaign) -> Campaign:
    """Insert the short link into the text of a saved draft, and report it as a message.

    Raise as `lifecycle.edit` does.
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
