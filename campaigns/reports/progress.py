"""The delivery of a campaign as pages display it, beside what was planned until now."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from campaigns.models import Campaign
from campaigns.moves import Status
from campaigns.reports import delivery
from campaigns.reports.delivery import DAY, Delivery, midnight
from campaigns.reports.zeros import Zero
from inventory import occupancy


class Progress(NamedTuple):
    """A delivery, and the notifications planned until now; None once it has ended."""

    delivery: Delivery
    expected: int | None

    @property
    def delivered_width(self) -> str:
        return self._width(self.delivery.delivered)

    @property
    def inserted_width(self) -> str:
        return self._width(self.delivery.inserted)

    @property
    def expected_width(self) -> str:
        return self._width(self.expected or 0)

    def _width(self, count: int) -> str:
        """Return a count in percent of what was contracted, for SVG."""
        share = count / self.delivery.contracted if self.delivery.contracted else 0
        return f"{100 * min(share, 1):.2f}"


def of_campaign(campaign: Campaign) -> Progress | None:
    """Return the progress of a campaign, or None as long as it has not begun."""
    found = of_campaigns([campaign]).get(campaign.pk)
    if found is None:
        return None
    has_ended = campaign.status in Campaign.ENDED
    expected = None if has_ended else expected_by(campaign, campaign.now())
    return Progress(found, expected)


def of_campaigns(campaigns: Iterable[Campaign]) -> dict[int, Delivery]:
    """Return the delivery of each campaign that has begun, by its id."""
    rows = {campaign.pk: campaign for campaign in campaigns}
    found = delivery.of_campaigns(rows.values())
    return {pk: each for pk, each in found.items() if _has_begun(rows[pk], each)}


def _has_begun(campaign: Campaign, found: Delivery) -> bool:
    """Return whether there is something to display; not of one that ended before its first day."""
    if found.as_of or campaign.status == Status.FINISHED:
        return True
    return found.reason not in (Zero.NOT_STARTED, Zero.ENDED)


def expected_by(campaign: Campaign, now: datetime) -> int:
    """Return how many notifications of a campaign are planned until a moment."""
    assert campaign.starts_on  # it was ordered
    today = timezone.localdate(now)
    by_reference = occupancy.reserved_by_day([campaign.folio], campaign.starts_on, today)
    planned = {day: booked for day, (_held, booked) in by_reference.get(campaign.folio, {}).items()}
    return planned_until(planned, now)


def planned_until(planned: Mapping[date, int], now: datetime) -> int:
    """Return how much of a plan by channel day is due at a moment, its own day pro rata."""
    today = timezone.localdate(now)
    share = (now - midnight(today)) / DAY
    before = sum(count for day, count in planned.items() if day < today)
    return before + int(planned.get(today, 0) * share)
