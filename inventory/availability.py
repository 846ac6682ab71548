"""Availability: how many notifications can still be sold, where and when. Takes no lock.

Counts what a hold would find: free notifications, and those that others can give up by
moving elsewhere.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from inventory import admission, alternatives, free_days
from inventory.allocations import LiveInventory
from inventory.alternatives import Alternative
from inventory.free_days import DayAvailability
from inventory.planning import plan
from inventory.planning.apportion import apportion
from inventory.terms import Terms


@dataclass(frozen=True)
class Availability:
    """The notifications that the LADAs and days of some terms can carry, as of a moment."""

    days: tuple[DayAvailability, ...]
    as_of: datetime
    fits: int = 0  # of the requested quantity, under its daily ceilings
    short: int = 0  # of the requested quantity, what does not fit
    full: tuple[date, ...] = ()  # nothing is free and nothing can be moved
    paced: tuple[date, ...] = ()  # limited by the terms' own daily ceiling
    alternatives: tuple[Alternative, ...] = ()

    @property
    def free(self) -> int:
        """Free notifications of all days together, whatever the pacing."""
        return sum(day.free for day in self.days)


def by_day(terms: Terms, *, live: LiveInventory | None = None) -> Availability:
    """Return what is free on each day of the terms; their quantity does not matter.

    `live` is another inventory than the channel's. Raises BadTerms, DaysGone or DaysNotOpen.
    """
    terms.validate(live.first_day if live else None)
    live = live or admission.read()
    return Availability(free_days.read(live, terms), live.as_of)


def check(
    terms: Terms,
    *,
    without: int | None = None,
    more_ladas: Collection[str] = (),
    earliest: date | None = None,
    live: LiveInventory | None = None,
) -> Availability:
    """Return whether terms fit, else what limits them and the nearest alternatives.

    `without` is a reservation whose own notifications count as free. Alternatives may
    add LADAs among `more_ladas`, and none begins before `earliest`. `live` is another inventory
    than the channel's, with `without` taken out of it.

    Raises BadTerms, DaysGone or DaysNotOpen.
    """
    terms.validate(live.first_day if live else None)
    live = live or admission.read(without=[] if without is None else [without])
    found = Availability(free_days.read(live, terms), live.as_of, fits=terms.quantity)
    try:
        plan.require_fit(live.snapshot, live.request(terms))
    except plan.Short as short:
        found = replace(
            found,
            fits=short.fits,
            short=terms.quantity - short.fits,
            full=tuple(live.dates(short.bound.full)),
            paced=tuple(live.dates(short.bound.paced)),
        )
        search = alternatives.Search(live, terms, short, earliest=earliest or terms.starts_on)
        others = search.all(sorted(set(more_ladas) - set(terms.ladas)))
        found = replace(found, alternatives=tuple(others))
    return found


def preview(found: Availability, terms: Terms) -> dict[date, int]:
    """Return how much of each day the terms would probably take; reveals nothing of others.

    Empty where they do not fit, or fit only in an arrangement that a plan has to find.
    """
    if found.short or not free_days.is_enough(found.days, terms):
        return {}
    free = np.array([day.free for day in found.days])
    limits = np.minimum(free, free_days.ceilings(found.days, terms))
    quantities = apportion(terms.quantity, weights=free, limits=limits)
    counts = zip(found.days, quantities.tolist(), strict=True)
    return {day.day: count for day, count in counts if count}
