"""The moves that workers make: each campaign in a transaction of its own, safe to repeat."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.gateway.contract import DesiredState
from campaigns.lifecycle import holds
from campaigns.lifecycle.transitions import (
    deadline,
    lock,
    move,
    process_each,
    release,
    request_state,
)
from campaigns.models import AdOrder, Campaign
from campaigns.moves import MOVES, ORDERED, UNDECIDED, Status
from core.wake import wake
from inventory.errors import InventoryError


def hold_submitted() -> int:
    """Hold the inventory of submitted campaigns, the oldest first; return how many were handled.

    The row's lock is the claim: a worker that dies releases it with its connection,
    and its unfinished work is rolled back. Those of a suspended brand wait for it.
    """
    submitted = Campaign.objects.filter(status=Status.RESERVING, brand__active=True)
    submitted = submitted.order_by("status_at", "id")
    handled = process_each(submitted.values_list("id", flat=True), _hold)
    if handled:
        wake("campaigns.tasks.follow_plan")  # allocations of others may have moved
    return handled


def follow_plan() -> int:
    """Send the gateway the daily goals that the plan has changed; return the number of orders.

    Allocations are moved by whoever needs their cells: another campaign's hold, a
    change of capacity. The revision of the allocation shows it, whoever it was. Safe to
    repeat: a move that was undone since sends nothing.
    """
    behind = AdOrder.objects.behind_plan().order_by("campaign_id")
    return process_each(behind.values_list("campaign_id", flat=True), _follow_plan)


@transaction.atomic
def schedule(campaign_id: int) -> None:
    """Record that the gateway holds the order of an approved campaign; safe to repeat."""
    campaign = lock(campaign_id)
    if campaign.status == Status.APPROVED:
        move(campaign, "schedule")


def advance_due(now: datetime | None = None) -> int:
    """Start, finish and expire the campaigns whose day has come; return how many."""
    today = timezone.localdate(now or timezone.now())
    due = [
        *_due(MOVES["start"].sources, starts_on__lte=today),
        *_due(ORDERED, ends_on__lt=today),
        *_due(UNDECIDED, starts_on__lte=today),
    ]
    return process_each(dict.fromkeys(due), partial(_advance, today=today))


def _due(statuses: frozenset[Status], **days: date) -> Iterable[int]:
    rows = Campaign.objects.filter(status__in=statuses, **days).order_by("id")
    return rows.values_list("id", flat=True)


def _advance(campaign: Campaign, today: date) -> bool:
    """Make the one move that is due of a locked campaign; return whether there was one."""
    assert campaign.starts_on and campaign.ends_on  # the database keeps it
    begun, over = campaign.starts_on <= today, campaign.ends_on < today
    if over and campaign.status in MOVES["finish"].sources:
        move(campaign, "finish")
    elif begun and campaign.status in MOVES["start"].sources:
        move(campaign, "start")
    elif over and campaign.status == Status.APPROVED:
        move(campaign, "expire", comment=_("La plataforma de entrega no la aceptó a tiempo."))
        release(campaign)
        request_state(campaign, DesiredState.CANCELLED)
    elif begun and campaign.status in UNDECIDED:
        _expire_undecided(campaign)
    else:
        return False
    return True


def _expire_undecided(campaign: Campaign) -> None:
    move(campaign, "expire", comment=_("Llegó su primer día sin que se decidiera."))
    release(campaign)


def _hold(campaign: Campaign) -> bool:
    """Hold the inventory of a locked campaign's latest version, or decline or expire it."""
    if campaign.status != Status.RESERVING:
        return False
    version = campaign.versions.get(number=campaign.version_number)
    if deadline(campaign) <= timezone.now():
        _expire_undecided(campaign)
        return True
    try:
        with transaction.atomic():
            reservation = holds.hold(campaign, version, expires_at=holds.expiry(campaign))
    except InventoryError as error:
        move(campaign, "decline", comment=error.message)
        return True
    campaign.reservation = reservation
    campaign.save(update_fields=["reservation"])
    move(campaign, "hold")
    return True


def _follow_plan(campaign: Campaign) -> bool:
    if campaign.status not in ORDERED:
        return False
    changed = AdOrder.objects.follow_plan(campaign)
    if changed:
        wake("campaigns.tasks.send_due")
    return changed
