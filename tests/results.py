"""Counts of campaigns for tests, put into the tables by the code that applies reports."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from campaigns.models import AdOrder, Campaign, HourCount, HourTotal, OrderCount
from campaigns.reports import day_totals, partitions, upserts
from campaigns.results.counts import Counts
from tests.counts import HOUR, at

COUNTS = ("inserted", "delivered", "failed", "no_receipt")


def put_counts(
    campaign: Campaign, counts: Mapping[tuple[datetime, str], Counts], *, revision: int = 1
) -> None:
    """Put counts of (hour, LADA) into the tables of reports, with all totals."""
    order = AdOrder.objects.get(campaign=campaign).pk
    partitions.ensure({hour for hour, _lada in counts})
    with transaction.atomic():
        rows = [(order, hour, lada, revision, *each) for (hour, lada), each in counts.items()]
        upserts.upsert(upserts.HOURS, rows)
        day_totals.mark({(order, timezone.localdate(hour)) for hour, _lada in counts})
    day_totals.compute_marked()
    total, newest = Counts(), min(hour for hour, _lada in counts)
    for hour, *each in HourCount.objects.filter(ad_order=order).values_list("hour", *COUNTS):
        total, newest = total.plus(each), max(newest, hour)
    defaults = {"as_of": newest + HOUR, **total._asdict()}
    OrderCount.objects.update_or_create(ad_order=order, defaults=defaults)


def fill(campaign: Campaign, first: date, last: date, *, with_hours: bool = False) -> None:
    """Put counts of every LADA and hour of some channel days into the totals, by SQL.

    Each LADA has the same counts in each hour. The hours by LADA are left out unless they are
    wanted: they are many.
    """
    order = AdOrder.objects.get(campaign=campaign).pk
    values = {"order": order, "first": at(first), "last": at(last, 23)}
    days = (last - timedelta(number) for number in range((last - first).days + 1))
    partitions.ensure(at(day, hour) for day in days for hour in (0, 23))
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (_FILL_DAYS, _FILL_HOURS, _FILL_LADAS)[: 3 if with_hours else 2]:
            cursor.execute(_EACH_LADA + statement, values)
    total = HourTotal.objects.filter(ad_order=order).aggregate(
        **{name: Sum(name) for name in COUNTS}
    )
    defaults = {"as_of": at(last, 23) + HOUR, **total}
    OrderCount.objects.update_or_create(ad_order=order, defaults=defaults)


_EACH_LADA = """
    WITH each AS (
        SELECT code, 20 + code::int %% 41 AS inserted, 16 + code::int %% 41 AS delivered,
            3 AS failed, 1 AS no_receipt
        FROM segments_lada
    ), hours AS (
        SELECT hour FROM generate_series(%(first)s, %(last)s, interval '1 hour') AS hour
    )
"""
_FILL_DAYS = """
    INSERT INTO campaigns_daycount (ad_order, day, lada, inserted, delivered, failed, no_receipt)
    SELECT %(order)s, (hour AT TIME ZONE 'America/Mexico_City')::date, code,
        sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM each, hours GROUP BY 2, 3
"""
_FILL_HOURS = """
    INSERT INTO campaigns_hourtotal (ad_order, hour, inserted, delivered, failed, no_receipt)
    SELECT %(order)s, hour, sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM each, hours GROUP BY 2
"""
_FILL_LADAS = """
    INSERT INTO campaigns_hourcount
        (ad_order, hour, lada, revision, inserted, delivered, failed, no_receipt)
    SELECT %(order)s, hour, code, 1, inserted, delivered, failed, no_receipt FROM each, hours
"""
