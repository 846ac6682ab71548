"""How many notifications can still be sold where and when. Reads only, blocks nobody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db.models import F, Sum
from django.utils import timezone

from inventory import plan
from inventory.models import Capacity

TIGHT = 20  # percent free


@dataclass(frozen=True)
class Day:
    """One channel day of a choice, in notifications."""

    day: date
    capacity: int
    free: int

    @property
    def percent(self) -> int:
        """What is free, in whole percent; 0 only when nothing is."""
        return -(-100 * self.free // self.capacity) if self.capacity else 0

    @property
    def level(self) -> str:
        """`ok`, `tight` (a fifth or less is free) or `out`."""
        if self.free == 0:
            return "out"
        return "tight" if self.percent <= TIGHT else "ok"


@dataclass(frozen=True)
class Availability:
    """What a choice of LADAs and days can carry, as of a moment."""

    days: tuple[Day, ...]
    as_of: datetime

    @property
    def free(self) -> int:
        return sum(day.free for day in self.days)

    def fits(self, quantity: int, *, daily_cap: int | None = None) -> int:
        """Say how much of a quantity could be held now, under its daily ceilings."""
        capacity = np.array([day.capacity for day in self.days], dtype=np.int64)
        free = np.array([day.free for day in self.days], dtype=np.int64)
        tops = plan.ceilings(quantity, capacity, daily_cap)
        return min(quantity, int(np.minimum(free, tops).sum()))


def of(ladas: Collection[str], starts_on: date, ends_on: date) -> Availability:
    """Add up capacity and what is free by day; days that are not on sale are left out."""
    as_of = timezone.now()
    rows = (
        Capacity.objects.filter(lada__in=ladas, day__range=(starts_on, ends_on))
        .values("day")
        .annotate(total=Sum("capacity"), left=Sum(F("capacity") - F("planned")))
        .order_by("day")
    )
    return Availability(tuple(Day(r["day"], r["total"], r["left"]) for r in rows), as_of)
