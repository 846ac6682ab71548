"""The orders that may be inserted on a channel day: what each may still take, and when."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from campaigns.gateway.ad_order_document import AdOrderDocument, GroupGoal
from campaigns.gateway.contract import (
    MAX_ACTIVE_ORDERS,
    NOTIFICATION_SEPTETS,
    PacingMode,
    Weekday,
    canonical_json,
)
from campaigns.gateway.sandbox.selection import Demand
from campaigns.gateway.sandbox.store import StoredAdOrder
from campaigns.gateway.sandbox.traffic import (
    DAY_SECONDS,
    Catalogue,
    Counts,
    Reals,
    day_share,
    indices,
)

OVERSHOOT = 1.05
"""The daily goal is planned a little too high, so that chance does not leave it unfinished."""
RESERVE = 0.01
"""The share of a day's traffic at its end that is left to what chance has left unfinished."""

Windows = tuple[tuple[int, int], ...]
"""Times of a day, in seconds from its start, disjoint and ascending."""


@dataclass(slots=True)
class Split:
    """A day's goal of an order by groups of its LADAs, and what it has inserted there.

    The last group is that of the LADAs in none, and has no goal.
    """

    groups: NDArray[np.intp]  # of each of the order's LADAs
    goals: Counts  # of each group
    inserted: Counts  # in each of the order's LADAs, on the day

    def remaining(self) -> Reals:
        """Return what is left of the goal of each group."""
        inserted = np.bincount(self.groups, weights=self.inserted, minlength=len(self.goals))
        return np.maximum(self.goals - inserted, 0.0)


@dataclass(slots=True)
class LiveOrder:
    """An active order on one channel day.

    A frequency cap is accepted and has no effect here: the sandbox knows no recipients.
    `limit` is what may be inserted in all by the end of the day.
    """

    order_id: str
    generation: int
    content_hash: str
    ladas: NDArray[np.intp]
    split: Split
    priority: int
    is_asap: bool
    ahead: float
    windows: Windows
    limit: int
    fits: bool
    inserted: int
    inserted_before: int  # until the start of the day

    def is_open(self, second: float) -> bool:
        return any(start <= second < end for start, end in self.windows)

    def remaining_share(self, second: float) -> float:
        """Return the share of a day's traffic in the order's times after a second of the day."""
        return sum(
            day_share(end) - day_share(max(start, second))
            for start, end in self.windows
            if end > second
        )

    def demand(self, second: float, end: float) -> Demand:
        """Return the insertions to plan between two seconds of the day, which may be none."""
        rest = max(self.limit - self.inserted, 0)
        by_group = self.split.remaining()
        if by_group.sum() > rest:  # something was inserted outside the groups
            by_group *= rest / by_group.sum()
        pace = self._pace(second, end) if self.is_open(second) else 0.0
        return Demand(self.ladas, rest * pace, self.split.groups, by_group * pace)

    def _pace(self, second: float, end: float) -> float:
        """Return the part of what remains that is to be planned between two seconds of the day."""
        left = self.remaining_share(second)
        now = left - self.remaining_share(end)
        if self.is_asap or now <= 0:
            return OVERSHOOT
        return OVERSHOOT * now / max(left - RESERVE, now)

    def most(self, end: float) -> int:
        """Return the most that may be inserted from now until a second of the day."""
        rest = self.limit - self.inserted
        if not self.is_asap:
            whole = self.remaining_share(0)
            passed = 1.0 - self.remaining_share(end) / whole if whole else 1.0
            goal = (self.limit - self.inserted_before) * min(passed * (1.0 + self.ahead), 1.0)
            rest = min(rest, math.ceil(goal - 1e-6) - (self.inserted - self.inserted_before))
        return max(rest, 0)

    def add(self, picks: Counts) -> None:
        """Count insertions (L,) that were made now."""
        self.inserted += int(picks.sum())
        self.split.inserted += picks[self.ladas]


def live_order(
    stored: StoredAdOrder,
    *,
    day: date,
    catalogue: Catalogue,
    base_septets: int,
    max_ad_septets: int,
    inserted_today: Counts,
) -> LiveOrder:
    """Return an active order as it stands on a channel day, with its insertions (L,) of the day."""
    document = _read(canonical_json(stored.document))
    planned = sum(goal.count for goal in document.goal.daily if goal.date <= day)
    split = next((goal.split for goal in document.goal.daily if goal.date == day), ())
    every = np.arange(len(catalogue.codes))
    ladas = indices(catalogue, sorted(document.target.ladas)) if document.target.ladas else every
    text = document.ad_text_septets
    return LiveOrder(
        order_id=stored.order_id,
        generation=stored.generation,
        content_hash=stored.content_hash,
        ladas=ladas,
        split=_split(split, ladas, catalogue, inserted_today),
        priority=document.priority,
        is_asap=document.pacing.mode is PacingMode.ASAP,
        ahead=document.pacing.ahead_percent / 100,
        windows=_windows(document, day),
        limit=min(document.goal.total, planned),
        fits=text <= max_ad_septets and base_septets + 1 + text <= NOTIFICATION_SEPTETS,
        inserted=stored.inserted,
        inserted_before=stored.inserted - int(inserted_today.sum()),
    )


@lru_cache(maxsize=MAX_ACTIVE_ORDERS)
def _read(content: bytes) -> AdOrderDocument:
    return AdOrderDocument.from_json(content)


def _split(
    split: tuple[GroupGoal, ...], ladas: NDArray[np.intp], catalogue: Catalogue, today: Counts
) -> Split:
    group_of = {lada: number for number, group in enumerate(split) for lada in group.ladas}
    groups = [group_of.get(catalogue.codes[place], len(split)) for place in ladas]
    goals = np.array([*(group.count for group in split), 0], dtype=np.int64)
    return Split(np.array(groups, dtype=np.intp), goals, today[ladas])


def next_edge(orders: Iterable[LiveOrder], second: float) -> float:
    """Return the next second of the day at which a daypart of an order begins or ends."""
    edges = (edge for order in orders for window in order.windows for edge in window)
    return min((edge for edge in edges if edge > second), default=DAY_SECONDS)


def _windows(document: AdOrderDocument, day: date) -> Windows:
    if not document.dayparts:
        return ((0, DAY_SECONDS),)
    weekday = list(Weekday)[day.weekday()]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(
        (_second(part.from_), _second(part.to))
        for part in document.dayparts
        if weekday in part.days
    ):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _second(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 3_600 + int(minutes) * 60
