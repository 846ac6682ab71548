"""Every promise and every cell together. Pure: arrays in, arrays out.

A book has L LADAs (rows) by D channel days (columns); units are notifications, as
64-bit integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from inventory.planning.flow import Counts, add_up
from inventory.planning.groups import Groups, Rows


@dataclass(frozen=True, eq=False)
class Through:
    """How a promise is planned by the places through which it reaches its LADAs.

    A place is a group, by its number, or a LADA, counted from behind the last group.
    """

    places: Rows  # (W,)
    flows: Counts  # (W, N) what is planned through each
    grouped: Rows  # (J,) which of its LADAs are reached through groups
    pairs: Rows  # (J,) the number of the pair of that group and that LADA

    def cut(self, kept: slice) -> "Through":
        """Cut it to some days."""
        return replace(self, flows=self.flows[:, kept])

    @cached_property
    def used(self) -> Counts:
        """What is planned on each day (N,)."""
        used: Counts = self.flows.sum(axis=0)
        return used


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
        if (first, since, until) == (0, self.first, self.stop):
            return self
        kept = slice(since - self.first, until - self.first)
        cut = replace(
            self, first=since - first, ceilings=self.ceilings[kept], lines=self.lines[:, kept]
        )
        if known := self.__dict__.get("_through"):
            groups, through = known
            cut.__dict__["_through"] = groups, through.cut(kept)
        return cut

    def through(self, groups: Groups) -> Through:
        """Say through which places it is planned; known once, this is remembered."""
        groups_then, through = self.__dict__.get("_through", (None, None))
        if groups_then is not groups:
            through = self._find_through(groups)
            self.__dict__["_through"] = groups, through
        return through

    def _find_through(self, groups: Groups) -> Through:
        door = groups.doors(self.ladas)
        grouped = np.flatnonzero(door >= 0)
        places, flows = add_up(np.where(door >= 0, door, len(groups) + self.ladas), self.lines)
        return Through(places, flows, grouped, groups.pair[door[grouped], self.ladas[grouped]])


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

    @cached_property
    def grouped(self) -> Counts:
        """What may move of what promises reach through groups, by pair of group and LADA (_, D)."""
        total = np.zeros((self.groups.pairs, self.capacity.shape[1]), dtype=np.int64)
        for promise in self.promises:
            pairs, columns, lines = self._grouped(promise)
            total[pairs, columns] += lines
        return total

    def _grouped(self, promise: Promise) -> tuple[Rows, slice, Counts]:
        through, columns = promise.through(self.groups), self.movable(promise)
        lines = promise.lines[:, columns.start - promise.first :]
        return through.pairs, slice(columns.start, columns.stop), lines[through.grouped]

    def with_promises(self, promises: Sequence[Promise]) -> Self:
        """Give the book with other promises in it; quick where most are the same."""
        other = replace(self, promises=promises)
        before, after = ({id(p): p for p in book.promises} for book in (self, other))
        gone = [(p, -1) for key, p in before.items() if key not in after]
        come = [(p, +1) for key, p in after.items() if key not in before]
        if len(gone) + len(come) < len(promises):
            planned, grouped = self.planned.copy(), self.grouped.copy()
            for promise, sign in gone + come:
                planned[promise.ladas, promise.first : promise.stop] += sign * promise.lines
                pairs, columns, lines = self._grouped(promise)
                grouped[pairs, columns] += sign * lines
            other.__dict__.update(planned=planned, grouped=grouped)
        return other

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
        cut.__dict__.update(
            planned=self.planned[:, first:stop], grouped=self.grouped[:, first:stop]
        )
        return cut, numbers
