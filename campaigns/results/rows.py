"""The blocks of many campaigns one after the other, from any of them on, with their finality.

The order is by campaign, day, hour and place, so that a reader goes on after a row by its key while
counts come in. A day is read again whole where it has changed: which cells of it are merged may
have changed as well (ADR 43).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import groupby, islice
from typing import NamedTuple
from uuid import UUID

from django.db.models import Max, QuerySet

from campaigns.models import AdOrder, Campaign, CountedDay
from campaigns.results import blocks
from campaigns.results.blocks import Block, Grain
from campaigns.results.counts import Counts, Place
from segments import gazetteer

LAST_HOUR = datetime.max.replace(tzinfo=UTC)  # several hours together come last
Days = dict[tuple[int, date], tuple[datetime, datetime | None]]  # changed at, final at


class Window(NamedTuple):
    """Which rows are read: of which channel days, by which grain, and changed after when."""

    grain: Grain = Grain.DAY
    first: date | None = None
    last: date | None = None
    changed_after: datetime | None = None


class Key(NamedTuple):
    """The key of a row, as that of a block."""

    campaign: int
    day: date
    hour: datetime | None = None
    place: Place | None = None


class Row(NamedTuple):
    """A block with its campaign, and with what holds of its whole day.

    `as_of` is when the counts of the day changed, `final_at` since when they are final.
    """

    campaign: Campaign
    key: Key
    counts: Counts
    is_merged: bool
    as_of: datetime
    final_at: datetime | None


def newest_change() -> datetime | None:
    """Return the moment of the newest change of any counts; what changes next is later."""
    found: datetime | None = CountedDay.objects.aggregate(newest=Max("changed_at"))["newest"]
    return found


def read(
    campaigns: QuerySet[Campaign], window: Window, after: Key | None, size: int
) -> Iterator[Row]:
    """Yield the rows of campaigns that follow the one with a key, or all of them.

    Rows are read as they are taken; `size` is about how many will be.
    """
    orders = AdOrder.objects.filter(campaign__in=campaigns.order_by().values("pk"))
    if after:
        orders = orders.filter(campaign__gte=after.campaign)
    campaign_of = dict(orders.order_by("campaign_id").values_list("pk", "campaign_id"))
    days = _days(campaign_of, window, after, size)
    while some := dict(islice(days, _days_at_once(window.grain, size))):
        yield from _rows(some, window.grain, after)


def _days(
    campaign_of: Mapping[UUID, int], window: Window, after: Key | None, size: int
) -> Iterator[tuple[tuple[int, date], tuple[datetime, datetime | None]]]:
    """Yield the days of a window in order, from that of a key on; read for some orders at a time.

    `campaign_of` is sorted by campaign.
    """
    orders = iter(campaign_of)
    bounds = {
        "day__gte": window.first,
        "day__lte": window.last,
        "changed_at__gt": window.changed_after,
    }
    wanted = {lookup: value for lookup, value in bounds.items() if value is not None}
    while some := list(islice(orders, size)):
        rows = CountedDay.objects.filter(ad_order__in=some, **wanted)
        found = sorted(
            ((campaign_of[order], day), (changed_at, final_at))
            for order, day, changed_at, final_at in rows.values_list(
                "ad_order", "day", "changed_at", "final_at"
            )
        )
        yield from (day for day in found if after is None or day[0] >= after[:2])
        size *= 2


def _days_at_once(grain: Grain, size: int) -> int:
    """Return of how many days the blocks are read together, where about `size` are taken."""
    if grain == Grain.HOUR_LADA:
        return 1
    return size if grain == Grain.DAY else 1 + size // 8


def _rows(days: Days, grain: Grain, after: Key | None) -> Iterator[Row]:
    campaigns = Campaign.objects.in_bulk({campaign for campaign, _day in days})
    first, last = min(day for _campaign, day in days), max(day for _campaign, day in days)
    states = {state: number for number, state in enumerate(gazetteer.current().states)}
    found = blocks.read(list(campaigns.values()), first, last, grain)
    for key, same in groupby(found, key=_key):
        known = days.get((key.campaign, key.day))
        if known is None or (after and _position(key, states) <= _position(after, states)):
            continue
        counts = Counts()
        for block in same:  # more than one only of LADAs that the catalogue lacks
            counts = counts.plus(block.counts)
        changed_at, final_at = known
        merged = _is_merged(key, grain)
        yield Row(campaigns[key.campaign], key, counts, merged, changed_at, final_at)


def _key(block: Block) -> Key:
    return Key(block.campaign, block.day, block.hour, block.place)


def _position(key: Key, states: Mapping[str, int]) -> tuple[object, ...]:
    """Return what rows are sorted by, as `blocks.read` does."""
    state, lada = key.place or Place()
    place = (states.get(state, len(states)), not lada, lada)
    return (key.campaign, key.day, key.hour or LAST_HOUR, *place)


def _is_merged(key: Key, grain: Grain) -> bool:
    """Return whether a row stands for several hours or places that are not given alone."""
    if grain.has_hours and key.hour is None:
        return True
    return key.place is not None and not (
        key.place.state if grain == Grain.DAY_STATE else key.place.lada
    )
