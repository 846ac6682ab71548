"""Counts of campaigns for tests, put into the tables by the code that applies reports."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from campaigns.models import AdOrder, Campaign, HourCount, OrderCount
from campaigns.reports import day_totals, partitions, upserts
from campaigns.results.counts import Counts
from tests.counts import HOUR

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
