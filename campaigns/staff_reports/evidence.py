"""What is known of short campaigns: their events, plans and traffic, read for all at once."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Self
from uuid import UUID

import numpy as np
from django.db.models import Sum

from campaigns.gateway.events import Stream
from campaigns.models import AdOrder, ChannelSwitch, Event
from campaigns.moves import Status
from campaigns.staff_reports import cells, traffic
from campaigns.staff_reports.frame import Frame
from campaigns.staff_reports.orders import Order
from campaigns.staff_reports.shortfalls import counted_until
from inventory.arrays import decode, fetch
from inventory.models import JournalEntry
from inventory.planning.flow import Counts as Numbers

BATCH = 500  # campaigns whose plans are in memory at once


class Interval(NamedTuple):
    begin: datetime
    end: datetime


class Pause(NamedTuple):
    """A pause of a campaign, and the move that made it."""

    move: str
    interval: Interval


class Moved(NamedTuple):
    """An event of a campaign."""

    move: str
    to_status: str
    at: datetime


class GatewayState(NamedTuple):
    """The state of an order at the gateway, and its reason."""

    name: str = ""
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is planned of a campaign, by day and LADA."""

    first: date
    columns: Numbers  # (K,) of the frame
    quantities: Numbers  # (N, K)
    at_risk: int

    def within(self, shares: Sequence[float]) -> int:
        """Return what is planned on its first days, of each day a share."""
        by_day = self.quantities[: len(shares)].sum(axis=1)
        return round(float(by_day @ np.array(shares[: len(by_day)])))


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of some campaigns, and of the channel on their days."""

    frame: Frame
    now: datetime
    stops: list[Interval]  # of the channel
    _events: Mapping[int, list[Moved]]
    _journal: Mapping[tuple[int, str], int]
    _states: Mapping[UUID, GatewayState]
    _reported: Counter[date]
    _lacking: Numbers  # (2, D, L), float: share of a cell's plan that traffic could not carry

    @classmethod
    def read(cls, orders: Collection[Order], now: datetime) -> Self:
        """Read all but the plans. Nine queries, however many campaigns there are."""
        until = counted_until(now)
        first = min((order.starts_on for order in orders), default=until)
        frame = Frame.of(min(first, until), until)
        return cls(
            frame,
            now,
            _channel_stops(now),
            _events_of([order.campaign for order in orders]),
            _journal_of([order.reservation for order in orders]),
            _states_of([order.order for order in orders]),
            traffic.hours_by_day(frame, Stream.HOURLY_COUNTS),
            _lacking(frame),
        )

    def plans(self, orders: Sequence[Order]) -> Iterator[Plan]:
        """Yield the plan of each order."""
        positions = self.frame.columns.positions()
        for since in range(0, len(orders), BATCH):
            some = orders[since : since + BATCH]
            rows = fetch(_PLANS, [[order.reservation for order in some]])
            found = {reservation: row for reservation, *row in rows}
            for order in some:
                first, ladas, quantities, at_risk = found[order.reservation]
                own = positions[decode(ladas)]
                table = decode(quantities).reshape(-1, len(own))
                yield Plan(first, own, table, at_risk)

    def last_event(self, campaign: int) -> Moved | None:
        return self._events[campaign][-1] if campaign in self._events else None

    def first_event(self, campaign: int, move: str) -> Moved | None:
        events = self._events.get(campaign, [])
        return next((event for event in events if event.move == move), None)

    def pauses(self, campaign: int) -> list[Pause]:
        """Return the pauses of a campaign; one that another person went on with is one."""
        found: list[Pause] = []
        begun: Moved | None = None
        for event in self._events.get(campaign, []):
            if event.to_status == Status.PAUSED:
                begun = begun or event
            elif begun:
                found.append(Pause(begun.move, Interval(begun.at, event.at)))
                begun = None
        return found + ([Pause(begun.move, Interval(begun.at, self.now))] if begun else [])

    def journal(self, reservation: int, action: str) -> int:
        """Return the notifications of all entries of an action."""
        return self._journal.get((reservation, action), 0)

    def gateway_state(self, order: UUID) -> GatewayState:
        return self._states.get(order, GatewayState())

    def unreported(self, day: date) -> float:
        """Return which part of a day's hours the gateway has not reported, from 0 to 1."""
        hours = traffic.hours_of(day)
        return max(hours - self._reported[day], 0) / hours

    def lacking(self, plan: Plan) -> tuple[Numbers, Numbers]:
        """Return what traffic could not carry of a plan's cells (N, K): no calls, no room."""
        since = (plan.first - self.frame.first).days
        shares = self._lacking[:, since : since + len(plan.quantities)][:, :, plan.columns]
        lost = shares * plan.quantities[: shares.shape[1]]
        return lost[0], lost[1]


def _lacking(frame: Frame) -> Numbers:
    """Return the shares of each cell's plan that its traffic could not carry, on whole days."""
    planned = cells.read(frame)[cells.PLANNED]
    seen = traffic.read(frame)
    whole = traffic.whole_days(frame)
    is_known = np.array([day in whole for day in frame.days])[:, np.newaxis]
    divisor = np.maximum(planned, 1)
    no_calls = np.maximum(planned - seen[traffic.NOTIFICATIONS], 0) / divisor
    no_room = np.maximum(planned - seen[traffic.ELIGIBLE], 0) / divisor - no_calls
    return np.stack([no_calls, no_room]) * is_known


def _events_of(campaigns: Collection[int]) -> dict[int, list[Moved]]:
    found: dict[int, list[Moved]] = defaultdict(list)
    rows = Event.objects.filter(campaign__in=campaigns).order_by("id")
    found_rows = rows.values_list("campaign", "move", "to_status", "at")
    for campaign, move, to_status, at in found_rows.iterator():
        found[campaign].append(Moved(move, to_status, at))
    return dict(found)


def _journal_of(reservations: Collection[int]) -> dict[tuple[int, str], int]:
    actions = (JournalEntry.Action.RELEASE, JournalEntry.Action.UNDELIVERED)
    rows = JournalEntry.objects.filter(reservation__in=reservations, action__in=actions)
    sums = rows.order_by().values_list("reservation", "action").annotate(Sum("quantity"))
    return {(reservation, action): count for reservation, action, count in sums}


def _states_of(orders: Collection[UUID]) -> dict[UUID, GatewayState]:
    rows = AdOrder.objects.filter(pk__in=orders)
    found = rows.values_list("pk", "gateway_state", "gateway_state_reason")
    return {order: GatewayState(*state) for order, *state in found}


def _channel_stops(now: datetime) -> list[Interval]:
    """Return when the channel was stopped: from when the gateway knew, if it did."""
    found: list[Interval] = []
    begun: datetime | None = None
    for switch in ChannelSwitch.objects.order_by("id"):
        at = switch.acknowledged_at or switch.at
        if switch.is_stop:
            begun = begun or at
        elif begun:
            found.append(Interval(begun, at))
            begun = None
    return found + ([Interval(begun, now)] if begun else [])


_PLANS = """
    SELECT r.id, r.starts_on, array_send(r.ladas::int[]), array_send(a.quantities), a.at_risk
    FROM inventory_reservation AS r
    JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE r.id = ANY(%s)
"""
