"""Fit promises into cells that can carry less than before. Pure: arrays in, arrays out.

Where a cell holds more than it can carry, lines leave it; other places are found for
them, with others giving way (`inventory.planning.plan`). What finds none is missing, and as
little is missing as can be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inventory.planning import plan
from inventory.planning.book import Book
from inventory.planning.flow import Counts, Flags


@dataclass(frozen=True, eq=False)
class Fitted:
    """New lines (K, N) of the promises that move, by number, and what each (P,) lacks."""

    lines: dict[int, Counts]
    missing: Counts


def squeeze(book: Book, held: Flags, missing: Counts) -> Fitted:
    """Fit promises, in the order of their age, into a book whose cells may be over-full.

    `held` and `missing` are (P,): which promises are only held, and what each lacks
    already. The youngest leave a cell first, and held ones before booked ones; places
    go to those that were booked, then to those held, then to what was missing before.
    Columns that are frozen stay as they are.
    """
    number_of = np.arange(len(book.promises))
    now, taken = _take_off(book, np.lexsort((-number_of, ~held)).tolist())
    left = np.zeros_like(missing)
    for lacking in (np.where(held, 0, taken), np.where(held, taken, 0), missing):
        if lacking.any():
            now, without_place = _find_places(now, lacking)
            left += without_place
    pairs = zip(book.promises, now.promises, strict=True)
    return Fitted(
        {
            number: promise.lines
            for number, (before, promise) in enumerate(pairs)
            if promise is not before and (promise.lines != before.lines).any()
        },
        left,
    )


def _take_off(book: Book, order: Sequence[int]) -> tuple[Book, Counts]:
    """Bring every cell within its capacity; give what each promise (P,) lost, in this order."""
    excess = np.maximum(book.planned - book.capacity, 0)
    excess[:, : book.frozen] = 0
    promises, taken = list(book.promises), np.zeros(len(book.promises), dtype=np.int64)
    for number in order:
        if not excess.any():
            break
        promise = promises[number]
        span = promise.ladas, slice(promise.first, promise.stop)
        off = np.minimum(excess[span], promise.lines)
        excess[span] -= off
        promises[number] = replace(promise, lines=promise.lines - off)
        taken[number] = off.sum()
    return replace(book, promises=promises), taken


def _find_places(book: Book, missing: Counts) -> tuple[Book, Counts]:
    """Plan what is missing (P,) as far as it can be; give what finds no place (P,)."""
    lacking = [
        replace(promise, missing=int(count))
        for promise, count in zip(book.promises, missing, strict=True)
    ]
    placed = plan.place(replace(book, promises=lacking), partly=True)
    promises = [
        replace(promise, lines=placed.lines[number]) if number in placed.lines else promise
        for number, promise in enumerate(book.promises)
    ]
    return replace(book, promises=promises), placed.missing
