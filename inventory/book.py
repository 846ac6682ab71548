"""Every promise and every cell together. Pure: arrays in, arrays out.

A book has L LADAs (rows) by D channel days (columns); units are notifications, as
64-bit integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from inventory.flow import Counts
from inventory.groups import Groups, Rows


@dataclass(frozen=True, eq=False)
class Promise:
    """A promise and how it is planned: K LADAs by N days in a row."""

    ladas: Rows  # (K,) rows of the book, ascending
    first: int  # the column of its first day
    ceilings: Counts  # (N,) the most that each day may carry
    lines: Counts  # (K, N) what is planned in each cell
    missing: int = 0  # what is promised and planned nowhere yet
    new: bool = False  # nobody knows its lines yet: they may change for nothing

    @property
    def stop(self) -> int:
        """The column after its last day."""
        return self.first + len(self.ceilings)

    def within(self, first: int, stop: int) -> Self:
        """Cut it to some columns, and count from the first of these."""
        since, until = max(first, self.first), min(stop, self.stop)
        kept = slice(since - self.first, until - self.first)
        return replace(
            self, first=since - first, ceilings=self.ceilings[kept], lines=self.lines[:, kept]
        )


@dataclass(frozen=True, eq=False)
class Book:
    """What cells can carry, and the promises that share them."""

    capacity: Counts  # (L, D)
    promises: Sequence[Promise]
    groups: Groups
    frozen: int = 0  # so many columns at the start, in which no planned line moves

    @cached_property
    def planned(self) -> Counts:
        """What is planned in each cell (L, D)."""
        total = np.zeros_like(self.capacity)
        for promise in self.promises:
            total[promise.ladas, promise.first : promise.stop] += promise.lines
        return total

    @property
    def free(self) -> Counts:
        """What each cell (L, D) can still carry."""
        return np.maximum(self.capacity - self.planned, 0)

    def movable(self, promise: Promise) -> range:
        """Give the columns in which lines of a promise may change."""
        return range(
            promise.first if promise.new else max(promise.first, self.frozen), promise.stop
        )

    def reach(self, first: int, stop: int) -> tuple[int, int]:
        """Widen some columns to all that promises reach from them, one after the other."""
        spans = np.array([(s.start, s.stop) for s in map(self.movable, self.promises) if s])
        if not len(spans):
            return first, stop
        while True:
            met = spans[(spans[:, 0] < stop) & (spans[:, 1] > first)]
            wider = (
                min(first, int(met[:, 0].min(initial=first))),
                max(stop, int(met[:, 1].max(initial=stop))),
            )
            if wider == (first, stop):
                return wider
            first, stop = wider

    def within(self, first: int, stop: int) -> tuple[Self, list[int]]:
        """Cut the book to some columns; give it with the numbers that its promises had."""
        numbers = [n for n, p in enumerate(self.promises) if p.first < stop and p.stop > first]
        cut = replace(
            self,
            capacity=self.capacity[:, first:stop],
            promises=[self.promises[number].within(first, stop) for number in numbers],
            frozen=max(self.frozen - first, 0),
        )
        cut.__dict__["planned"] = self.planned[:, first:stop]
        return cut, numbers
