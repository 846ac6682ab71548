"""What stops, resumes or ends a campaign that the gateway has: of a locked campaign, by one move.

Whoever makes it, the status, the history, the inventory and the order change alike.
"""

from datetime import timedelta

from django.contrib.auth.models import AbstractUser as User

from campaigns.gateway.contract import DesiredState
from campaigns.lifecycle import paused_days
from campaigns.lifecycle.transitions import move, release, request_state
from campaigns.models import AdOrder, Campaign
from campaigns.moves import MOVES, ORDERED, Status


def pause(campaign: Campaign, name: str, *, by: User, comment: str = "") -> Campaign:
    """Stop appending the text; the inventory stays booked, and each day that passes moves on.

    The pause of a brand that becomes one of staff changes nothing at the gateway.
    """
    was_paused = campaign.status == Status.PAUSED
    move(campaign, name, by=by, comment=comment)
    if not was_paused:
        request_state(campaign, DesiredState.PAUSED)
    return campaign


def resume(campaign: Campaign, name: str, *, by: User, comment: str = "") -> Campaign:
    """Append the text again: it is live if its first day has come, else scheduled.

    One that was paused before the gateway had its order is approved again where the move allows
    it, until the gateway accepts it. The days that have passed in pause are planned again first.
    """
    paused_days.replan(campaign)
    begun = campaign.starts_on is not None and campaign.starts_on <= campaign.today()
    status = Status.LIVE if begun else Status.SCHEDULED
    if Status.APPROVED in MOVES[name].targets and not _gateway_has_order(campaign):
        status = Status.APPROVED
    move(campaign, name, status, by=by, comment=comment)
    request_state(campaign, DesiredState.ACTIVE)
    return campaign


def cancel(campaign: Campaign, name: str, *, by: User, comment: str = "") -> Campaign:
    """End a campaign before its time and release what is not yet frozen at the gateway.

    Past days, today and tomorrow stay booked: they were, or may be, delivered.
    """
    ordered = campaign.status in ORDERED
    move(campaign, name, by=by, comment=comment)
    if ordered:
        release(campaign, from_day=campaign.today() + timedelta(days=2))
        request_state(campaign, DesiredState.CANCELLED)
    else:
        release(campaign)
    return campaign


def _gateway_has_order(campaign: Campaign) -> bool:
    return AdOrder.objects.filter(campaign=campaign, acknowledged_generation__gt=0).exists()
