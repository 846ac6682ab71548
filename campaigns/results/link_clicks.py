"""Clicks on the short links of campaigns, by channel day; those of programs are not counted."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Sum
from django.db.models.functions import TruncDate

from campaigns.models import Campaign, LinkHour
from campaigns.reports.delivery import DAY, midnight


def by_day(campaigns: Collection[Campaign], first: date, last: date) -> dict[int, dict[date, int]]:
    """Return the clicks of people by campaign's key and channel day. One query."""
    rows = LinkHour.objects.filter(
        link__campaign__in=campaigns,
        kind=LinkHour.Kind.PEOPLE,
        hour__gte=midnight(first),
        hour__lt=midnight(last + DAY),
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    sums = rows.annotate(day=TruncDate("hour")).order_by("day").values_list("link__campaign", "day")
    for campaign, day, count in sums.annotate(Sum("count")):
        found[campaign][day] = count
    return dict(found)
