"""What is exported: campaigns of a brand on a span of channel days, and how many rows it has."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from campaigns.exports.errors import HoursNotKept, NothingToExport, TooManyRows
from campaigns.gateway.contract import TIME_ZONE
from campaigns.models import AdOrder, Brand, Campaign, Export
from campaigns.reports import content
from campaigns.reports.delivery import DAY, midnight
from campaigns.results.blocks import Grain
from inventory.arrays import fetch

STATES = 33  # with that of LADAs which the catalogue lacks
EXCEL_ROWS = 1_048_576 - 2  # of a sheet, without its head and its totals
MAX_ROWS = 2_000_000


class CampaignDay(NamedTuple):
    """A channel day of a campaign: of how many LADAs and hours there are counts."""

    campaign: int
    day: date
    ladas: int
    hours: int

    def rows(self, grain: Grain) -> int:
        """Return the largest number of rows that it has in a file; merged cells make it less."""
        return {
            Grain.DAY: 1,
            Grain.DAY_STATE: min(self.ladas, STATES),
            Grain.DAY_LADA: self.ladas,
            Grain.HOUR: self.hours,
            Grain.HOUR_LADA: self.hours * self.ladas,
        }[grain]


class Selection(NamedTuple):
    """Campaigns of a brand from a channel day to another; without a campaign, all of them."""

    brand: Brand
    campaign: Campaign | None
    first: date
    last: date

    def campaigns(self) -> list[Campaign]:
        """Return the campaigns that have an order, the oldest first."""
        rows = Campaign.objects.filter(brand=self.brand, ad_order__isnull=False)
        if self.campaign:
            rows = rows.filter(pk=self.campaign.pk)
        return list(rows.order_by("pk"))

    def days(self) -> list[CampaignDay]:
        """Return the channel days of which there are counts, by campaign and day. Two queries."""
        orders = AdOrder.objects.filter(campaign__brand=self.brand)
        if self.campaign:
            orders = orders.filter(campaign=self.campaign)
        campaign_of = dict(orders.values_list("pk", "campaign_id"))
        ids, end = list(campaign_of), midnight(self.last + DAY)
        days = [ids, self.first, self.last]
        found = fetch(_DAYS, [*days, TIME_ZONE, ids, midnight(self.first), end])
        return sorted(CampaignDay(campaign_of[order], *rest) for order, *rest in found)


def count_rows(days: Collection[CampaignDay], grain: Grain) -> int:
    """Return the largest number of rows that a file of some days has."""
    return sum(day.rows(grain) for day in days)


def kept_since() -> date:
    """Return the first channel day of which all hours are kept by LADA."""
    return timezone.localdate(content.oldest_kept(timezone.now())) + DAY


def check(days: Collection[CampaignDay], grain: Grain, file_format: str) -> int:
    """Return the largest number of rows of a file.

    Raises NothingToExport, HoursNotKept, or TooManyRows.
    """
    if not days:
        raise NothingToExport
    if grain == Grain.HOUR_LADA and min(day.day for day in days) < (since := kept_since()):
        raise HoursNotKept(since)
    rows = count_rows(days, grain)
    excel = file_format == Export.Format.XLSX
    most = EXCEL_ROWS if excel else MAX_ROWS
    if rows > most:
        raise TooManyRows(rows, most, excel=excel)
    return rows


_DAYS = """
    SELECT ad_order, day, ladas, coalesce(hours, 0)
    FROM (
        SELECT ad_order, day, count(*) AS ladas
        FROM campaigns_daycount
        WHERE ad_order = ANY(%s) AND day BETWEEN %s AND %s
        GROUP BY ad_order, day
    ) AS days
    LEFT JOIN (
        SELECT ad_order, (hour AT TIME ZONE %s)::date AS day, count(*) AS hours
        FROM campaigns_hourtotal
        WHERE ad_order = ANY(%s) AND hour >= %s AND hour < %s
        GROUP BY 1, 2
    ) AS hours USING (ad_order, day)
"""
