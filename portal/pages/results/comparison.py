"""The comparison of campaigns in a brand's report: a row for each, sorted by one of its numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from campaigns.reports import progress
from campaigns.reports.delivery import Delivery
from campaigns.results.counts import Counts
from inventory.occupancy import ReservedByDay
from portal.pages.results import figures

ORDERS: Mapping[str, str | Promise] = {
    "entregadas": gettext_lazy("Entregadas"),
    "contratado": gettext_lazy("De lo contratado"),
    "ritmo": gettext_lazy("Ritmo"),
    "clics": gettext_lazy("Clics"),
    "tasa": gettext_lazy("Tasa de clics"),
}


class ComparedCampaign(NamedTuple):
    """A campaign with its counts and clicks in the span, and its delivery since its beginning.

    `pace` is what it has inserted of what was planned until now; None where that is nothing, or
    once it has ended.
    """

    campaign: Campaign
    counts: Counts
    clicks: int | None  # None without a link
    delivery: Delivery
    pace: float | None

    @property
    def pace_words(self) -> str:
        return figures.NOTHING if self.pace is None else f"{100 * self.pace:,.0f} %"

    @property
    def click_rate(self) -> str:
        if self.clicks is None:
            return figures.NOTHING
        return figures.rate(self.clicks, self.counts.delivered, 2)

    def value(self, order: str) -> float:
        """Return the number by which an order sorts; those without one come last."""
        clicks = -1 if self.clicks is None else self.clicks
        contracted = self.delivery.contracted or 1
        return {
            "entregadas": self.counts.delivered,
            "contratado": self.delivery.delivered / contracted,
            "ritmo": -1 if self.pace is None else self.pace,
            "clics": clicks,
            "tasa": clicks / self.counts.delivered if self.counts.delivered else min(clicks, 0),
        }[order]


def pace(
    campaign: Campaign, found: Delivery, planned: ReservedByDay, now: datetime
) -> float | None:
    """Return what a running campaign has inserted of its plan until now, from 0 up."""
    if campaign.status in Campaign.ENDED:
        return None
    own = {day: booked for day, (_held, booked) in planned.get(campaign.folio, {}).items()}
    expected = progress.planned_until(own, now)
    return found.inserted / expected if expected else None


def sort(rows: Sequence[ComparedCampaign], order: str) -> list[ComparedCampaign]:
    """Return rows sorted by one of ORDERS, the largest first."""
    return sorted(rows, key=lambda row: (-row.value(order), -row.campaign.pk))
