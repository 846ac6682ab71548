"""The waiting list: a campaign that found no inventory is offered what frees up, in order.

An offer is a hold like any other, with an expiry: until then the campaign can be
sent as it is and goes to review for certain. An offer that is not taken in time ends
the campaign's entry, and its brand may join again.
"""

from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import readiness
from campaigns.errors import TooLargeShare, TooLateToWait, TooManyHolds, TooMuchHeld
from campaigns.lifecycle import holds
from campaigns.lifecycle.transitions import (
    lock_for_move,
    process_each,
    record,
    release,
    require_source,
)
from campaigns.models import Campaign, WaitingListEntry
from campaigns.moves import Status, WaitingEnd
from core import advisory_locks
from core.advisory_locks import Key
from core.languages import stored
from core.wake import wake
from inventory import marks
from inventory.errors import InventoryError

log = structlog.get_logger(__name__)

MAX_ROUND = timedelta(minutes=1)


@transaction.atomic
def join(campaign_id: int, *, by: User) -> Campaign:
    """Add a campaign without inventory to the end of the waiting list; safe to repeat.

    Raises NotAllowed, WrongStatus, or TooLateToWait.
    """
    campaign = lock_for_move(campaign_id, "join", by=by)
    entry = _open_entry(campaign)
    if entry is not None and entry.has_lapsed(campaign):
        _close(campaign)
    elif entry is not None:
        return campaign
    if campaign.starts_on is None or campaign.starts_on < readiness.first_possible_day():
        raise TooLateToWait
    WaitingListEntry.objects.create(campaign=campaign, requested_by_id=by.pk)
    _record(
        campaign,
        "join",
        by=by,
        comment=stored(gettext_lazy("La marca pidió aviso cuando haya lugar.")),
    )
    wake("campaigns.tasks.offer_freed")
    return campaign


@transaction.atomic
def leave(campaign_id: int, *, by: User) -> Campaign:
    """End a campaign's entry and release what it was offered; safe to repeat.

    Raises NotAllowed or WrongStatus.
    """
    campaign = lock_for_move(campaign_id, "leave", by=by)
    entry = _open_entry(campaign)
    if entry is not None:
        campaign.waiting_list_entries.end(WaitingEnd.LEFT)
        _record(campaign, "leave", by=by, comment=stored(gettext_lazy("La marca dejó la lista.")))
        if entry.offered_at is not None:
            release(campaign)
    return campaign


def offer_freed() -> int:
    """Offer the inventory that was freed to those who wait, in order; return how many offers.

    The first in line is tried first. Where it does not fit it keeps its entry and
    the next one is tried, so a smaller one behind it may be served before: what is
    freed is sold, not kept idle until there is enough for a large one. For the same
    reason a campaign that is submitted just then may be held before those in line. An
    entry whose brand has all the holds it may have is skipped, and stays in line too.

    An entry is tried again only once something has been freed since (`inventory.marks`).
    One worker offers at a time, so the order is kept; a round that takes longer than
    `MAX_ROUND` is left to the next.
    """
    _close_ended()
    until = timezone.now() + MAX_ROUND
    offered, skipped = 0, set[int]()
    while timezone.now() < until and (result := _try_next(skipped)) is not None:
        offered += result
    if offered:
        wake("campaigns.tasks.follow_plan")  # allocations of others may have moved
    return offered


@transaction.atomic
def _try_next(skipped: set[int]) -> bool | None:
    """Try the first entry that is due; return whether it got an offer, None where none is due.

    One that fails is logged and skipped, and stops no other.
    """
    entry = _first_due(skipped)
    if entry is None:
        return None
    try:
        with transaction.atomic():
            return _try(entry, skipped)
    except Exception:
        skipped.add(entry.pk)
        log.exception("waiting_list_entry_not_tried", entry=entry.pk)
        return False


def _first_due(skipped: set[int]) -> WaitingListEntry | None:
    """Return the first entry that may fit now; None also while another worker offers."""
    if not advisory_locks.try_acquire(Key.WAITING_LIST):
        return None
    in_time = WaitingListEntry.objects.in_line().filter(
        campaign__starts_on__gte=readiness.first_possible_day()
    )
    if not in_time.exists():
        return None
    due = in_time.exclude(last_inventory_mark=marks.current())
    return due.exclude(pk__in=skipped).first()


def _try(entry: WaitingListEntry, skipped: set[int]) -> bool:
    """Hold what an entry waits for and offer it, or mark the inventory in which it did not fit."""
    rows = Campaign.objects.select_for_update(skip_locked=True, no_key=True)
    campaign = rows.filter(pk=entry.campaign_id).first()
    if campaign is None or not _may_be_offered(campaign, entry):
        skipped.add(entry.pk)
        return False
    mark = marks.complete()  # what is freed until now is in this try
    version = campaign.versions.get(number=campaign.version_number)
    try:
        with transaction.atomic():
            campaign.reservation = holds.hold(campaign, version, expires_at=_offer_expiry(campaign))
    except InventoryError:
        entry.last_inventory_mark = mark
        entry.save(update_fields=["last_inventory_mark"])
        return False
    campaign.save(update_fields=["reservation"])
    entry.offered_at = timezone.now()
    entry.save(update_fields=["offered_at"])
    _record_offer(campaign)
    return True


def _may_be_offered(campaign: Campaign, entry: WaitingListEntry) -> bool:
    """Return whether an entry is still in line and its brand may have one more hold."""
    if not WaitingListEntry.objects.in_line().filter(pk=entry.pk).exists():
        return False
    with suppress(TooManyHolds, TooMuchHeld, TooLargeShare):
        holds.require_free_hold(campaign)
        return True
    return False


def _record_offer(campaign: Campaign) -> None:
    hold = campaign.reservation
    assert hold is not None and hold.expires_at is not None  # it was just held
    comment = _("{quantity} notificaciones apartadas para ti hasta el {until}.").format(
        quantity=intcomma(hold.quantity),
        until=date_format(timezone.localtime(hold.expires_at), "DATETIME_FORMAT"),
    )
    _record(campaign, "offer", comment=comment)


def _offer_expiry(campaign: Campaign) -> datetime:
    """Return when an offer expires: never after the last instant at which it can be sent."""
    assert campaign.airs_at is not None  # it has been sent
    last = campaign.airs_at - timedelta(hours=settings.LEAD_HOURS)
    return min(timezone.now() + timedelta(hours=settings.OFFER_HOURS), last)


def _close_ended() -> None:
    """End the entries whose offer was not taken, and those that cannot be served any more."""
    offered = WaitingListEntry.objects.open().filter(
        offered_at__isnull=False, campaign__status=Status.NO_INVENTORY
    )
    late = WaitingListEntry.objects.out_of_time(readiness.first_possible_day())
    lapsed = [
        entry.campaign_id
        for entry in offered.select_related("campaign__reservation")
        if entry.has_lapsed(entry.campaign)
    ]
    process_each([*lapsed, *late.values_list("campaign_id", flat=True)], _close)


def _close(campaign: Campaign) -> bool:
    """End a locked campaign's entry if its time is over; return whether it was."""
    entry = _open_entry(campaign)
    if entry is None or campaign.status != Status.NO_INVENTORY:
        return False
    if entry.has_lapsed(campaign):
        campaign.waiting_list_entries.end(WaitingEnd.LAPSED)
        _record(campaign, "lapse", comment=_("Nadie la envió a tiempo."))
    elif WaitingListEntry.objects.out_of_time(readiness.first_possible_day()).filter(pk=entry.pk):
        campaign.waiting_list_entries.end(WaitingEnd.MISSED)
        _record(campaign, "miss", comment=_("Su primer día ya no se alcanza."))
    else:
        return False
    return True


def _open_entry(campaign: Campaign) -> WaitingListEntry | None:
    return campaign.waiting_list_entries.open().first()


def _record(campaign: Campaign, name: str, *, by: User | None = None, comment: str = "") -> None:
    require_source(campaign, name)
    record(campaign, name, by=by, from_status=campaign.status, comment=comment)
