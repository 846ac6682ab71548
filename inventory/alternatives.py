"""Other terms that fit, as near as possible to those that do not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np

from inventory import free_days
from inventory.allocations import LiveInventory
from inventory.free_days import DayAvailability
from inventory.planning import plan
from inventory.planning.flow import Counts
from inventory.terms import Terms

_NEARBY_DAYS = 14  # before and after the terms; searched before the whole horizon
MAX_PLANNED = 30  # terms of each kind of other days that are planned, the nearest ones


class Alternative(NamedTuple):
    """Other terms that fit now, as near as possible to those that do not.

    `kind` names the change: `volume`, `cap` (a higher daily cap), `ladas` (more LADAs),
    `dates` (as many days, at another time) or `span` (more days).
    """

    kind: str
    terms: Terms


class Search:
    """Searches terms that fit, nearest first. Each one found is proven to fit."""

    def __init__(
        self, live: LiveInventory, terms: Terms, refusal: plan.Short, *, earliest: date
    ) -> None:
        self._live, self._terms, self._refusal = live, terms, refusal
        self._earliest = max(earliest, live.first_day)
        self._days_of_window: dict[tuple[date, date], tuple[DayAvailability, ...]] = {}

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
        if self._refusal.fits == 0:
            return None
        return Alternative("volume", replace(self._terms, quantity=self._refusal.fits))

    def _with_higher_cap(self) -> Alternative | None:
        """Return the least daily cap with which the free notifications of the days suffice."""
        days = self._days_within((self._terms.starts_on, self._terms.ends_on))
        free = np.array([day.free for day in days])
        if int(free.sum()) < self._terms.quantity or not self._refusal.bound.paced:
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
        """Move the span, or lengthen it, by as few days as suffice."""
        for kind, candidates in (("dates", self._moved()), ("span", self._longer())):
            if terms := self._nearest(candidates):
                yield Alternative(kind, terms)

    def _moved(self) -> list[Terms]:
        """Return the terms on as many other days, the nearest first."""
        first, last = self._earliest - self._terms.starts_on, self._last_open - self._terms.ends_on
        shifts = sorted(range(first.days, last.days + 1), key=lambda by: (abs(by), -by))
        return [self._on(timedelta(by), timedelta(by)) for by in shifts if by]

    def _longer(self) -> list[Terms]:
        """Return the terms with a later last day, the nearest first."""
        if self._terms.starts_on < self._earliest:
            return []
        more = (self._last_open - self._terms.ends_on).days
        return [self._on(timedelta(0), timedelta(by)) for by in range(1, more + 1)]

    def _on(self, start_by: timedelta, end_by: timedelta) -> Terms:
        starts_on, ends_on = self._terms.starts_on + start_by, self._terms.ends_on + end_by
        return replace(self._terms, starts_on=starts_on, ends_on=ends_on)

    def _nearest(self, candidates: list[Terms]) -> Terms | None:
        """Return the first of some terms that fit.

        What is free on all days of a window together proves the fit of each part of it, but
        not that a part does not fit: each one before the first that is proven is planned.
        """
        proven = next(
            (
                number
                for window in self._windows
                for number, terms in enumerate(candidates)
                if self._is_proven(window, terms)
            ),
            None,
        )
        planned = (terms for terms in candidates[:proven][:MAX_PLANNED] if self._fits(terms))
        return next(planned, None if proven is None else candidates[proven])

    def _is_proven(self, window: tuple[date, date], terms: Terms) -> bool:
        first, last = window
        if terms.starts_on < first or terms.ends_on > last:
            return False
        start = (terms.starts_on - first).days
        days = self._days_within(window)[start : start + terms.days]
        return free_days.is_enough(days, terms)

    def _days_within(self, window: tuple[date, date]) -> tuple[DayAvailability, ...]:
        if window not in self._days_of_window:
            starts_on, ends_on = window
            terms = replace(self._terms, starts_on=starts_on, ends_on=ends_on)
            self._days_of_window[window] = free_days.read(self._live, terms)
        return self._days_of_window[window]

    @property
    def _last_open(self) -> date:
        return self._live.first_day + timedelta(self._live.snapshot.capacity.shape[1] - 1)

    @cached_property
    def _windows(self) -> list[tuple[date, date]]:
        """The days around the terms, and then the whole horizon: first and last of each."""
        margin = timedelta(max(self._terms.days, _NEARBY_DAYS))
        first = max(self._terms.starts_on - margin, self._earliest)
        last = min(self._terms.ends_on + margin, self._last_open)
        windows = [(first, last), (self._earliest, self._last_open)]
        return [window for window in windows if window[0] <= window[1]]

    def _has_enough_free(self, terms: Terms) -> bool:
        """Return whether terms fit without moving others: quicker than `_fits`, and a proof."""
        request = self._live.request(terms)
        capacity = request.cells_of(self._live.snapshot.capacity).sum(axis=0)
        free = request.cells_of(self._live.snapshot.free).sum(axis=0)
        ceilings = plan.ceilings(terms.quantity, capacity, terms.daily_cap)
        return int(np.minimum(free, ceilings).sum()) >= terms.quantity

    def _fits(self, terms: Terms) -> bool:
        return plan.fits(self._live.snapshot, self._live.request(terms))


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
