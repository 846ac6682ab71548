"""Sell-through: what was on sale, promised and delivered, by channel day, state, LADA and brand."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from campaigns.staff_reports import cells, orders, traffic
from campaigns.staff_reports.frame import Frame
from campaigns.staff_reports.orders import Delivered
from inventory import occupancy
from inventory.arrays import fetch
from inventory.models import Reservation
from inventory.planning.flow import Counts as Numbers


class Sales(NamedTuple):
    """Notifications: on sale, promised of it, and what went out.

    `eligible` could carry an ad and `with_ad` did, by the traffic; `inserted` and `delivered` are
    the counts of orders.
    """

    on_sale: int = 0
    held: int = 0
    booked: int = 0
    inserted: int = 0
    delivered: int = 0
    eligible: int = 0
    with_ad: int = 0

    @property
    def free(self) -> int:
        return max(self.on_sale - self.held - self.booked, 0)

    @property
    def sold(self) -> int:
        """Promised of what is on sale, in whole percent."""
        return occupancy.percent(self.held + self.booked, self.on_sale)

    @property
    def fill(self) -> float | None:
        """With an ad of those that could carry one, in percent."""
        return 100 * self.with_ad / self.eligible if self.eligible else None


class BrandSales(NamedTuple):
    """What a brand has on a span of days: campaigns, promises, and what went out."""

    brand: str
    campaigns: int
    held: int
    booked: int
    inserted: int
    delivered: int


@dataclass(frozen=True, eq=False)
class SalesTable:
    """Sales by day and LADA."""

    frame: Frame
    counts: Numbers  # (7, D, L), in the order of Sales

    @property
    def total(self) -> Sales:
        return Sales(*self.counts.sum(axis=(1, 2)).tolist())

    def by_day(self) -> dict[date, Sales]:
        return dict(zip(self.frame.days, _rows(self.counts.sum(axis=2)), strict=True))

    def by_state(self) -> dict[str, Sales]:
        """Return the sales of each state, by its key; a LADA counts in that of its main city."""
        sums = self.frame.by_state(self.counts.sum(axis=1))
        return dict(zip(self.frame.columns.states, _rows(sums), strict=True))

    def by_lada(self) -> dict[str, Sales]:
        return dict(zip(self.frame.columns.ladas, _rows(self.counts.sum(axis=1)), strict=True))

    def of_day(self, day: date) -> dict[str, Sales]:
        """Return the sales of a day by LADA."""
        own = self.counts[:, (day - self.frame.first).days]
        return dict(zip(self.frame.columns.ladas, _rows(own), strict=True))


def _rows(counts: Numbers) -> list[Sales]:
    """Return counts (7, N) as N sales."""
    return [Sales(*row) for row in counts.T.tolist()]


def read(first: date, last: date) -> SalesTable:
    """Return the sales of a span of channel days. A bounded number of queries."""
    frame = Frame.of(first, last)
    planned = cells.read(frame)
    found = orders.of_span(first, last)
    counts = orders.by_day_and_lada([order.order for order in found], frame)
    seen = traffic.read(frame)
    return SalesTable(
        frame,
        np.stack(
            [
                planned[cells.ON_SALE],
                planned[cells.HELD],
                planned[cells.PLANNED] - planned[cells.HELD],
                *counts,
                seen[traffic.ELIGIBLE],
                seen[traffic.WITH_AD],
            ]
        ),
    )


def by_brand(first: date, last: date) -> list[BrandSales]:
    """Return what each brand has on a span of channel days, the most promised first."""
    found = orders.of_span(first, last)
    counts = orders.of_days([order.order for order in found], first, last)
    campaigns: dict[int, set[int]] = defaultdict(set)
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    names = {}
    for order in found:
        names[order.brand] = order.brand_name
        campaigns[order.brand].add(order.campaign)
        sums[order.brand].update(counts.get(order.order, Delivered())._asdict())
    live = [status.value for status in Reservation.LIVE]
    for brand, name, campaign, status, planned in fetch(_PROMISED, [first, last, live]):
        names[brand] = name
        campaigns[brand].add(campaign)
        sums[brand][status] += planned
    rows = [
        BrandSales(
            name,
            len(campaigns[brand]),
            *(sums[brand][kind] for kind in ("held", "booked", "inserted", "delivered")),
        )
        for brand, name in names.items()
    ]
    return sorted(rows, key=lambda row: (-row.held - row.booked, -row.inserted, row.brand))


_PROMISED = """
    WITH span AS (SELECT %s::date AS first, %s::date AS last)
    SELECT c.brand_id, b.name, c.id, r.status, (
        SELECT coalesce(sum(quantity), 0) FROM unnest(a.quantities[
            greatest(first - r.starts_on, 0) * cardinality(r.ladas) + 1
            : (least(r.ends_on, last) - r.starts_on + 1) * cardinality(r.ladas)
        ]) AS quantity
    )::bigint
    FROM span, inventory_reservation AS r
    JOIN inventory_allocation AS a ON a.reservation_id = r.id
    JOIN campaigns_campaign AS c ON c.reservation_id = r.id
    JOIN campaigns_brand AS b ON b.id = c.brand_id
    WHERE r.ledger IS NULL AND r.status = ANY(%s) AND r.starts_on <= last AND r.ends_on >= first
"""
