"""Campaigns that deliver less than they were contracted for, or than was planned until now."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from campaigns.models import Campaign
from campaigns.results.pacing import SHORTFALL
from campaigns.silence import REPORTED_WITHIN
from campaigns.staff_reports import orders
from campaigns.staff_reports.orders import Delivered, Order
from inventory.arrays import fetch


class Shortfall(NamedTuple):
    """A campaign that is short, in notifications. Goals count insertions (ADR 31).

    `goal` is what one that has ended was contracted for, and what is planned of another until the
    last counted day. `at_risk` has no place any more; of one that has ended it is in the goal.
    """

    order: Order
    goal: int
    inserted: int
    delivered: int
    at_risk: int = 0

    @property
    def missing(self) -> int:
        return max(self.goal - self.inserted, 0) + self.at_risk

    @property
    def is_short(self) -> bool:
        return self.missing > (1 - SHORTFALL) * (self.goal + self.at_risk)


def counted_until(now: datetime) -> date:
    """Return the last channel day whose counts should all be there."""
    return timezone.localdate(now - REPORTED_WITHIN) - timedelta(days=1)


def find(first: date, last: date, now: datetime) -> list[Shortfall]:
    """Return the campaigns with days in a span that are short, the one that misses most first.

    They are counted whole. At most five queries, however many campaigns there are.
    """
    found = orders.of_span(first, last)
    ended = [order for order in found if order.has_ended]
    running = [order for order in found if order.status in Campaign.ORDERED]
    short = [each for each in (*_of_ended(ended), *_of_running(running, now)) if each.is_short]
    return sorted(short, key=lambda each: (-each.missing, each.order.folio))


def _of_ended(ended: Collection[Order]) -> list[Shortfall]:
    counts = orders.totals([order.order for order in ended])
    return [
        Shortfall(order, order.contracted, *counts.get(order.order, Delivered())) for order in ended
    ]


def _of_running(running: Collection[Order], now: datetime) -> list[Shortfall]:
    until = counted_until(now)
    begun = [order for order in running if order.starts_on <= until]
    first = min((order.starts_on for order in begun), default=until)
    counts = orders.of_days([order.order for order in begun], first, until)
    plans = {
        reservation: plan
        for reservation, *plan in fetch(_PLANNED, [until, [o.reservation for o in running]])
    }
    return [
        Shortfall(order, planned, *counts.get(order.order, Delivered()), at_risk)
        for order in running
        for planned, at_risk in [plans.get(order.reservation, (0, 0))]
    ]


_PLANNED = """
    SELECT r.id, (
        SELECT coalesce(sum(quantity), 0) FROM unnest(a.quantities[
            : (%s::date - r.starts_on + 1) * cardinality(r.ladas)
        ]) AS quantity
    )::bigint, a.at_risk
    FROM inventory_reservation AS r
    JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE r.id = ANY(%s)
"""
