"""The orders that may be inserted on a channel day: what each may still take, and when."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from campaigns.gateway.ad_order_document import AdOrderDocument
from campaigns.gateway.contract import NOTIFICATION_SEPTETS, PacingMode, Weekday, canonical_json
from campaigns.gateway.sandbox.store import StoredAdOrder
from campaigns.gateway.sandbox.traffic import DAY_SECONDS, Catalogue, day_share, indices

OVERSHOOT = 1.05
"""The daily goal is planned a little too high, so that chance does not leave it unfinished."""
RESERVE = 0.01
"""The share of a day's traffic at its end that is left to what chance has left unfinished."""

Windows = tuple[tuple[int, int], ...]
"""Times of a day, in seconds from its start, disjoint and ascending."""


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

    def wanted(self, second: float, end: float) -> float:
        """Return the insertions to plan between two seconds of the day."""
        rest = max(self.limit - self.inserted, 0) * OVERSHOOT
        left = self.remaining_share(second)
        now = left - self.remaining_share(end)
        if self.is_asap or now <= 0:
            return rest
        return rest * now / max(left - RESERVE, now)

    def most(self, end: float) -> int:
        """Return the most that may be inserted from now until a second of the day."""
        rest = self.limit - self.inserted
        if not self.is_asap:
            whole = self.remaining_share(0)
            passed = 1.0 - self.remaining_share(end) / whole if whole else 1.0
            goal = (self.limit - self.inserted_before) * min(passed * (1.0 + self.ahead), 1.0)
            rest = min(rest, math.ceil(goal - 1e-6) - (self.inserted - self.inserted_before))
        return max(rest, 0)


def live_order(
    stored: StoredAdOrder,
    *,
    day: date,
    catalogue: Catalogue,
    base_septets: int,
    max_ad_septets: int,
    inserted_today: int,
) -> LiveOrder:
    """Return an active order as it stands on a channel day."""
    document = AdOrderDocument.from_json(canonical_json(stored.document))
    planned = sum(goal.count for goal in document.goal.daily if goal.date <= day)
    every = np.arange(len(catalogue.codes))
    text = document.ad_text_septets
    return LiveOrder(
        order_id=stored.order_id,
        generation=stored.generation,
        content_hash=stored.content_hash,
        ladas=indices(catalogue, sorted(document.target.ladas)) if document.target.ladas else every,
        priority=document.priority,
        is_asap=document.pacing.mode is PacingMode.ASAP,
        ahead=document.pacing.ahead_percent / 100,
        windows=_windows(document, day),
        limit=min(document.goal.total, planned),
        fits=text <= max_ad_septets and base_septets + 1 + text <= NOTIFICATION_SEPTETS,
        inserted=stored.inserted,
        inserted_before=stored.inserted - inserted_today,
    )


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
