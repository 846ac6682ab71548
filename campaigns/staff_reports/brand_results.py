"""The results of each brand: what it ordered and got, its clicks, and the decisions on it."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum

from campaigns.models import Brand, Event, LinkHour
from campaigns.reports.delivery import DAY, midnight
from campaigns.staff_reports import orders, shortfalls
from campaigns.staff_reports.orders import Delivered
from inventory import occupancy


class BrandResults(NamedTuple):
    """A brand's campaigns with days in a span, counted whole, and the decisions of the span."""

    brand: int
    name: str
    campaigns: int = 0
    contracted: int = 0
    inserted: int = 0
    delivered: int = 0
    clicks: int = 0
    short: int = 0  # campaigns
    missing: int = 0  # notifications of those
    approved: int = 0
    changes_requested: int = 0
    rejected: int = 0

    @property
    def percent(self) -> int:
        """Delivered of what was contracted, in whole percent."""
        return occupancy.percent(self.delivered, self.contracted)

    @property
    def decisions(self) -> int:
        return self.approved + self.changes_requested + self.rejected


SUMMED = BrandResults._fields[2:]
OF_DECISION = {
    "approve": "approved",
    "request_changes": "changes_requested",
    "reject": "rejected",
}


def read(first: date, last: date, now: datetime) -> list[BrandResults]:
    """Return the results of all brands with campaigns or decisions in a span, by name.

    Nine queries at most, however many brands and campaigns there are.
    """
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    found = orders.of_span(first, last)
    counts = orders.totals([order.order for order in found])
    for order in found:
        own = counts.get(order.order, Delivered())
        sums[order.brand].update(campaigns=1, contracted=order.contracted, **own._asdict())
    for short in shortfalls.find(first, last, now):
        sums[short.order.brand].update(short=1, missing=short.missing)
    for brand, clicks in _clicks(first, last):
        sums[brand].update(clicks=clicks)
    for brand, move, count in _decisions(first, last):
        sums[brand][OF_DECISION[move]] += count
    names = Brand.objects.in_bulk(sums)
    rows = [
        BrandResults(brand, names[brand].name, *(own[name] for name in SUMMED))
        for brand, own in sums.items()
    ]
    return sorted(rows, key=lambda row: (row.name, row.brand))


def _clicks(first: date, last: date) -> QuerySet[LinkHour, Any]:
    """Return the clicks of people on the links of each brand's campaigns, by its key."""
    rows = LinkHour.objects.filter(
        kind=LinkHour.Kind.PEOPLE,
        link__campaign__ad_order__isnull=False,
        link__campaign__sandbox=False,
        link__campaign__starts_on__lte=last,
        link__campaign__ends_on__gte=first,
    )
    return rows.order_by().values_list("link__campaign__brand").annotate(Sum("count"))


def _decisions(first: date, last: date) -> QuerySet[Event, Any]:
    rows = Event.objects.filter(
        move__in=OF_DECISION,
        campaign__sandbox=False,
        at__gte=midnight(first),
        at__lt=midnight(last + DAY),
    )
    return rows.order_by().values_list("campaign__brand", "move").annotate(Count("pk"))
