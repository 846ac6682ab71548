"""Totals of channel days and of hours, computed from the hours of marked days; never incremented.

A day has a total in each LADA, an hour one of all LADAs together.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.models import CountedDay, MarkedDay
from campaigns.reports.content import ZONE
from core import advisory_locks
from core.advisory_locks import Key

MAX_MARKS = 500  # in one transaction: some 100 LADAs × 24 hours each

_DAYS = """
    INSERT INTO campaigns_daycount AS old
        (ad_order, day, lada, inserted, delivered, failed, no_receipt)
    SELECT ad_order, %(day)s::date, lada,
        sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM campaigns_hourcount
    WHERE ad_order = ANY(%(orders)s) AND hour >= %(start)s AND hour < %(end)s
    GROUP BY ad_order, lada
    ON CONFLICT (ad_order, day, lada) DO UPDATE SET
        inserted = excluded.inserted, delivered = excluded.delivered,
        failed = excluded.failed, no_receipt = excluded.no_receipt
    WHERE (old.inserted, old.delivered, old.failed, old.no_receipt) IS DISTINCT FROM
        (excluded.inserted, excluded.delivered, excluded.failed, excluded.no_receipt)
"""

_HOURS = """
    INSERT INTO campaigns_hourtotal AS old
        (ad_order, hour, inserted, delivered, failed, no_receipt)
    SELECT ad_order, hour, sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM campaigns_hourcount
    WHERE ad_order = ANY(%(orders)s) AND hour >= %(start)s AND hour < %(end)s
    GROUP BY ad_order, hour
    ON CONFLICT (ad_order, hour) DO UPDATE SET
        inserted = excluded.inserted, delivered = excluded.delivered,
        failed = excluded.failed, no_receipt = excluded.no_receipt
    WHERE (old.inserted, old.delivered, old.failed, old.no_receipt) IS DISTINCT FROM
        (excluded.inserted, excluded.delivered, excluded.failed, excluded.no_receipt)
"""

_COUNTED = """
    INSERT INTO campaigns_countedday (ad_order, day, changed_at)
    SELECT DISTINCT ad_order, day, %(moment)s::timestamptz FROM campaigns_daycount
    WHERE ad_order = ANY(%(orders)s) AND day = %(day)s::date
    ON CONFLICT (ad_order, day) DO UPDATE SET changed_at = excluded.changed_at
"""


def mark(pairs: Iterable[tuple[UUID, date]]) -> None:
    """Mark channel days of orders whose hours have changed, in the transaction of the change."""
    rows = [MarkedDay(ad_order=order, day=day) for order, day in sorted(pairs)]
    MarkedDay.objects.bulk_create(rows, ignore_conflicts=True)


def compute_marked() -> None:
    """Compute the totals of all marked days, unless another worker does."""
    while _compute_some():
        pass


@transaction.atomic
def _compute_some() -> bool:
    """Compute some totals; return whether there may be more."""
    if not advisory_locks.try_acquire(Key.REPORTS):
        return False
    marks = MarkedDay.objects.order_by("day", "ad_order").values_list("day", "ad_order")
    found = list(marks[:MAX_MARKS])
    moment = next_moment()
    for day, pairs in groupby(found, key=lambda pair: pair[0]):
        compute(day, [order for _day, order in pairs], moment)
    return bool(found)


def next_moment() -> datetime:
    """Return the moment of a change of counted days: later than that of any change before.

    The caller holds the lock Key.REPORTS until its transaction ends, or another one that is
    waited for by whoever changes these orders.
    """
    last = CountedDay.objects.aggregate(last=Max("changed_at"))["last"]
    now = timezone.now()
    return max(now, last + timedelta(microseconds=1)) if last else now


def compute(day: date, orders: Collection[UUID], moment: datetime) -> None:
    """Compute the totals of a channel day of orders, which nobody else computes meanwhile."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    end = start + timedelta(days=1)  # by the wall clock
    values: dict[str, Any] = {
        "day": day,
        "orders": list(orders),
        "start": start,
        "end": end,
        "moment": moment,
    }
    with connection.cursor() as cursor:
        for statement in (_DAYS, _HOURS, _COUNTED):
            cursor.execute(statement, values)
    MarkedDay.objects.filter(day=day, ad_order__in=orders).delete()
