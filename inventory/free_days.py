"""What is free on each day of some terms, and whether that proves that they fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from inventory.allocations import LiveInventory
from inventory.errors import DaysNotOpen
from inventory.planning import plan
from inventory.planning.flow import Counts
from inventory.terms import Terms

TIGHT_PERCENT = 20  # free, or less: the level is `tight`


@dataclass(frozen=True)
class DayAvailability:
    """The availability on one channel day over the LADAs of the terms, in notifications."""

    day: date
    capacity: int
    free: int  # after moving others where needed

    @property
    def percent(self) -> int:
        """Free notifications in whole percent, rounded up: 0 only where there are none."""
        return -(-100 * self.free // self.capacity) if self.capacity else 0

    @property
    def level(self) -> str:
        """`ok`, `tight` (a fifth or less is free) or `out`."""
        if self.free == 0:
            return "out"
        return "tight" if self.percent <= TIGHT_PERCENT else "ok"


def read(live: LiveInventory, terms: Terms) -> tuple[DayAvailability, ...]:
    """Return what is free on each day of the terms. Raises DaysGone or DaysNotOpen."""
    request = live.request(terms)
    if not_open := live.days_not_open(terms):
        raise DaysNotOpen(not_open)
    capacity = request.cells_of(live.snapshot.capacity).sum(axis=0)
    free = plan.available(live.snapshot, request)
    columns = range(request.first, request.first + request.days)
    return tuple(
        DayAvailability(day, int(total), int(left))
        for day, total, left in zip(live.dates(columns), capacity, free, strict=True)
    )


def is_enough(days: Sequence[DayAvailability], terms: Terms) -> bool:
    """Return whether the free notifications of days suffice for terms: a proof that they fit.

    Where they do not suffice, the terms may still fit with another division of the days.
    """
    free = np.array([day.free for day in days])
    return int(np.minimum(free, ceilings(days, terms)).sum()) >= terms.quantity


def ceilings(days: Sequence[DayAvailability], terms: Terms) -> Counts:
    """Return the most of the terms that each day may carry."""
    capacity = np.array([day.capacity for day in days])
    return plan.ceilings(terms.quantity, capacity, terms.daily_cap)
