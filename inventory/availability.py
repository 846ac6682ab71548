"""How many notifications can still be sold where and when. Reads only, blocks nobody.

It counts as a hold would: with what is free, and with what others can give way.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from inventory import ledger
from inventory.errors import DaysNotOpen
from inventory.ledger import Ledger
from inventory.planning import plan
from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts
from inventory.terms import Terms

TIGHT = 20  # percent free

_NEAR_DAYS = 14  # before and after, to look there first
_TIMES = ("dates", "span")  # the kinds of ways that change the days


@dataclass(frozen=True)
class Day:
    """One channel day of a choice, in notifications."""

    day: date
    capacity: int
    free: int  # to be had, by others giving way where needed

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


class Way(NamedTuple):
    """Other terms that fit now, near to those that do not.

    `kind` says what they change: `volume`, `cap` (a higher daily cap), `ladas` (more
    LADAs), `dates` (as many days, at another time) or `span` (more days).
    """

    kind: str
    terms: Terms


@dataclass(frozen=True)
class Availability:
    """What a choice of LADAs and days can carry, as of a moment."""

    days: tuple[Day, ...]
    as_of: datetime
    fits: int = 0  # of the quantity asked for, under its daily ceilings
    short: int = 0  # what of it does not fit
    full: tuple[date, ...] = ()  # where nothing is free and nobody can give way
    paced: tuple[date, ...] = ()  # where its own daily ceiling binds
    ways: tuple[Way, ...] = ()

    @property
    def free(self) -> int:
        """What could be had of all days together, whatever the pacing."""
        return sum(day.free for day in self.days)


def of(ladas: Collection[str], starts_on: date, ends_on: date) -> Availability:
    """Say what a choice has by day. Raises BadTerms, DaysGone or DaysNotOpen."""
    terms = Terms.of(quantity=1, ladas=ladas, starts_on=starts_on, ends_on=ends_on)
    book = ledger.read()
    return Availability(_days(book, terms), book.as_of)


def for_terms(
    terms: Terms,
    *,
    without: int | None = None,
    more_ladas: Collection[str] = (),
    earliest: date | None = None,
) -> Availability:
    """Say whether terms fit, what binds where they do not, and the nearest ways that do.

    `without` is a reservation that would give its own back, `more_ladas` may be
    added, and no way begins before `earliest`. Raises DaysNotOpen.
    """
    book = ledger.read(without=without)
    found = Availability(_days(book, terms), book.as_of, fits=terms.quantity)
    try:
        plan.fits(book.book, book.wish(terms))
    except plan.Short as short:
        found = replace(
            found,
            fits=short.fits,
            short=terms.quantity - short.fits,
            full=tuple(book.days(short.bound.full)),
            paced=tuple(book.days(short.bound.paced)),
        )
        ways = _Ways(book, terms, found, earliest or terms.starts_on)
        found = replace(found, ways=tuple(ways.all(sorted(set(more_ladas) - set(terms.ladas)))))
    return found


def spread(found: Availability, terms: Terms) -> dict[date, int]:
    """Say how much terms would take of each day as things stand; nothing of others is shown.

    Empty where they do not fit, or only in an arrangement that a plan would have to find.
    """
    if found.short or not is_enough(found.days, terms):
        return {}
    free = np.array([day.free for day in found.days])
    tops = _tops(found.days, terms)
    parts = apportion(terms.quantity, weights=free, limits=np.minimum(free, tops))
    counts = zip(found.days, parts.tolist(), strict=True)
    return {day.day: count for day, count in counts if count}


def _tops(days: Sequence[Day], terms: Terms) -> Counts:
    capacity = np.array([day.capacity for day in days])
    return plan.ceilings(terms.quantity, capacity, terms.daily_cap)


def _days(book: Ledger, terms: Terms) -> tuple[Day, ...]:
    wish = book.wish(terms)
    if missing := book.not_open(terms):
        raise DaysNotOpen(missing)
    capacity = wish.carried(book.book.capacity).sum(axis=0)
    free = plan.available(book.book, wish)
    columns = range(wish.first, wish.first + wish.days)
    return tuple(
        Day(day, int(most), int(left))
        for day, most, left in zip(book.days(columns), capacity, free, strict=True)
    )


def is_enough(days: Sequence[Day], terms: Terms) -> bool:
    """Say whether days can carry terms with what they can have together: it proves that they fit.

    Where it is not enough, other amounts on these days may still be.
    """
    free = np.array([day.free for day in days])
    return int(np.minimum(free, _tops(days, terms)).sum()) >= terms.quantity


class _Ways:
    """Looks for terms that fit, nearest first. Each that is found is proven by a plan."""

    def __init__(self, book: Ledger, terms: Terms, found: Availability, earliest: date) -> None:
        self._book, self._terms, self._found = book, terms, found
        self._earliest = max(earliest, book.first)

    def all(self, more_ladas: list[str]) -> Iterator[Way]:
        for way in (self._more(more_ladas), *self._times(), self._cap(), self._volume()):
            if way is not None:
                yield way

    def _volume(self) -> Way | None:
        if self._found.fits == 0:
            return None
        return Way("volume", replace(self._terms, quantity=self._found.fits))

    def _cap(self) -> Way | None:
        """Find the least daily cap with which what the days have together is enough."""
        free = np.array([day.free for day in self._found.days])
        if int(free.sum()) < self._terms.quantity or not self._found.paced:
            return None
        cap = _least_cap(free, self._terms.quantity)
        return Way("cap", replace(self._terms, daily_cap=cap))

    def _more(self, candidates: list[str]) -> Way | None:
        """Add as few LADAs as are enough, those with most to give first."""
        if not candidates:
            return None
        every = self._book.wish(replace(self._terms, ladas=candidates))
        free = every.carried(self._book.book.free).sum(axis=1)
        order = [candidates[row] for row in np.argsort(-free, kind="stable")]
        for count in range(1, len(order) + 1):
            terms = self._with(order[:count])
            if self._has_free(terms):
                return Way("ladas", terms)
        terms = self._with(order)
        return Way("ladas", terms) if self._fits(terms) else None

    def _with(self, ladas: list[str]) -> Terms:
        return replace(self._terms, ladas=sorted([*self._terms.ladas, *ladas]))

    def _times(self) -> Iterator[Way]:
        """Move the span, or lengthen it, by as few days as are enough: near first, then all days.

        What the choice has on all days of a window together proves each part of it.
        """
        found: dict[str, Way] = {}
        for window in self._windows():
            found = dict(self._times_in(window)) | found
            if len(found) == len(_TIMES):
                break
        yield from (found[kind] for kind in _TIMES if kind in found)

    def _windows(self) -> Iterator[Terms]:
        horizon = self._book.first + timedelta(self._book.book.capacity.shape[1] - 1)
        starts_on, ends_on = self._terms.starts_on, self._terms.ends_on
        near = timedelta(max(self._terms.days, _NEAR_DAYS))
        if self._earliest <= ends_on < horizon:
            first, last = max(starts_on - near, self._earliest), min(ends_on + near, horizon)
            yield replace(self._terms, starts_on=first, ends_on=last)
        if self._earliest <= horizon:
            yield replace(self._terms, starts_on=self._earliest, ends_on=horizon)

    def _times_in(self, window: Terms) -> Iterator[tuple[str, Way]]:
        days = _days(self._book, window)
        start, length = (self._terms.starts_on - window.starts_on).days, self._terms.days
        shifts = sorted(range(-start, len(days) - start - length + 1), key=lambda n: (abs(n), -n))
        moved = (days[start + by :][:length] for by in shifts if by and start + by >= 0)
        spans = range(length + 1, len(days) - start + 1) if start >= 0 else ()
        longer = (days[start : start + more] for more in spans)
        for kind, candidates in zip(_TIMES, (moved, longer), strict=True):
            if enough := next((span for span in candidates if is_enough(span, self._terms)), None):
                starts_on, ends_on = enough[0].day, enough[-1].day
                yield kind, Way(kind, replace(self._terms, starts_on=starts_on, ends_on=ends_on))

    def _has_free(self, terms: Terms) -> bool:
        """Say whether what is free is enough as it is: quick, and proof as well."""
        wish = self._book.wish(terms)
        capacity = wish.carried(self._book.book.capacity).sum(axis=0)
        free = wish.carried(self._book.book.free).sum(axis=0)
        tops = plan.ceilings(terms.quantity, capacity, terms.daily_cap)
        return int(np.minimum(free, tops).sum()) >= terms.quantity

    def _fits(self, terms: Terms) -> bool:
        try:
            plan.fits(self._book.book, self._book.wish(terms))
        except plan.Short:
            return False
        return True


def _least_cap(free: Counts, quantity: int) -> int:
    """Give the least cap with which days (N,) of so much each carry a quantity."""
    low, high = 1, int(free.max())
    while low < high:
        cap = (low + high) // 2
        if int(np.minimum(free, cap).sum()) >= quantity:
            high = cap
        else:
            low = cap + 1
    return low
