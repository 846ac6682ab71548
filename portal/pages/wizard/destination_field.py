"""The field of the page that a short link leads to, and the link's place in the text."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.utils.translation import gettext as _

from campaigns import lifecycle, links
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
