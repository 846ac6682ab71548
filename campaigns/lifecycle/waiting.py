"""The waiting list: a campaign that found no inventory is offered what frees up, in order.

An offer is a hold like any other, with an expiry: until then the campaign can be
sent as it is and goes to review for certain. Who does not take it in time had its
turn, and may ask again.
"""

from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import readiness
from campaigns.errors import TooLateToWait, TooManyHolds
from campaigns.lifecycle import holds
from campaigns.lifecycle.moves import (
    Ending,
    Status,
    check,
    deadline,
    each,
    lock,
    note,
    release,
    require_editor,
)
from campaigns.models import Campaign, WaitingPlace
from core import advisory_locks
from core.advisory_locks import Key
from core.wake import wake
from inventory import locks
from inventory.errors import InventoryError
from inventory.models import Capacity, CapacityChange, JournalEntry

log = structlog.get_logger(__name__)

LONGEST_ROUND = timedelta(minutes=1)
FREES_UP = (
    JournalEntry.Action.RELEASE,
    JournalEntry.Action.EXPIRE,
    JournalEntry.Action.CHANGE,
)


@transaction.atomic
def join(campaign_id: int, *, by: User) -> Campaign:
    """Give a campaign without inventory the last place in the line; safe to repeat.

    Raises NotAllowed, WrongStatus, or TooLateToWait.
    """
    campaign = lock(campaign_id)
    require_editor(campaign, by)
    check(campaign, "join")
    place = _place_of(campaign)
    if place is not None and _has_lapsed(place, campaign):
        _close(campaign)
    elif place is not None:
        return campaign
    if campaign.starts_on is None or campaign.starts_on < readiness.first_possible_day():
        raise TooLateToWait
    WaitingPlace.objects.create(campaign=campaign, asked_by_id=by.pk)
    _note(campaign, "join", by=by, comment=_("La marca pidió aviso cuando haya lugar."))
    wake("campaigns.tasks.offer_freed")
    return campaign


@transaction.atomic
def leave(campaign_id: int, *, by: User) -> Campaign:
    """Give up a place, and the offer that came with it; safe to repeat.

    Raises NotAllowed or WrongStatus.
    """
    campaign = lock(campaign_id)
    require_editor(campaign, by)
    check(campaign, "leave")
    place = _place_of(campaign)
    if place is not None:
        campaign.waiting_places.end(Ending.LEFT)
        _note(campaign, "leave", by=by, comment=_("La marca dejó la lista."))
        if place.offered_at is not None:
            release(campaign)
    return campaign


def offer_freed() -> int:
    """Offer what freed up to those who wait for it, in order; say how many got an offer.

    The first in the line is tried first. Where it does not fit it keeps its place and
    the next one is tried, so a smaller one behind it may be served before: what frees
    up is sold, not kept idle until there is enough for somebody large. For the same
    reason a campaign that is sent just then may find room before the line does. A place
    whose brand has all the holds it may have is passed over, and keeps its place too.

    A place is tried again only once something has freed up since (`_freed_so_far`).
    One worker is at it at a time, so the order holds; a round that takes long is
    left to the next.
    """
    _close_what_is_over()
    until = timezone.now() + LONGEST_ROUND
    offered, passed = 0, set[int]()
    while timezone.now() < until and (tried := _try_next(passed)) is not None:
        offered += tried
    if offered:
        wake("campaigns.tasks.follow_plan")  # others may have given way
    return offered


@transaction.atomic
def _try_next(passed: set[int]) -> bool | None:
    """Try the first place that is due; None where none is. A place that fails stops no other."""
    place = _first_to_try(passed)
    if place is None:
        return None
    try:
        with transaction.atomic():
            return _try(place, passed)
    except Exception:
        passed.add(place.pk)
        log.exception("place_not_tried", place=place.pk)
        return False


def _first_to_try(passed: set[int]) -> WaitingPlace | None:
    """Give the first place that something may have freed up for, unless a worker is at it."""
    if not advisory_locks.take(Key.WAITING_LIST):
        return None
    in_time = WaitingPlace.objects.in_line().filter(
        campaign__starts_on__gte=readiness.first_possible_day()
    )
    if not in_time.exists():
        return None
    return in_time.exclude(seen=_freed_so_far()).exclude(pk__in=passed).first()


def _try(place: WaitingPlace, passed: set[int]) -> bool:
    """Hold what a place waits for, or note up to where nothing was free for it."""
    rows = Campaign.objects.select_for_update(skip_locked=True, no_key=True)
    campaign = rows.filter(pk=place.campaign_id).first()
    if campaign is None or not _may_be_offered(campaign, place):
        passed.add(place.pk)
        return False
    locks.exclusive()  # what has freed up by now is seen by this try, and the rest comes after it
    freed = _freed_so_far()
    version = campaign.versions.get(number=campaign.version_number)
    try:
        with transaction.atomic():
            campaign.reservation = holds.take(campaign, version, expires_at=_offer_until(campaign))
    except InventoryError:
        place.seen = freed
        place.save(update_fields=["seen"])
        return False
    campaign.save(update_fields=["reservation"])
    place.offered_at = timezone.now()
    place.save(update_fields=["offered_at"])
    _tell(campaign)
    return True


def _may_be_offered(campaign: Campaign, place: WaitingPlace) -> bool:
    """Say whether a place is still in the line, and its brand may have one more hold."""
    if not WaitingPlace.objects.in_line().filter(pk=place.pk).exists():
        return False
    with suppress(TooManyHolds):
        holds.require_room(campaign)
        return True
    return False


def _tell(campaign: Campaign) -> None:
    hold = campaign.reservation
    assert hold is not None and hold.expires_at is not None  # it was just held
    told = _("{quantity} notificaciones apartadas para ti hasta el {until}.").format(
        quantity=intcomma(hold.quantity),
        until=date_format(timezone.localtime(hold.expires_at), "DATETIME_FORMAT"),
    )
    _note(campaign, "offer", comment=told)


def _offer_until(campaign: Campaign) -> datetime:
    """Give an offer its time, but none beyond the last instant at which it can be sent."""
    last = deadline(campaign) - timedelta(hours=settings.LEAD_HOURS)
    return min(timezone.now() + timedelta(hours=settings.OFFER_HOURS), last)


def _freed_so_far() -> str:
    """Name the state of the inventory by what can only have made room since.

    Promises that move change nothing: admission is exact, so what fits does not depend
    on how the promises lie. A name read by one who goes alone is complete: whatever
    frees up later makes another one.
    """
    freed = JournalEntry.objects.filter(action__in=FREES_UP).order_by("-id")
    newest = freed.values_list("id", flat=True).first() or 0
    changes = CapacityChange.objects.filter(status=CapacityChange.Status.APPLIED).count()
    last_day = Capacity.objects.aggregate(last=Max("day"))["last"]
    return f"{newest}/{changes}/{last_day}"


def _close_what_is_over() -> None:
    """End the places whose offer was not taken, and those that cannot be served any more."""
    offered = WaitingPlace.objects.open().filter(
        offered_at__isnull=False, campaign__status=Status.NO_INVENTORY
    )
    late = WaitingPlace.objects.out_of_time(readiness.first_possible_day())
    ids = [
        place.campaign_id
        for place in offered.select_related("campaign__reservation")
        if _has_lapsed(place, place.campaign)
    ]
    each([*ids, *late.values_list("campaign_id", flat=True)], _close)


def _close(campaign: Campaign) -> bool:
    """End a campaign's place where its time is over; the campaign is locked."""
    place = _place_of(campaign)
    if place is None or campaign.status != Status.NO_INVENTORY:
        return False
    if _has_lapsed(place, campaign):
        campaign.waiting_places.end(Ending.LAPSED)
        _note(campaign, "lapse", comment=_("Nadie la envió a tiempo."))
    elif WaitingPlace.objects.out_of_time(readiness.first_possible_day()).filter(pk=place.pk):
        campaign.waiting_places.end(Ending.MISSED)
        _note(campaign, "miss", comment=_("Su primer día ya no se alcanza."))
    else:
        return False
    return True


def _place_of(campaign: Campaign) -> WaitingPlace | None:
    return WaitingPlace.objects.open().filter(campaign=campaign).first()


def _has_lapsed(place: WaitingPlace, campaign: Campaign) -> bool:
    return place.offered_at is not None and campaign.standing_hold is None


def _note(campaign: Campaign, name: str, *, by: User | None = None, comment: str = "") -> None:
    check(campaign, name)
    note(campaign, name, by=by, from_status=campaign.status, comment=comment)
