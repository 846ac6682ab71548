"""The hours of a sandbox brand: what its campaigns planned, counted as the gateway would report it.

The same name, day and plan give the same counts. Counts are notifications.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import Sum
from django.utils import timezone

from campaigns.gateway.events import FINAL_AFTER_HOURS, MAX_ROWS, HourlyCounts, HourlyRow
from campaigns.models import AdOrder, Brand, Campaign, DayCount, HourCount, LinkHour
from campaigns.models.reports import Counts as CountColumns
from campaigns.moves import Status
from campaigns.reports import day_totals, hour_counts, hours, upserts
from campaigns.reports.delivery import DAY, HOUR, midnight
from inventory.planning.flow import Counts

# By hour of the channel day, in thousandths of it: an assumption, as that of the sandbox gateway.
HOUR_CURVE = (
    *(9, 5, 4, 3, 4, 8, 18, 34, 48, 57, 62, 64),
    *(64, 63, 61, 60, 61, 64, 67, 66, 60, 51, 42, 25),
)
REVISIONS = (timedelta(), timedelta(hours=24), timedelta(hours=FINAL_AFTER_HOURS))
"""The age of an hour, from its end, at which each of its revisions is there."""
KNOWN = (85, 98, 100)
"""The receipts that each revision has, in percent."""
DELIVERED, FAILED = range(930, 970), 25
"""Of a thousand insertions, in the end; the others have no receipt."""
CLICKS = 12
"""Of a thousand delivered."""


class DayPattern(NamedTuple):
    """How a campaign's day goes: the sum of its shares before each hour, and what is delivered."""

    before: Counts  # (25,)
    delivered: Counts  # (24,), of a thousand

    @classmethod
    def of(cls, campaign: Campaign, day: date) -> "DayPattern":
        """Return the pattern, which depends on nothing but the campaign's name and the day."""
        rng = np.random.default_rng(zlib.crc32(f"{campaign.name} {day}".encode()))
        shares = np.array(HOUR_CURVE) * rng.integers(900, 1_100, 24)
        return cls(np.concatenate([[0], shares.cumsum()]), rng.choice(DELIVERED, 24))

    def inserted(self, planned: Counts, number: int) -> Counts:
        """Return what of a day's plan, (L,), falls in one of its hours. All hours add up to it."""
        first, last = (planned * self.before[n] // self.before[-1] for n in (number, number + 1))
        difference: Counts = last - first
        return difference


def write(brand: Brand, since: datetime, until: datetime) -> None:
    """Count what the clock passed from a moment to another; in a transaction.

    An hour counts for the campaigns that are live when it ends. Later revisions have the receipts
    that came in the meantime.
    """
    orders = {
        order.pk: order
        for order in AdOrder.objects.filter(campaign__brand=brand).select_related(
            "campaign__reservation__allocation"
        )
    }
    parts: dict[datetime, list[HourlyRow]] = defaultdict(list)
    revisions = {
        hour: (revision(hour, since), revision(hour, until))
        for hour in _hours(orders.values(), since, until)
    }
    changed = {hour: new for hour, (old, new) in revisions.items() if new > old}
    if not changed:
        return
    first_counts = [hour for hour in changed if revisions[hour][0] == 0]
    for order in orders.values():
        for hour in first_counts:
            parts[hour] += _first_rows(order, hour, changed[hour])
    for hour, rows in _later_rows(orders, changed, set(first_counts)):
        parts[hour] += rows
    known = {str(pk): pk for pk in orders}
    stream = hours.stream_of(brand)
    every = [
        part for hour in sorted(changed) for part in _parts(hour, revisions[hour], parts[hour])
    ]
    touched = hour_counts.write(every, known, stream, until)
    for day in sorted({day for _order, day in touched}):
        own = [order for order, on in touched if on == day]
        day_totals.compute(day, own, day_totals.next_moment())
    _write_progress(orders, until)


def revision(hour: datetime, now: datetime) -> int:
    """Return the newest revision of an hour that is there at a moment; 0 before its end."""
    return sum(hour + HOUR + age <= now for age in REVISIONS)


def _hours(orders: Iterable[AdOrder], since: datetime, until: datetime) -> list[datetime]:
    """Return the hours of the orders' channel days whose revision may change, sorted."""
    first = since - REVISIONS[-1] - 2 * HOUR
    found = set[datetime]()
    for order in orders:
        campaign = order.campaign
        assert campaign.starts_on and campaign.ends_on  # it was approved
        hour = max(midnight(campaign.starts_on), first.replace(minute=0, second=0, microsecond=0))
        while hour < min(midnight(campaign.ends_on + DAY), until):
            found.add(hour)
            hour += HOUR
    return sorted(found)


def _first_rows(order: AdOrder, hour: datetime, revision: int) -> Iterator[HourlyRow]:
    campaign, local = order.campaign, timezone.localtime(hour)
    assert campaign.starts_on and campaign.ends_on and campaign.reservation  # it was approved
    if campaign.status != Status.LIVE or not campaign.starts_on <= local.date() <= campaign.ends_on:
        return
    by_lada = campaign.reservation.planned_by_lada(local.date())
    pattern = DayPattern.of(campaign, local.date())
    planned = np.array(list(by_lada.values()), dtype=np.int64)
    inserted = pattern.inserted(planned, local.hour)
    rows = list(_rows(order, list(by_lada), inserted, pattern, local.hour, revision))
    _click(campaign, hour, int(inserted.sum() * pattern.delivered[local.hour]) // 1_000)
    yield from rows


def _rows(
    order: AdOrder,
    ladas: Sequence[str],
    inserted: Counts,
    pattern: DayPattern,
    number: int,
    revision: int,
) -> Iterator[HourlyRow]:
    """Yield the counts of an hour by LADA, with the receipts of a revision."""
    delivered = inserted * pattern.delivered[number] // 1_000
    failed = inserted * FAILED // 1_000
    no_receipt = inserted - delivered - failed if revision == len(REVISIONS) else 0 * inserted
    percent = KNOWN[revision - 1]
    for lada, *counts in zip(
        ladas,
        inserted.tolist(),
        (delivered * percent // 100).tolist(),
        (failed * percent // 100).tolist(),
        no_receipt.tolist(),
        strict=True,
    ):
        if counts[0]:
            names = ("inserted", "delivered", "failed", "no_receipt")
            row = dict(zip(names, counts, strict=True))
            yield HourlyRow.model_construct(ad_order_id=str(order.pk), lada=lada, **row)


def _later_rows(
    orders: dict[UUID, AdOrder], changed: dict[datetime, int], first_counts: set[datetime]
) -> Iterator[tuple[datetime, list[HourlyRow]]]:
    """Yield the counts that are there, with the receipts that came since."""
    again = [hour for hour in changed if hour not in first_counts]
    if not again:
        return
    rows = HourCount.objects.filter(
        ad_order__in=list(orders), hour__gte=min(again), hour__lte=max(again), hour__in=again
    )
    counted: dict[tuple[UUID, datetime], list[tuple[str, int]]] = defaultdict(list)
    for pk, hour, lada, inserted in rows.values_list("ad_order", "hour", "lada", "inserted"):
        counted[pk, hour].append((lada, inserted))
    for (pk, hour), cells in counted.items():
        order, local = orders[pk], timezone.localtime(hour)
        pattern = DayPattern.of(order.campaign, local.date())
        counts = np.array([count for _lada, count in cells], dtype=np.int64)
        ladas = [lada for lada, _count in cells]
        yield hour, list(_rows(order, ladas, counts, pattern, local.hour, changed[hour]))


def _parts(
    hour: datetime, revisions: tuple[int, int], rows: Sequence[HourlyRow]
) -> Iterator[HourlyCounts]:
    """Yield the events of an hour: those of revisions that were passed over have no rows."""
    old, new = revisions
    for number in range(old + 1, new):
        yield _part(hour, number, 1, 1, ())
    count = max(-(-len(rows) // MAX_ROWS), 1)
    for part in range(count):
        yield _part(hour, new, part + 1, count, rows[part * MAX_ROWS : (part + 1) * MAX_ROWS])


def _part(
    hour: datetime, revision: int, part: int, parts: int, rows: Sequence[HourlyRow]
) -> HourlyCounts:
    return HourlyCounts.model_construct(
        hour_start=hour,
        revision=revision,
        final=revision == len(REVISIONS),
        part=part,
        parts=parts,
        rows=tuple(rows),
    )


def _click(campaign: Campaign, hour: datetime, delivered: int) -> None:
    """Count clicks on its link, if it has one: of people, as nobody really follows it."""
    if campaign.destination and (link := getattr(campaign, "link", None)):
        count = delivered * CLICKS // 1_000
        if count:
            LinkHour.objects.add({(link.pk, hour, LinkHour.Kind.PEOPLE): count})


def _write_progress(orders: Iterable[UUID], at: datetime) -> None:
    """Write the counts since the beginning of each order that has any."""
    names = [field.name for field in CountColumns._meta.get_fields()]
    sums = DayCount.objects.filter(ad_order__in=list(orders)).order_by().values_list("ad_order")
    upserts.upsert(
        upserts.PROGRESS,
        ((pk, at, *counts) for pk, *counts in sums.annotate(*(Sum(name) for name in names))),
    )
