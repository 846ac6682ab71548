"""Who can give way so that all promises still fit. Pure: arrays in, arrays out.

The exact heart of the inventory: a promise is refused only if no plan carries it
together with all the others, and as little as possible of the present plan moves:
first nothing, then within a day, and to another day only what must.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from inventory.planning.apportion import apportion, columns
from inventory.planning.between_days import Bound, DayTotals
from inventory.planning.book import Book, Promise
from inventory.planning.flow import Counts
from inventory.planning.groups import Rows
from inventory.planning.within_day import Part, settle

NOTHING_BINDS = Bound([], [])
EVEN_PACING = (3, 2)  # a day may carry 3/2 of its proportional share


class Short(Exception):
    """The promise does not fit; `fits` notifications would."""

    def __init__(self, fits: int, bound: Bound = NOTHING_BINDS) -> None:
        super().__init__(fits)
        self.fits = fits
        self.bound = bound


@dataclass(frozen=True, eq=False)
class Wish:
    """What somebody asks for: so many notifications over K LADAs and N days in a row."""

    ladas: Rows  # (K,) rows of the book, ascending
    first: int  # the column of the first day
    days: int
    quantity: int
    daily_cap: int | None = None

    def carried(self, cells: Counts) -> Counts:
        """Cut cells (L, D) of a book to its own (K, N)."""
        return cells[self.ladas, self.first : self.first + self.days]


@dataclass(frozen=True, eq=False)
class Placed:
    """What a plan changes: the new lines (K, N) of promises by number, and what finds no place."""

    lines: dict[int, Counts]
    missing: Counts  # (P,)


def ceilings(quantity: int, capacity: Counts, daily_cap: int | None = None) -> Counts:
    """Give the most that each day may carry of a promise.

    `capacity` is (N,): all that the promise's LADAs can carry on each day. With
    even pacing a day's ceiling is 1.5 × its proportional share, rounded up; the
    brand's own `daily_cap` replaces it.
    """
    if daily_cap is not None:
        return np.full(capacity.shape, daily_cap, dtype=np.int64)
    total = int(capacity.sum())
    if total == 0:
        return np.zeros(capacity.shape, dtype=np.int64)
    times, over = EVEN_PACING
    share = [-(-times * quantity * int(day) // (over * total)) for day in capacity]
    return np.array(share, dtype=np.int64)


def spread(free: Counts, *, quantity: int, ceilings: Counts) -> Counts:
    """Split a promise over its cells in proportion to what is free in each.

    `free` is (K, N), `ceilings` (N,); the answer is (K, N) and adds up to
    `quantity` exactly: no cell above its free count, no day above its ceiling.

    Raises Short with the largest quantity that fits under these ceilings.
    """
    by_day = free.sum(axis=0)
    room = np.minimum(by_day, ceilings)
    fits = int(room.sum())
    if fits < quantity:
        raise Short(fits)
    days = apportion(quantity, weights=by_day, limits=room)
    return columns(days, weights=free)


def admit(book: Book, wish: Wish) -> Placed:
    """Plan one more promise, as the last of the book; others move only where it must be.

    Raises Short with the largest quantity that fits and what binds.
    """
    promise = _promise(book, wish, wish.quantity)
    try:
        return place(book.with_promises([*book.promises, promise]))
    except Short as short:
        raise Short(_largest(book, wish, promise, short), short.bound) from None


def place(book: Book, *, partly: bool = False) -> Placed:
    """Find a place for all that is missing, or `partly` for as much of it as there can be.

    Raises Short: `fits` counts what of the first such promise is planned then, under
    its ceilings.
    """
    wanted = sum(promise.missing for promise in book.promises)
    if not wanted:
        return Placed(_new_lines(book), np.zeros(len(book.promises), dtype=np.int64))
    near, numbers, since, days, flow = _search(book, wanted)
    found = days.network.value(flow)
    if found < wanted and not partly:
        raise _short(near, days, flow, since)
    if days.moves_between:
        flow = days.network.cheapest(found)
    lines = _new_lines(near) | _settle(near, days.totals(flow))
    missing = np.zeros(len(book.promises), dtype=np.int64)
    missing[numbers] = days.missing(flow)
    whole = {}
    for number, new in lines.items():
        promise, part = book.promises[numbers[number]], near.promises[number]
        whole[numbers[number]] = _paste(promise, part, since, new)
    return Placed(whole, missing)


def available(book: Book, wish: Wish) -> Counts:
    """Give how many notifications each day (N,) could carry of a choice, whatever its pacing.

    They could be had together. What is free counts first, then what can give way.
    """
    free = wish.carried(book.free)
    most = wish.carried(book.capacity).sum(axis=0)
    missing = int(most.sum()) - int(free.sum())
    if missing == 0:
        return most
    promise = Promise(wish.ladas, wish.first, most, free, missing, new=True)
    longer = book.with_promises([*book.promises, promise])
    near, _numbers = longer.within(*book.reach(wish.first, promise.stop))
    days = DayTotals(near, between_days=True)
    found = days.totals(days.network.most(missing))
    return found[len(near.promises) - 1][1] if len(near.promises) - 1 in found else free.sum(axis=0)


def fits(book: Book, wish: Wish) -> None:
    """Raise Short, as `admit` does, unless the wish fits. Finds out quicker: it plans nothing."""
    promise = _promise(book, wish, wish.quantity)
    try:
        _require_room(book.with_promises([*book.promises, promise]))
    except Short as short:
        raise Short(_largest(book, wish, promise, short), short.bound) from None


def _largest(book: Book, wish: Wish, promise: Promise, short: Short) -> int:
    """Go down from a quantity that does not fit to the largest that does.

    Every cut of a network bounds the quantity by a sum in which the ceilings of the
    paced days grow with the quantity; nothing above the solution of that can fit.
    Source: W. Dinkelbach, "On nonlinear fractional programming", 1967.
    """
    if wish.daily_cap is not None:
        return short.fits  # the ceilings do not depend on the quantity
    by_day = wish.carried(book.capacity).sum(axis=0)
    quantity = wish.quantity
    while True:
        paced = np.array(short.bound.paced, dtype=np.intp) - wish.first
        others = short.fits - int(promise.ceilings[paced].sum())
        quantity = _solve(others, by_day, paced, below=quantity)
        promise = _promise(book, wish, quantity)
        try:
            _require_room(book.with_promises([*book.promises, promise]))
        except Short as again:
            short = again
        else:
            return quantity


def _solve(others: int, by_day: Counts, paced: Rows, *, below: int) -> int:
    """Give the largest quantity `below` some that is at most `others` + its paced ceilings."""
    total = max(int(by_day.sum()), 1)
    part = Fraction(EVEN_PACING[0] * int(by_day[paced].sum()), EVEN_PACING[1] * total)
    quantity = below - 1
    if part < 1:  # a ceiling is less than one above its exact share
        quantity = min(quantity, int((others + len(paced)) / (1 - part)))
    while (cut := others + int(ceilings(quantity, by_day)[paced].sum())) < quantity:
        quantity = cut  # from above, and never below the solution: ceilings only fall
    return quantity


class _Search(NamedTuple):
    """Where places were looked for, and the largest flow found there."""

    book: Book  # cut to the columns that count
    numbers: list[int]  # of its promises in the whole book
    since: int  # the first of its columns
    days: DayTotals
    flow: Counts


def _search(book: Book, wanted: int) -> _Search:
    """Look for places for all that is missing: within the days at hand, else wherever days lead.

    Who is known already may leave a day of its own; others leaving theirs may do with less,
    so then all is looked at together.
    """
    lacking = [promise for promise in book.promises if promise.missing]
    first, stop = min(p.first for p in lacking), max(p.stop for p in lacking)
    if all(promise.new for promise in lacking):
        near, numbers = book.within(first, stop)
        days = DayTotals(near, between_days=False)
        flow = days.network.most(wanted)
        if days.network.value(flow) == wanted:
            return _Search(near, numbers, first, days, flow)
    first, stop = book.reach(first, stop)
    near, numbers = book.within(first, stop)
    days = DayTotals(near, between_days=True)
    return _Search(near, numbers, first, days, days.network.most(wanted))


def _require_room(book: Book) -> None:
    """Raise Short unless what is missing of the last promise finds a place."""
    if wanted := book.promises[-1].missing:
        near, _numbers, since, days, flow = _search(book, wanted)
        if days.network.value(flow) < wanted:
            raise _short(near, days, flow, since)


def _short(book: Book, days: DayTotals, flow: Counts, since: int) -> Short:
    left = days.missing(flow)
    number = int(np.flatnonzero(left)[0])
    bound = days.bound(flow, number)
    promise = book.promises[number]
    fits = int(promise.lines.sum()) + promise.missing - int(left[number])
    return Short(fits, Bound([c + since for c in bound.full], [c + since for c in bound.paced]))


def _promise(book: Book, wish: Wish, quantity: int) -> Promise:
    """Begin a promise with what is free, in proportion; the rest of it is missing."""
    tops = ceilings(quantity, wish.carried(book.capacity).sum(axis=0), wish.daily_cap)
    free = wish.carried(book.free)
    fits = min(quantity, int(np.minimum(free.sum(axis=0), tops).sum()))
    lines = spread(free, quantity=fits, ceilings=tops)
    return Promise(wish.ladas, wish.first, tops, lines, quantity - fits, new=True)


def _settle(book: Book, totals: dict[int, tuple[range, Counts]]) -> dict[int, Counts]:
    """Give the new lines of the promises that change, day by day."""
    free, found = book.free, dict[int, Counts]()
    movable = [book.movable(promise) for promise in book.promises]
    for column in sorted({column for days, _totals in totals.values() for column in days}):
        active = [number for number, days in enumerate(movable) if column in days]
        parts = [_part(book.promises[n], column, totals.get(n)) for n in active]
        for number, part, new in zip(active, parts, settle(free[:, column], parts), strict=True):
            if new is not part.lines:
                promise = book.promises[number]
                found.setdefault(number, promise.lines.copy())[:, column - promise.first] = new
    return found


def _part(promise: Promise, column: int, total: tuple[range, Counts] | None) -> Part:
    lines = promise.lines[:, column - promise.first]
    change = 0
    if total is not None and column in total[0]:
        change = int(total[1][column - total[0].start] - lines.sum())
    return Part(promise.ladas, lines, change, promise.new)


def _new_lines(book: Book) -> dict[int, Counts]:
    return {number: p.lines for number, p in enumerate(book.promises) if p.new}


def _paste(whole: Promise, part: Promise, since: int, lines: Counts) -> Counts:
    """Put the lines of a cut promise back into those of the whole."""
    at = since + part.first - whole.first
    new = whole.lines.copy()
    new[:, at : at + lines.shape[1]] = lines
    return new
