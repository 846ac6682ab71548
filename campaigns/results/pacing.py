"""Pacing: what was delivered beside what is planned, and what is to be expected at the end."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from django.utils import timezone

from campaigns.models import Campaign
from campaigns.reports import delivery, progress
from campaigns.reports.delivery import Delivery
from campaigns.results import summary
from campaigns.results.counts import Counts
from inventory import occupancy

RECENT = 7  # whole days by which what is still to come is projected
SHORTFALL = 0.99  # of what was contracted: below, the end is expected to fall short


class PacedDay(NamedTuple):
    """A channel day, with what is planned and inserted on it and until its end."""

    day: date
    planned: int
    inserted: int
    planned_so_far: int
    inserted_so_far: int


class Pacing(NamedTuple):
    """The pacing of a campaign, in notifications. Goals count insertions (ADR 31).

    `expected` is what is planned until now; `projected`, the insertions to expect at its end: what
    is there, and what is still planned at the rate of the last whole days.
    """

    contracted: int
    inserted: int
    delivered: int
    expected: int
    projected: int
    days: list[PacedDay]

    @property
    def shortfall(self) -> int:
        """What is projected to be missing at the end; 0 while that is next to nothing."""
        return self.contracted - self.projected if self.is_short else 0

    @property
    def is_short(self) -> bool:
        return self.projected < SHORTFALL * self.contracted


def of_campaign(campaign: Campaign, now: datetime | None = None) -> Pacing | None:
    """Return the pacing of a campaign; None before its first version was approved."""
    now = now or campaign.now()
    found = delivery.of_campaign(campaign)
    if found is None or not (campaign.starts_on and campaign.ends_on):
        return None
    by_day = summary.of([campaign], campaign.starts_on, campaign.ends_on).by_day
    return of_delivery(campaign, found, by_day, now)


def of_delivery(
    campaign: Campaign, found: Delivery, by_day: Mapping[date, Counts], now: datetime
) -> Pacing:
    """Return the pacing of an ordered campaign, whose delivery and counts by day are read already.

    One query.
    """
    assert campaign.starts_on and campaign.ends_on  # it was ordered
    first, last = campaign.starts_on, campaign.ends_on
    planned = _planned(campaign, first, last)
    inserted = {day: counts.inserted for day, counts in by_day.items()}
    has_ended = campaign.status in Campaign.ENDED
    return Pacing(
        contracted=found.contracted,
        inserted=found.inserted,
        delivered=found.delivered,
        expected=found.contracted if has_ended else progress.planned_until(planned, now),
        projected=found.inserted
        if has_ended
        else _projected(found.inserted, found.contracted, planned, inserted, now),
        days=_paced_days(first, last, planned, inserted),
    )


def _planned(campaign: Campaign, first: date, last: date) -> dict[date, int]:
    rows = occupancy.reserved_by_day([campaign.folio], first, last).get(campaign.folio, {})
    return {day: held + booked for day, (held, booked) in rows.items()}


def _projected(
    so_far: int, contracted: int, planned: dict[date, int], inserted: dict[date, int], now: datetime
) -> int:
    """Return the insertions to expect: those of today and later at the rate of the last days."""
    today = timezone.localdate(now)
    recent = [day for day in planned if today - timedelta(RECENT) <= day < today]
    goal = sum(planned[day] for day in recent)
    rate = min(sum(inserted.get(day, 0) for day in recent) / goal, 1.0) if goal else 1.0
    left = sum(count for day, count in planned.items() if day > today)
    left += max(planned.get(today, 0) - inserted.get(today, 0), 0)
    return min(so_far + round(left * rate), contracted)


def _paced_days(
    first: date, last: date, planned: dict[date, int], inserted: dict[date, int]
) -> list[PacedDay]:
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    goals = [planned.get(day, 0) for day in days]
    counts = [inserted.get(day, 0) for day in days]
    return [
        PacedDay(*row)
        for row in zip(days, goals, counts, accumulate(goals), accumulate(counts), strict=True)
    ]
