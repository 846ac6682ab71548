"""Counts of campaigns for tests of results, put into the tables by the code that applies reports."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from campaigns.models import AdOrder, Campaign, OrderCount, ReportHour
from campaigns.reports import day_totals, partitions, upserts
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results.counts import Counts
from tests.statuses import put

Stream = "hourly-counts"


def put_counts(
    campaign: Campaign, counts: Mapping[tuple[datetime, str], Counts], *, revision: int = 1
) -> None:
    """Put counts of (hour, LADA) into the tables of reports, with their totals."""
    order = AdOrder.objects.get(campaign=campaign).pk
    partitions.ensure({hour for hour, _lada in counts})
    with transaction.atomic():
        rows = ((order, hour, lada, revision, *each) for (hour, lada), each in counts.items())
        upserts.upsert(upserts.HOURS, rows)
        day_totals.mark({(order, hour.astimezone(midnight(date.today()).tzinfo).date()) for hour, _lada in counts})
    day_totals.compute_marked()
    total = Counts()
    for each in counts.values():
        total = total.plus(each)
    OrderCount.objects.update_or_create(
        ad_order=order, defaults={"as_of": max(hour for hour, _lada in counts) + HOUR, **total._asdict()}
    )
