"""Where unplaced notifications could go: straight into free cells, or by moving others.

The residual network of a plan, searched breadth first without building it: quicker than a
flow where nothing at all can be placed, as in cells that are sold out.
"""

import numpy as np

from inventory.planning.flow import Counts, Flags
from inventory.planning.snapshot import PlannedReservation, Snapshot


def saturated_days(snapshot: Snapshot) -> list[Flags] | None:
    """Return the days (N,) of each reservation that a search for free notifications reaches.

    It starts from what is unplaced. None where something free is found, so that some of
    the unplaced can be placed.
    """
    search = _Search(snapshot)
    return search.days if search.finds_nothing() else None


class _Search:
    """A search by steps: reservations → cells of their days → those planned there → …"""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._is_free = snapshot.free > 0
        self.days = [np.zeros(len(r.ceilings), dtype=bool) for r in snapshot.reservations]
        self._new_cells = np.zeros_like(self._is_free)
        self._cells = np.zeros_like(self._is_free)

    def finds_nothing(self) -> bool:
        """Return whether no free cell is reached."""
        for number, reservation in enumerate(self._snapshot.reservations):
            if reservation.unplaced:
                self._reach(number, self._days_with_room(reservation))
        while self._new_cells.any():
            if (self._new_cells & self._is_free).any():
                return False
            self._cells |= self._new_cells
            frontier, self._new_cells = self._new_cells, np.zeros_like(self._new_cells)
            self._reach_those_planned_in(frontier)
        return True

    def _reach_those_planned_in(self, frontier: Flags) -> None:
        """Reach the days on which a reservation can give up its place in some cells.

        What leaves its day may go to any other below its ceiling.
        """
        columns = np.asarray(frontier.any(axis=0))
        for number, reservation in enumerate(self._snapshot.reservations):
            missing = self._movable(reservation) & ~self.days[number]
            open_days = missing & columns[reservation.first : reservation.stop]
            if not open_days.any():
                continue
            days = np.flatnonzero(open_days)
            planned = reservation.quantities[:, days] > 0
            there = frontier[reservation.ladas[:, None], reservation.first + days]
            leaving = days[(planned & there).any(axis=0)]
            if len(leaving):
                reached = self._days_with_room(reservation)
                reached[leaving] = True
                self._reach(number, reached & missing)

    def _reach(self, number: int, days: Flags) -> None:
        """Reach all cells of some days of a reservation."""
        reservation = self._snapshot.reservations[number]
        self.days[number] |= days
        cells = np.ix_(reservation.ladas, reservation.first + np.flatnonzero(days))
        self._new_cells[cells] |= ~self._cells[cells]

    def _days_with_room(self, reservation: PlannedReservation) -> Flags:
        """Mark the days that may carry more of a reservation."""
        totals: Counts = reservation.by_group(self._snapshot.groups).totals
        return self._movable(reservation) & (totals < reservation.ceilings)

    def _movable(self, reservation: PlannedReservation) -> Flags:
        first = self._snapshot.movable_columns(reservation).start - reservation.first
        return np.arange(len(reservation.ceilings)) >= first
