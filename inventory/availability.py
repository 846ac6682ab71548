"""Availability: how many notifications can still be sold, where and when. Takes no lock.

Counts what a hold would find: free notifications, and those that others can give up by
moving elsewhere.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from inventory import admission
from inventory.allocations import LiveInventory
from inventory.errors import DaysNotOpen
from inventory.planning import plan
from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts
from inventory.terms import Terms

TIGHT_PERCENT = 20  # free, or less: the level is `tight`

_NEARBY_DAYS = 14  # before and after the terms; searched before the whole horizon
_DATE_KINDS = ("dates", "span")  # kinds of alternatives that change the days


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


class Alternative(NamedTuple):
    """Other terms that fit now, as near as possible to those that do not.

    `kind` names the change: `volume`, `cap` (a higher daily cap), `ladas` (more LADAs),
    `dates` (as many days, at another time) or `span` (more days).
    """

    kind: str
    terms: Terms


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


def by_day(terms: Terms) -> Availability:
    """Return what is free on each day of the terms; their quantity does not matter.

    Raises BadTerms, DaysGone or DaysNotOpen.
    """
    terms.validate()
    live = admission.read()
    return Availability(_days(live, terms), live.as_of)


def check(
    terms: Terms,
    *,
    without: int | None = None,
    more_ladas: Collection[str] = (),
    earliest: date | None = None,
) -> Availability:
    """Return whether terms fit, else what limits them and the nearest alternatives.

    `without` is a reservation whose own notifications count as free. Alternatives may
    add LADAs among `more_ladas`, and none begins before `earliest`.

    Raises BadTerms, DaysGone or DaysNotOpen.
    """
    terms.validate()
    live = admission.read(without=[] if without is None else [without])
    found = Availability(_days(live, terms), live.as_of, fits=terms.quantity)
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
        search = _AlternativeSearch(live, terms, found, earliest or terms.starts_on)
        alternatives = search.all(sorted(set(more_ladas) - set(terms.ladas)))
        found = replace(found, alternatives=tuple(alternatives))
    return found


def preview(found: Availability, terms: Terms) -> dict[date, int]:
    """Return how much of each day the terms would probably take; reveals nothing of others.

    Empty where they do not fit, or fit only in an arrangement that a plan has to find.
    """
    if found.short or not is_enough(found.days, terms):
        return {}
    free = np.array([day.free for day in found.days])
    limits = np.minimum(free, _ceilings(found.days, terms))
    quantities = apportion(terms.quantity, weights=free, limits=limits)
    counts = zip(found.days, quantities.tolist(), strict=True)
    return {day.day: count for day, count in counts if count}


def is_enough(days: Sequence[DayAvailability], terms: Terms) -> bool:
    """Return whether the free notifications of days suffice for terms: a proof that they fit.

    Where they do not suffice, the terms may still fit with another division of the days.
    """
    free = np.array([day.free for day in days])
    return int(np.minimum(free, _ceilings(days, terms)).sum()) >= terms.quantity


def _ceilings(days: Sequence[DayAvailability], terms: Terms) -> Counts:
    capacity = np.array([day.capacity for day in days])
    return plan.ceilings(terms.quantity, capacity, terms.daily_cap)


def _days(live: LiveInventory, terms: Terms) -> tuple[DayAvailability, ...]:
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


class _AlternativeSearch:
    """Searches terms that fit, nearest first. Each one found is proven to fit."""

    def __init__(
        self, live: LiveInventory, terms: Terms, found: Availability, earliest: date
    ) -> None:
        self._live, self._terms, self._found = live, terms, found
        self._earliest = max(earliest, live.first_day)

    def all(self, more_ladas: list[str]) -> Iterator[Alternative]:
        """Yield at most one alternative of each kind."""
        for alternative in (
            self._with_more_ladas(more_ladas),
            *self._with_other_days(),
            self._with_higher_cap(),
            self._with_less_volume(),
        ):
            if alternative is not None:
                yield alternative

    def _with_less_volume(self) -> Alternative | None:
        if self._found.fits == 0:
            return None
        return Alternative("volume", replace(self._terms, quantity=self._found.fits))

    def _with_higher_cap(self) -> Alternative | None:
        """Return the least daily cap with which the free notifications of the days suffice."""
        free = np.array([day.free for day in self._found.days])
        if int(free.sum()) < self._terms.quantity or not self._found.paced:
            return None
        cap = _least_cap(free, self._terms.quantity)
        return Alternative("cap", replace(self._terms, daily_cap=cap))

    def _with_more_ladas(self, candidates: list[str]) -> Alternative | None:
        """Add as few LADAs as suffice, those with most free notifications first."""
        if not candidates:
            return None
        request = self._live.request(replace(self._terms, ladas=candidates))
        free = request.cells_of(self._live.snapshot.free).sum(axis=1)
        by_free = [candidates[row] for row in np.argsort(-free, kind="stable")]
        for count in range(1, len(by_free) + 1):
            terms = self._adding(by_free[:count])
            if self._has_enough_free(terms):
                return Alternative("ladas", terms)
        terms = self._adding(by_free)
        return Alternative("ladas", terms) if self._fits(terms) else None

    def _adding(self, ladas: list[str]) -> Terms:
        return replace(self._terms, ladas=[*self._terms.ladas, *ladas])

    def _with_other_days(self) -> Iterator[Alternative]:
        """Move the span, or lengthen it, by as few days as suffice: first nearby, then anywhere.

        What is free on all days of a window together proves the fit of each part of it.
        """
        found: dict[str, Alternative] = {}
        for window in self._windows():
            found = dict(self._other_days_within(window)) | found
            if len(found) == len(_DATE_KINDS):
                break
        yield from (found[kind] for kind in _DATE_KINDS if kind in found)

    def _windows(self) -> Iterator[Terms]:
        last_open = self._live.first_day + timedelta(self._live.snapshot.capacity.shape[1] - 1)
        starts_on, ends_on = self._terms.starts_on, self._terms.ends_on
        margin = timedelta(max(self._terms.days, _NEARBY_DAYS))
        if self._earliest <= ends_on < last_open:
            first, last = max(starts_on - margin, self._earliest), min(ends_on + margin, last_open)
            yield replace(self._terms, starts_on=first, ends_on=last)
        if self._earliest <= last_open:
            yield replace(self._terms, starts_on=self._earliest, ends_on=last_open)

    def _other_days_within(self, window: Terms) -> Iterator[tuple[str, Alternative]]:
        days = _days(self._live, window)
        start, length = (self._terms.starts_on - window.starts_on).days, self._terms.days
        shifts = sorted(range(-start, len(days) - start - length + 1), key=lambda n: (abs(n), -n))
        moved = (days[start + by :][:length] for by in shifts if by and start + by >= 0)
        lengths = range(length + 1, len(days) - start + 1) if start >= 0 else ()
        longer = (days[start : start + more] for more in lengths)
        for kind, spans in zip(_DATE_KINDS, (moved, longer), strict=True):
            if enough := next((span for span in spans if is_enough(span, self._terms)), None):
                starts_on, ends_on = enough[0].day, enough[-1].day
                terms = replace(self._terms, starts_on=starts_on, ends_on=ends_on)
                yield kind, Alternative(kind, terms)

    def _has_enough_free(self, terms: Terms) -> bool:
        """Return whether terms fit without moving others: quicker than `_fits`, and a proof."""
        request = self._live.request(terms)
        capacity = request.cells_of(self._live.snapshot.capacity).sum(axis=0)
        free = request.cells_of(self._live.snapshot.free).sum(axis=0)
        ceilings = plan.ceilings(terms.quantity, capacity, terms.daily_cap)
        return int(np.minimum(free, ceilings).sum()) >= terms.quantity

    def _fits(self, terms: Terms) -> bool:
        try:
            plan.require_fit(self._live.snapshot, self._live.request(terms))
        except plan.Short:
            return False
        return True


def _least_cap(free: Counts, quantity: int) -> int:
    """Return the least daily cap with which days (N,) with `free` each carry a quantity."""
    low, high = 1, int(free.max())
    while low < high:
        cap = (low + high) // 2
        if int(np.minimum(free, cap).sum()) >= quantity:
            high = cap
        else:
            low = cap + 1
    return low
