"""What workers and the clock do. Each campaign in a transaction of its own, safe to repeat."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.gateway.contract import DesiredState
from campaigns.lifecycle.moves import AT_GATEWAY, Status, deadline, lock, move, release, restate
from campaigns.models import Campaign, Version
from inventory import reservations
from inventory.errors import HoldExpired, InventoryError, NotHeld

log = structlog.get_logger(__name__)


def hold_submitted() -> int:
    """Hold the inventory of the campaigns that wait for it, the oldest first; say how many.

    The row's lock is the claim: a worker that dies gives it up with its connection,
    and nothing of its half-done work remains.
    """
    waiting = Campaign.objects.filter(status=Status.RESERVING).order_by("status_at", "id")
    return _each(waiting.values_list("id", flat=True), _hold)


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
    return _each(due, partial(_turn, today=today))


def _due(*statuses: Status, **when: date) -> Iterable[int]:
    rows = Campaign.objects.filter(status__in=statuses, **when).order_by("id")
    return rows.values_list("id", flat=True)


def _each(ids: Iterable[int], act: Callable[[Campaign], bool]) -> int:
    """Act on each campaign that nobody else is busy with; one that fails stops no other."""
    done = 0
    for campaign_id in ids:
        try:
            with transaction.atomic():
                rows = Campaign.objects.select_for_update(skip_locked=True, no_key=True)
                campaign = rows.filter(pk=campaign_id).first()
                done += campaign is not None and act(campaign)
        except Exception:
            log.exception("campaign_not_moved", campaign=campaign_id)
    return done


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
            campaign.reservation_id = _held_for(campaign, version)
    except InventoryError as error:
        move(campaign, "decline", comment=error.message)
        return True
    campaign.save(update_fields=["reservation"])
    move(campaign, "hold")
    return True


def _held_for(campaign: Campaign, version: Version) -> int:
    """Hold what a version asks, by changing what the one before may still hold."""
    assert version.starts_on and version.ends_on and version.volume  # the database keeps it
    terms: dict[str, Any] = {
        "quantity": version.volume,
        "ladas": version.ladas,
        "starts_on": version.starts_on,
        "ends_on": version.ends_on,
        "daily_cap": version.daily_cap,
        "expires_at": deadline(campaign),
    }
    if campaign.reservation_id is not None:
        with suppress(HoldExpired, NotHeld):
            return reservations.change(campaign.reservation_id, **terms).pk
    return reservations.hold(reference=campaign.folio, **terms).pk
