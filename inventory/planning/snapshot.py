"""A snapshot: all cells and all live reservations in memory.

It has L LADAs (rows) by D channel days (columns). Quantities are notifications, as
64-bit integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from inventory.planning.flow import Counts, sum_by_key
from inventory.planning.groups import Groups, Indices


@dataclass(frozen=True, eq=False)
class GroupedQuantities:
    """A reservation's quantities added up by the nodes that cover its LADAs.

    A node is a group, by its number, or a LADA, numbered after the last group.
    """

    nodes: Indices  # (W,)
    by_day: Counts  # (W, N) quantity of each node on each day
    grouped: Indices  # (J,) its LADAs that a group covers
    pairs: Indices  # (J,) the pair of that group and that LADA

    def cut(self, days: slice) -> "GroupedQuantities":
        """Return it for some of its days."""
        return replace(self, by_day=self.by_day[:, days])

    @cached_property
    def totals(self) -> Counts:
        """The quantity of each day (N,)."""
        totals: Counts = self.by_day.sum(axis=0)
        return totals


@dataclass(frozen=True, eq=False)
class PlannedReservation:
    """A reservation and its plan: K LADAs by N days in a row."""

    ladas: Indices  # (K,) rows of the snapshot, ascending
    first: int  # column of its first day
    ceilings: Counts  # (N,) maximum of each day
    quantities: Counts  # (K, N) planned in each cell
    unplaced: int = 0  # reserved, and planned in no cell yet
    new: bool = False  # not announced to anybody yet: moving it costs nothing

    @property
    def stop(self) -> int:
        """Column after its last day."""
        return self.first + len(self.ceilings)

    def cut(self, first: int, stop: int) -> Self:
        """Return its part within some columns, which are then counted from `first`."""
        since, until = max(first, self.first), min(stop, self.stop)
        if (first, since, until) == (0, self.first, self.stop):
            return self
        days = slice(since - self.first, until - self.first)
        part = replace(
            self,
            first=since - first,
            ceilings=self.ceilings[days],
            quantities=self.quantities[:, days],
        )
        if cached := self.__dict__.get("_grouped"):
            groups, grouped = cached
            part.__dict__["_grouped"] = groups, grouped.cut(days)
        return part

    def by_group(self, groups: Groups) -> GroupedQuantities:
        """Return its quantities by group; cached for the last `groups` given."""
        cached_groups, grouped = self.__dict__.get("_grouped", (None, None))
        if cached_groups is not groups:
            grouped = self._group(groups)
            self.__dict__["_grouped"] = groups, grouped
        return grouped

    def _group(self, groups: Groups) -> GroupedQuantities:
        cover = groups.cover(self.ladas)
        grouped = np.flatnonzero(cover >= 0)
        nodes = np.where(cover >= 0, cover, len(groups) + self.ladas)
        nodes, by_day = sum_by_key(nodes, self.quantities)
        pairs = groups.pair[cover[grouped], self.ladas[grouped]]
        return GroupedQuantities(nodes, by_day, grouped, pairs)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The capacity of all cells, and the reservations that share them."""

    capacity: Counts  # (L, D)
    reservations: Sequence[PlannedReservation]
    groups: Groups
    frozen: int = 0  # the first columns, in which no planned quantity changes

    @cached_property
    def planned(self) -> Counts:
        """Planned quantity of each cell (L, D)."""
        total = np.zeros_like(self.capacity)
        for reservation in self.reservations:
            total[reservation.ladas, reservation.first : reservation.stop] += reservation.quantities
        return total

    @cached_property
    def movable_by_pair(self) -> Counts:
        """Movable quantity that groups cover, by pair of group and LADA (pairs, D)."""
        total = np.zeros((self.groups.pair_count, self.capacity.shape[1]), dtype=np.int64)
        for reservation in self.reservations:
            pairs, columns, quantities = self._movable_by_pair(reservation)
            total[pairs, columns] += quantities
        return total

    def _movable_by_pair(self, reservation: PlannedReservation) -> tuple[Indices, slice, Counts]:
        grouped, columns = reservation.by_group(self.groups), self.movable_columns(reservation)
        quantities = reservation.quantities[:, columns.start - reservation.first :]
        return grouped.pairs, slice(columns.start, columns.stop), quantities[grouped.grouped]

    def with_reservations(self, reservations: Sequence[PlannedReservation]) -> Self:
        """Return the snapshot with other reservations; sums are updated by the difference.

        That is quick where most reservations are the same objects.
        """
        other = replace(self, reservations=reservations)
        before, after = ({id(r): r for r in each.reservations} for each in (self, other))
        removed = [(r, -1) for key, r in before.items() if key not in after]
        added = [(r, +1) for key, r in after.items() if key not in before]
        if len(removed) + len(added) < len(reservations):
            planned, by_pair = self.planned.copy(), self.movable_by_pair.copy()
            for reservation, sign in removed + added:
                span = slice(reservation.first, reservation.stop)
                planned[reservation.ladas, span] += sign * reservation.quantities
                pairs, columns, quantities = self._movable_by_pair(reservation)
                by_pair[pairs, columns] += sign * quantities
            other.__dict__.update(planned=planned, movable_by_pair=by_pair)
        return other

    @property
    def free(self) -> Counts:
        """Free notifications of each cell (L, D)."""
        return np.maximum(self.capacity - self.planned, 0)

    def movable_columns(self, reservation: PlannedReservation) -> range:
        """Return the columns in which a reservation's quantities may change."""
        first = reservation.first if reservation.new else max(reservation.first, self.frozen)
        return range(first, reservation.stop)

    def connected_columns(self, first: int, stop: int) -> tuple[int, int]:
        """Widen a span of columns to all that overlapping reservations connect it with."""
        spans = np.array(
            [(s.start, s.stop) for s in map(self.movable_columns, self.reservations) if s]
        )
        if not len(spans):
            return first, stop
        while True:
            overlapping = spans[(spans[:, 0] < stop) & (spans[:, 1] > first)]
            wider = (
                min(first, int(overlapping[:, 0].min(initial=first))),
                max(stop, int(overlapping[:, 1].max(initial=stop))),
            )
            if wider == (first, stop):
                return wider
            first, stop = wider

    def cut(self, first: int, stop: int) -> tuple[Self, list[int]]:
        """Return the snapshot of some columns, and the numbers that its reservations had."""
        numbers = [n for n, r in enumerate(self.reservations) if r.first < stop and r.stop > first]
        part = replace(
            self,
            capacity=self.capacity[:, first:stop],
            reservations=[self.reservations[number].cut(first, stop) for number in numbers],
            frozen=max(self.frozen - first, 0),
        )
        part.__dict__.update(
            planned=self.planned[:, first:stop],
            movable_by_pair=self.movable_by_pair[:, first:stop],
        )
        return part, numbers
