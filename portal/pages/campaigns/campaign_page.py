"""The page of one campaign: where it is, what it asks, its versions, the talk about it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns import conversation
from campaigns.conversation import Side
from campaigns.errors import CampaignError
from campaigns.models import Campaign, Message
from inventory.models import Reservation
from portal.accounts import access
from portal.pages.campaigns import timeline, versions
from portal.pages.wizard import planned_days
from segments import areas, gazetteer, picture
from segments.catalogue import ATTRIBUTION


@login_required
@require_safe
def campaign_page(request: HttpRequest, folio: str) -> HttpResponse:
    """Show a campaign: where it is, who has it, what comes next, and all that happened."""
    campaign = access.campaign_of(request, folio)
    access.remember(request, campaign.brand)
    return _page(request, campaign)


@login_required
@require_POST
def send_message(request: HttpRequest, folio: str) -> HttpResponse:
    """Say something to those who review, and come back to the conversation."""
    campaign = access.campaign_of(request, folio)
    body = request.POST.get("body", "")
    try:
        conversation.write(campaign.pk, body, side=Side.BRAND, by=request.user)
    except CampaignError as error:
        return _page(request, campaign, unsaid=body, talk_error=error.message, status=422)
    messages.success(request, _("Mensaje enviado a quien revisa."))
    there = redirect("portal:campaign", folio=folio)
    there["Location"] += "#conversacion"
    return there


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    unsaid: str = "",
    talk_error: str = "",
    status: int = 200,
) -> HttpResponse:
    told = timeline.of(campaign)
    context = {
        "brand": campaign.brand,
        "nav": "campaigns",
        "campaign": campaign,
        "may_edit": campaign.brand.may_edit(request.user),
        **told,
        **_where(told["shown"]),
        "planned": _planned(campaign.reservation),
        **versions.of(campaign, request.GET),
        **_talk(request, campaign),
        "unsaid": unsaid,
        "talk_error": talk_error,
    }
    return render(request, "campaigns/campaign_page.html", context, status=status)


def _where(shown: Any) -> dict[str, Any]:
    """Give the zone as a picture and by state; nothing while it cannot be resolved."""
    area = shown.chosen_area
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
    """Give what is held or booked by day: a chart, the same in a sentence and in a table."""
    counts = reservation.planned_by_day() if reservation else {}
    if reservation is None or not counts:
        return {}
    kind = "held" if reservation.status == Reservation.Status.HELD else "planned"
    return planned_days.chart_context(counts, kind)


def _talk(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    """Give the conversation; what somebody of the brand who may answer sees has been seen.

    Not so what a script fetches to see whether the page is still true.
    """
    lines = conversation.read(campaign, Side.BRAND)
    may_write = conversation.may_write(campaign, Side.BRAND, request.user)
    if may_write and request.headers.get("Sec-Fetch-Dest", "document") == "document":
        conversation.mark_seen(campaign, Side.BRAND, lines)
    return {
        "talk": lines,
        "may_talk": may_write,
        "talk_most": Message.MOST,
        "unread": sum(line.unread for line in lines),
    }
