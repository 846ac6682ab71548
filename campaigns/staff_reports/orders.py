"""The campaigns of a span that have an order, and the counts of their orders.

The ids of orders are read first, their counts then: report tables are joined to nothing.
"""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from campaigns.models import AdOrder, Campaign
from campaigns.staff_reports.frame import Frame
from inventory.arrays import fetch
from inventory.planning.flow import Counts as Numbers


class Order(NamedTuple):
    """A campaign that was ordered of the gateway, with what it was contracted for."""

    order: UUID
    campaign: int
    folio: str
    name: str
    brand: int
    brand_name: str
    status: str
    starts_on: date
    ends_on: date
    contracted: int
    reservation: int

    @property
    def has_ended(self) -> bool:
        return self.status in Campaign.ENDED


class Delivered(NamedTuple):
    """Notifications with the ad, and those that arrived."""

    inserted: int = 0
    delivered: int = 0


def of_span(first: date, last: date) -> list[Order]:
    """Return the ordered campaigns with days in a span, by campaign. One query."""
    rows = AdOrder.objects.filter(
        campaign__sandbox=False, campaign__starts_on__lte=last, campaign__ends_on__gte=first
    )
    fields = ("folio", "name", "brand", "brand__name", "status", "starts_on", "ends_on", "volume")
    names = [f"campaign__{field}" for field in (*fields, "reservation")]
    found = rows.order_by("campaign").values_list("pk", "campaign", *names)
    return [Order(*row) for row in found.iterator()]


def totals(orders: Collection[UUID]) -> dict[UUID, Delivered]:
    """Return the newest counts of orders since their beginning, of those that have any."""
    sql = "SELECT ad_order, inserted, delivered FROM campaigns_ordercount WHERE ad_order = ANY(%s)"
    return {order: Delivered(*counts) for order, *counts in fetch(sql, [list(orders)])}


def of_days(orders: Collection[UUID], first: date, last: date) -> dict[UUID, Delivered]:
    """Return the counts of orders on a span of channel days, of those that have any."""
    found = fetch(_BY_ORDER, [list(orders), first, last])
    return {order: Delivered(*counts) for order, *counts in found}


def by_day(orders: Collection[UUID], first: date, last: date) -> dict[UUID, dict[date, int]]:
    """Return what was inserted of orders on each channel day of a span."""
    found: dict[UUID, dict[date, int]] = {}
    for order, day, inserted in fetch(_BY_ORDER_AND_DAY, [list(orders), first, last]):
        found.setdefault(order, {})[day] = inserted
    return found


def by_day_and_lada(orders: Collection[UUID], frame: Frame) -> Numbers:
    """Return (2, D, L) of orders together: inserted and delivered."""
    return frame.read(_BY_CELL, [list(orders), frame.first, frame.last], 2)


_BY_ORDER = """
    SELECT ad_order, sum(inserted)::bigint, sum(delivered)::bigint FROM campaigns_daycount
    WHERE ad_order = ANY(%s) AND day BETWEEN %s AND %s GROUP BY ad_order
"""

_BY_ORDER_AND_DAY = """
    SELECT ad_order, day, sum(inserted)::bigint FROM campaigns_daycount
    WHERE ad_order = ANY(%s) AND day BETWEEN %s AND %s GROUP BY ad_order, day
"""

_BY_CELL = """
    SELECT day, array_send(array_agg(lada::int)), array_send(array_agg(inserted)),
           array_send(array_agg(delivered))
    FROM (
        SELECT day, lada, sum(inserted)::int AS inserted, sum(delivered)::int AS delivered
        FROM campaigns_daycount
        WHERE ad_order = ANY(%s) AND day BETWEEN %s AND %s GROUP BY 1, 2
    ) AS sums
    GROUP BY day
"""
