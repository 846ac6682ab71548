"""What workers and the clock do. Each campaign in a transaction of its own, safe to repeat."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.gateway.contract import DesiredState
from campaigns.lifecycle import holds
from campaigns.lifecycle.moves import (
    AT_GATEWAY,
    Status,
    deadline,
    each,
    lock,
    move,
    release,
    restate,
)
from campaigns.models import AdOrder, Campaign
from core.wake import wake
from inventory.errors import InventoryError


def hold_submitted() -> int:
    """Hold the inventory of the campaigns that wait for it, the oldest first; say how many.

    The row's lock is the claim: a worker that dies gives it up with its connection,
    and nothing of its half-done work remains.
    """
    waiting = Campaign.objects.filter(status=Status.RESERVING).order_by("status_at", "id")
    held = each(waiting.values_list("id", flat=True), _hold)
    if held:
        wake("campaigns.tasks.follow_plan")  # others may have given way
    return held


def follow_plan() -> int:
    """Let the gateway learn the daily goals that changed since it got them; say of how many orders.

    Promises are moved aside by whoever needs their place: another campaign's hold, a
    change of capacity. Their allocation's revision tells, whoever it was. Safe to
    repeat: a move and its way back come to nothing.
    """
    behind = AdOrder.objects.behind_plan().order_by("campaign_id")
    return each(behind.values_list("campaign_id", flat=True), _follow_plan)


@transaction.atomic
def schedule(campaign_id: int) -> None:
    """Note that the gateway holds the order of an approved campaign; safe to repeat."""
    campaign = lock(campaign_id)
    if campaign.status == Status.APPROVED:
        move(campaign, "schedule")


def turn_clock(now: datetime | None = None) -> int:
    """Start, finish and expire what the clock says, each in its own transaction; say how many."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    due = [
        *_due(Status.SCHEDULED, starts_on__lte=today),
        *_due(Status.LIVE, Status.PAUSED, Status.APPROVED, ends_on__lt=today),
        *_due(Status.RESERVING, Status.IN_REVIEW, starts_on__lte=today),
    ]
    return each(due, partial(_turn, today=today))


def _due(*statuses: Status, **when: date) -> Iterable[int]:
    rows = Campaign.objects.filter(status__in=statuses, **when).order_by("id")
    return rows.values_list("id", flat=True)


def _turn(campaign: Campaign, today: date) -> bool:
    """Make the one move that the clock asks of a campaign, as it is under its lock."""
    assert campaign.starts_on and campaign.ends_on  # the database keeps it
    begun, over = campaign.starts_on <= today, campaign.ends_on < today
    if over and campaign.status in AT_GATEWAY:
        move(campaign, "finish")
    elif begun and campaign.status == Status.SCHEDULED:
        move(campaign, "start")
    elif over and campaign.status == Status.APPROVED:
        move(campaign, "expire", comment=_("La plataforma de entrega no la aceptó a tiempo."))
        release(campaign)
        restate(campaign, DesiredState.CANCELLED)
    elif begun and campaign.status in (Status.RESERVING, Status.IN_REVIEW):
        move(campaign, "expire", comment=_("Llegó su primer día sin que se decidiera."))
        release(campaign)
    else:
        return False
    return True


def _hold(campaign: Campaign) -> bool:
    """Hold the latest version's inventory, or say why it cannot be; the row is locked."""
    if campaign.status != Status.RESERVING:
        return False
    version = campaign.versions.get(number=campaign.version_number)
    if deadline(campaign) <= timezone.now():
        move(campaign, "expire", comment=_("Llegó su primer día sin que se decidiera."))
        release(campaign)
        return True
    try:
        with transaction.atomic():
            reservation = holds.take(campaign, version, expires_at=deadline(campaign))
    except InventoryError as error:
        move(campaign, "decline", comment=error.message)
        return True
    campaign.reservation = reservation
    campaign.save(update_fields=["reservation"])
    move(campaign, "hold")
    return True


def _follow_plan(campaign: Campaign) -> bool:
    if campaign.status not in Campaign.ORDERED:
        return False
    changed = AdOrder.objects.follow_plan(campaign)
    if changed:
        wake("campaigns.tasks.send_due")
    return changed
