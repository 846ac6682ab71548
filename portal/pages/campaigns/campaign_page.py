"""The page of one campaign: its state, terms, versions and conversation."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import conversation, pricing
from campaigns.conversation import Side
from campaigns.errors import CampaignError
from campaigns.models import Campaign, Message
from campaigns.models.campaign import OrderTerms
from campaigns.reports import progress
from inventory.models import Reservation
from portal.accounts import access
from portal.accounts.access import SignedInRequest
from portal.pages.campaigns import timeline, versions
from portal.pages.wizard import planned_days
from segments import areas, gazetteer, picture
from segments.catalogue import ATTRIBUTION


@login_required
@require_safe
def campaign_page(request: SignedInRequest, folio: str) -> HttpResponse:
    """Show the page of a campaign."""
    campaign = access.campaign_of(request, folio)
    access.remember(request, campaign.brand)
    return _page(request, campaign)


@login_required
@require_safe
def campaign_progress(request: SignedInRequest, folio: str) -> HttpResponse:
    """Return the part of a campaign's page that its script keeps up to date."""
    campaign = access.campaign_of(request, folio)
    context = {"campaign": campaign, "progress": progress.of_campaign(campaign)}
    return render(request, "campaigns/campaign_page/progress_now.html", context)


@login_required
@require_POST
def send_message(request: SignedInRequest, folio: str) -> HttpResponse:
    """Send a message to those who review, and return to the conversation."""
    campaign = access.campaign_of(request, folio)
    body = request.POST.get("body", "")
    try:
        conversation.write(campaign.pk, body, side=Side.BRAND, by=request.user)
    except CampaignError as error:
        return _page(
            request, campaign, refused_message=body, message_error=error.message, status=422
        )
    messages.success(request, _("Mensaje enviado a quien revisa."))
    response = redirect("portal:campaign", folio=folio)
    response["Location"] += "#conversacion"
    return response


def _page(
    request: SignedInRequest,
    campaign: Campaign,
    *,
    refused_message: str = "",
    message_error: str = "",
    status: int = 200,
) -> HttpResponse:
    state = timeline.context(campaign)
    context = {
        "brand": campaign.brand,
        "nav": "campaigns",
        "campaign": campaign,
        "may_edit": campaign.brand.may_edit(request.user),
        **state,
        **_zone(state["terms"]),
        "noted": sorted(campaign.metadata.items()),
        "progress": progress.of_campaign(campaign),
        "quote": None if campaign.editable else pricing.of_campaign(campaign),
        "planned": _planned(campaign.reservation),
        **versions.context(campaign, request.GET),
        **_conversation(request, campaign),
        "refused_message": refused_message,
        "message_error": message_error,
    }
    return render(request, "campaigns/campaign_page.html", context, status=status)


def _zone(terms: OrderTerms) -> dict[str, Any]:
    """Return the zone as a picture and by state; nothing while it cannot be resolved."""
    area = terms.chosen_area
    try:
        ladas = areas.resolve(area) if area else ()
    except areas.AreaError:
        ladas = ()
    if not ladas:
        return {}
    return {
        "places": gazetteer.group_by_state(ladas),
        "sheet": picture.draw([ladas]),
        "attribution": ATTRIBUTION,
    }


def _planned(reservation: Reservation | None) -> dict[str, Any]:
    """Return what is held or booked by day, as a chart, a sentence and a table."""
    counts = reservation.planned_by_day() if reservation else {}
    if reservation is None or not counts:
        return {}
    kind = "held" if reservation.status == Reservation.Status.HELD else "planned"
    return planned_days.chart_context(counts, kind)


def _conversation(request: SignedInRequest, campaign: Campaign) -> dict[str, Any]:
    """Return the conversation, and mark it as seen by the brand if the person may reply.

    What a script fetches to refresh the page marks nothing.
    """
    lines = conversation.messages_for(campaign, Side.BRAND)
    may_write = conversation.may_write(campaign, Side.BRAND, request.user)
    if may_write and request.headers.get("Sec-Fetch-Dest", "document") == "document":
        conversation.mark_read(campaign, Side.BRAND, lines)
    return {
        "conversation": lines,
        "may_write": may_write,
        "longest_message": Message.MAX_LENGTH,
        "new_messages": sum(line.unread for line in lines),
    }
