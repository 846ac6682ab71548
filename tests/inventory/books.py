"""Random books, each the same for the same seed: tight, so that promises meet everywhere.

Every promise in them is planned within cells and ceilings, by a filling of its own that
shares nothing with `inventory`. `of` and `planned` make small ones by hand.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.planning.book import Book, Promise
from inventory.planning.groups import Groups
from inventory.planning.plan import Wish
from tests.inventory.oracle import even_ceilings

Range = tuple[int, int]  # both ends included


class Size(NamedTuple):
    """How large books are: the ranges that their counts are drawn from."""

    ladas: Range
    days: Range
    promises: Range
    chosen: int  # LADAs of a promise, at most
    longest: int  # days of a promise, at most


SMALL = Size(ladas=(2, 8), days=(2, 8), promises=(0, 10), chosen=8, longest=8)
MEDIUM = Size(ladas=(20, 60), days=(10, 30), promises=(10, 60), chosen=12, longest=12)
LARGE = Size(ladas=(120, 413), days=(60, 120), promises=(100, 200), chosen=20, longest=14)


def of(capacity: list[list[int]], *promises: Promise, frozen: int = 0) -> Book:
    """Make a book of L LADAs by D days."""
    return Book(np.array(capacity), promises, Groups(len(capacity)), frozen)


def planned(
    lines: list[list[int]],
    *,
    ladas: list[int],
    first: int = 0,
    tops: list[int] | None = None,
    missing: int = 0,
    new: bool = False,
) -> Promise:
    """Make a promise planned in K LADAs by N days, with room for anything where no tops are."""
    ceilings = np.array(tops) if tops else np.full(len(lines[0]), 1_000_000)
    return Promise(np.array(ladas), first, ceilings, np.array(lines), missing, new)


def draw(seed: int, size: Size = SMALL) -> tuple[Book, Wish]:
    """Make a book, and a wish that may or may not fit."""
    rng = np.random.default_rng([seed, *size.ladas])
    ladas, days = _within(rng, size.ladas), _within(rng, size.days)
    capacity = _capacity(rng, ladas, days)
    sets = _sets(rng, ladas)
    free = capacity.copy()
    promises = []
    for _ in range(_within(rng, size.promises)):
        chosen, first, stop = _choose(rng, sets, ladas, days, size)
        promises.append(_promise(rng, capacity, free, chosen, first, stop))
    frozen = int(rng.integers(1, days + 1)) if rng.random() < 0.35 else 0
    book = Book(capacity, promises, Groups(ladas, sets), frozen)
    return book, _wish(rng, book, _choose(rng, sets, ladas, days, size))


def without_groups(book: Book) -> Book:
    """Give the same book with no groups but those that are always there."""
    return Book(book.capacity, book.promises, Groups(len(book.capacity)), book.frozen)


def regrouped(book: Book, seed: int) -> Book:
    """Give the same book with other groups."""
    ladas = len(book.capacity)
    sets = _sets(np.random.default_rng(seed), ladas)
    return Book(book.capacity, book.promises, Groups(ladas, sets), book.frozen)


def lacking(seed: int, size: Size = SMALL) -> Book:
    """Make a book in which some promises miss a part of what is promised, and some are new."""
    book, _ = draw(seed, size)
    rng = np.random.default_rng([seed, 1])
    promises = []
    for promise in book.promises:
        lines, missing, new = promise.lines, 0, bool(rng.random() < 0.15)
        if rng.random() < 0.4:
            kept = rng.binomial(lines, rng.choice([0, 0.5, 0.9]))
            movable = np.arange(lines.shape[1]) >= (0 if new else book.frozen - promise.first)
            lost = (lines - kept) * movable
            missing, lines = int(lost.sum()) + int(rng.integers(0, 3)), lines - lost
        promises.append(
            Promise(promise.ladas, promise.first, promise.ceilings, lines, missing, new)
        )
    free = book.capacity.copy()
    for promise in promises:
        free[promise.ladas, promise.first : promise.stop] -= promise.lines
    for _ in range(int(rng.integers(0, 3))):  # others have taken what they lost
        chosen = _any_ladas(rng, len(free), size)
        promises.append(
            _promise(rng, book.capacity, free, chosen, 0, min(free.shape[1], size.longest))
        )
    return Book(book.capacity, promises, book.groups, book.frozen)


def _within(rng: np.random.Generator, ends: Range) -> int:
    return int(rng.integers(ends[0], ends[1] + 1))


def _capacity(rng: np.random.Generator, ladas: int, days: int) -> np.ndarray:
    """Draw what cells carry (L, D): LADAs of unlike sizes, empty cells, days that are shut."""
    most = int(rng.choice([3, 8, 30, 50_000]))
    capacity = rng.integers(0, most + 1, (ladas, days))
    if rng.random() < 0.3:
        capacity = capacity // rng.integers(1, most + 1, (ladas, 1))
    capacity[rng.random((ladas, days)) < rng.choice([0, 0.1, 0.3])] = 0
    capacity[:, rng.random(days) < rng.choice([0, 0, 0.2])] = 0
    return capacity


def _sets(rng: np.random.Generator, ladas: int) -> list[np.ndarray]:
    """Draw groups: parts of a division, sets that overlap, single LADAs, twice the same."""
    sets = []
    if rng.random() < 0.6:
        part = rng.integers(0, max(ladas // 3, 2), ladas)
        sets += [np.flatnonzero(part == number) for number in np.unique(part)]
    for _ in range(int(rng.integers(0, 4))):
        sets.append(np.flatnonzero(rng.random(ladas) < rng.random()))
    if sets and rng.random() < 0.2:
        sets += [sets[0], rng.integers(0, ladas, 1)]
    return sets


def _choose(
    rng: np.random.Generator, sets: Sequence[np.ndarray], ladas: int, days: int, size: Size
) -> tuple[np.ndarray, int, int]:
    """Choose LADAs, often a group or two or all but one, and days in a row."""
    chosen = _any_ladas(rng, ladas, size)
    if sets and rng.random() < 0.5:
        chosen = np.unique(np.concatenate([sets[i] for i in rng.integers(0, len(sets), 2)]))
    if rng.random() < 0.1:
        chosen = np.setdiff1d(np.arange(ladas), chosen)
    if not len(chosen):
        chosen = _any_ladas(rng, ladas, size)
    length = int(rng.integers(1, min(days, size.longest) + 1, 2).max())
    first = int(rng.integers(0, days - length + 1))
    return chosen.astype(np.intp), first, first + length


def _any_ladas(rng: np.random.Generator, ladas: int, size: Size) -> np.ndarray:
    """Choose LADAs at will; the last of the book is never among them unless it is alone."""
    count = int(rng.integers(1, min(size.chosen, ladas) + 1))
    return np.sort(rng.choice(ladas, count, replace=False)).astype(np.intp)


def _promise(
    rng: np.random.Generator,
    capacity: np.ndarray,
    free: np.ndarray,
    chosen: np.ndarray,
    first: int,
    stop: int,
) -> Promise:
    """Fill some of what is free, and choose ceilings that may be tight."""
    lines = rng.binomial(free[chosen, first:stop], rng.choice([0.3, 0.6, 1]))
    lines[rng.random(lines.shape) < rng.choice([0, 0.4, 0.8])] = 0
    free[chosen, first:stop] -= lines
    by_day, total = capacity[chosen, first:stop].sum(axis=0), lines.sum(axis=0)
    tops = [
        even_ceilings(int(lines.sum()), by_day),
        np.full(stop - first, total.max()),
        total + rng.integers(0, 3, stop - first),
        by_day,
    ][rng.choice(4, p=[0.3, 0.2, 0.1, 0.4])]
    return Promise(chosen, first, np.maximum(tops, total), lines)


def _wish(rng: np.random.Generator, book: Book, choice: tuple[np.ndarray, int, int]) -> Wish:
    """Wish for somewhat more or less than what is free, with or without a cap of one's own."""
    chosen, first, stop = choice
    whole = int(book.capacity[chosen, first:stop].sum())
    free = whole - int(book.planned[chosen, first:stop].sum())
    quantity = max(int(free + (whole - free) * rng.uniform(-0.3, 1) * rng.random()), 1)
    cap = None
    if rng.random() < 0.5:
        cap = max(int(quantity * rng.uniform(0.9, 4) / (stop - first)), 1)
    return Wish(chosen, first, stop - first, quantity, cap)
