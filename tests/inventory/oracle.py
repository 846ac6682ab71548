"""The oracle of the planning tests: linear programmes over the quantity of every cell.

Variables x[reservation, LADA, day] ≥ 0, with no cell above its capacity, no day of a
reservation above its ceiling and every reservation in full; quantities of frozen days do not
change, except of new reservations. The rows form a network matrix, so that some optimal plan
is in whole numbers. HiGHS solves them; nothing here is shared with `inventory`.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from inventory.planning.plan import Placement, Request
from inventory.planning.snapshot import PlannedReservation, Snapshot

INFEASIBLE = 2  # milp's status


def even_ceilings(quantity: int, by_day: np.ndarray) -> np.ndarray:
    """Return 3/2 of each day's proportional share (N,), rounded up."""
    total = sum(int(day) for day in by_day)
    tops = [-(-3 * quantity * int(day) // (2 * total)) if total else 0 for day in by_day]
    return np.array(tops, dtype=np.int64)


def with_request(snapshot: Snapshot, request: Request, quantity: int | None = None) -> Snapshot:
    """Return the snapshot with a request, or `quantity` of it, unplaced as its last reservation.

    Where it fits only because a larger quantity does, its ceilings are one higher, and none is
    above that of the larger one.
    """
    quantity = request.quantity if quantity is None else quantity
    longer = with_own_ceilings(snapshot, request, quantity)
    if request.daily_cap is None and Programme(longer).most() < quantity:
        most = largest_of_all(snapshot, request)
        if most > quantity:
            wider = with_own_ceilings(snapshot, request, most).reservations[-1].ceilings
            tops = np.minimum(longer.reservations[-1].ceilings + 1, wider)
            return _longer(snapshot, request, tops, quantity)
    return longer


def with_own_ceilings(snapshot: Snapshot, request: Request, quantity: int) -> Snapshot:
    """Return the snapshot with `quantity` of a request, under the ceilings that follow from it."""
    by_day = _cells(snapshot, request).sum(axis=0)
    tops = even_ceilings(quantity, by_day)
    if request.daily_cap is not None:
        tops = np.full(request.days, request.daily_cap)
    return _longer(snapshot, request, tops, quantity)


def with_everything(snapshot: Snapshot, request: Request) -> Snapshot:
    """Return the snapshot with a last reservation of the whole capacity of a request's cells."""
    by_day = _cells(snapshot, request).sum(axis=0)
    return _longer(snapshot, request, by_day, int(by_day.sum()))


def largest(snapshot: Snapshot, request: Request) -> int:
    """Return as much of a request as fits: all of it where a larger quantity fits."""
    return min(request.quantity, largest_of_all(snapshot, request))


def largest_of_all(snapshot: Snapshot, request: Request) -> int:
    """Return the largest quantity that fits under its own ceilings, of any size.

    Ceilings never rise as a quantity falls. So where only so much of it fits, nothing
    in between fits either.
    """
    quantity = Programme(with_everything(snapshot, request)).most()
    while (fits := Programme(with_own_ceilings(snapshot, request, quantity)).most()) < quantity:
        quantity = fits
    return quantity


def _cells(snapshot: Snapshot, request: Request) -> np.ndarray:
    return snapshot.capacity[request.ladas, request.first : request.first + request.days]


def _longer(snapshot: Snapshot, request: Request, tops: np.ndarray, quantity: int) -> Snapshot:
    nothing = np.zeros((len(request.ladas), request.days), dtype=np.int64)
    reservation = PlannedReservation(
        request.ladas, request.first, tops, nothing, quantity, new=True
    )
    return replace(snapshot, reservations=[*snapshot.reservations, reservation])


def plan_of(snapshot: Snapshot, placement: Placement) -> list[np.ndarray]:
    """Return the lines (K, N) of all reservations after a plan."""
    return [
        placement.quantities.get(number, p.quantities)
        for number, p in enumerate(snapshot.reservations)
    ]


def planned(snapshot: Snapshot, lines: list[np.ndarray]) -> np.ndarray:
    """Add up lines: what is planned in each cell (L, D)."""
    total = np.zeros_like(snapshot.capacity)
    for reservation, table in zip(snapshot.reservations, lines, strict=True):
        for row, lada in enumerate(reservation.ladas):
            total[lada, reservation.first : reservation.stop] += table[row]
    return total


def changed_day(snapshot: Snapshot, placement: Placement) -> int:
    """Count the notifications of reservations already planned that leave their day."""
    return sum(
        int(np.maximum(p.quantities.sum(axis=0) - new.sum(axis=0), 0).sum())
        for p, new in zip(snapshot.reservations, plan_of(snapshot, placement), strict=True)
        if not p.new
    )


def left_cell(snapshot: Snapshot, placement: Placement) -> int:
    """Count the notifications of reservations already planned that leave their cell."""
    return sum(
        int(np.maximum(p.quantities - new, 0).sum())
        for p, new in zip(snapshot.reservations, plan_of(snapshot, placement), strict=True)
        if not p.new
    )


def verify(snapshot: Snapshot, placement: Placement) -> None:
    """Assert that a plan keeps every rule of the snapshot, and names only what it changes."""
    lines = plan_of(snapshot, placement)
    for number, (reservation, new) in enumerate(zip(snapshot.reservations, lines, strict=True)):
        left = int(placement.unplaced[number])
        assert new.shape == reservation.quantities.shape
        assert (new >= 0).all()
        assert 0 <= left <= reservation.unplaced
        assert new.sum() == reservation.quantities.sum() + reservation.unplaced - left
        assert (new.sum(axis=0) <= reservation.ceilings).all()
        if not reservation.new:
            past = max(snapshot.frozen - reservation.first, 0)
            assert (new[:, :past] == reservation.quantities[:, :past]).all()
            assert number not in placement.quantities or (new != reservation.quantities).any()
    assert set(placement.quantities) <= set(range(len(snapshot.reservations)))
    assert (planned(snapshot, lines) <= snapshot.capacity).all()


class _Rows(NamedTuple):
    """R rows of a programme: low ≤ the sum of the variables in a row ≤ high."""

    row: np.ndarray
    variable: np.ndarray
    low: np.ndarray  # (R,)
    high: np.ndarray  # (R,)


class Programme:
    """The linear programme of the lines of a snapshot that may change: V variables and their rules.

    A spot is a reservation on one of its days; there are S spots where lines may change.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        rest = snapshot.capacity.copy()  # what cells have for the lines that may change
        owner, cell, spot, now, spots = [], [], [], [], []
        for number, reservation in enumerate(snapshot.reservations):
            past = 0 if reservation.new else snapshot.frozen - reservation.first
            for at, column in enumerate(range(reservation.first, reservation.stop)):
                lines = reservation.quantities[:, at]
                if at < past:
                    rest[reservation.ladas, column] -= lines
                    continue
                owner.append(np.full(len(lines), number))
                cell.append(reservation.ladas * rest.shape[1] + column)
                spot.append(np.full(len(lines), len(spots)))
                now.append(lines)
                spots.append((number, at, reservation.ceilings[at], lines.sum()))
        self._rest = rest.ravel()
        self._owner, self._cell, self._spot, self._now = map(_joined, (owner, cell, spot, now))
        table = np.array(spots, dtype=np.int64).reshape(-1, 4)
        self._spot_owner, self._spot_at, self._tops, self._spot_now = table.T
        self._missing = np.array(
            [reservation.unplaced for reservation in snapshot.reservations], dtype=np.int64
        )
        self._old = np.array(
            [not reservation.new for reservation in snapshot.reservations], dtype=bool
        )

    def most(self) -> int:
        """Return how much of all that is missing can be planned."""
        best = self._solve(-np.ones(len(self._now)), [*self._rules(), self._spots(0, self._tops)])
        assert best is not None, "the snapshot breaks a rule as it is"
        return -best - int(self._now.sum())

    def most_within_days(self) -> int:
        """Return how much can be planned if no planned reservation changes a day's total."""
        fixed = self._old & (self._missing == 0)
        low = np.where(fixed[self._spot_owner], self._spot_now, 0)
        high = np.where(fixed[self._spot_owner], self._spot_now, self._tops)
        best = self._solve(-np.ones(len(self._now)), [*self._rules(), self._spots(low, high)])
        assert best is not None, "the snapshot breaks a rule as it is"
        return -best - int(self._now.sum())

    def least_changing_day(self, placed: int) -> int:
        """Return how few notifications leave their day when so many of the missing are planned."""
        counted = self._old[self._spot_owner] & (self._spot_now > 0)
        left, cost = self._leaving(self._spot, self._spot_now, counted)
        everything = np.arange(len(self._now))
        total = np.array([self._now.sum() + placed])
        whole = _Rows(np.zeros_like(everything), everything, total, total)
        best = self._solve(cost, [*self._rules(), self._spots(0, self._tops), whole, left])
        assert best is not None, "so many do not fit"
        return best

    def least_leaving_cell(self, lines: list[np.ndarray]) -> int:
        """Return how few notifications leave their cell if days have the totals of these lines."""
        totals = np.array(
            [
                lines[number][:, at].sum()
                for number, at in zip(self._spot_owner, self._spot_at, strict=True)
            ]
        )
        counted = self._old[self._owner] & (self._now > 0)
        left, cost = self._leaving(np.arange(len(self._now)), self._now, counted)
        best = self._solve(cost, [self._cells(), self._spots(totals, totals), left])
        assert best is not None, "these totals do not fit"
        return best

    def _rules(self) -> list[_Rows]:
        """Cells within capacity; reservations between what they have and what they are due."""
        has = np.bincount(self._owner, self._now, len(self._missing))
        variables = np.arange(len(self._now))
        return [self._cells(), _Rows(self._owner, variables, has, has + self._missing)]

    def _cells(self) -> _Rows:
        nothing = np.zeros(len(self._rest))
        return _Rows(self._cell, np.arange(len(self._now)), nothing, self._rest)

    def _spots(self, low: np.ndarray | int, high: np.ndarray) -> _Rows:
        low = np.broadcast_to(low, high.shape)
        return _Rows(self._spot, np.arange(len(self._now)), low, high)

    def _leaving(
        self, part: np.ndarray, now: np.ndarray, counted: np.ndarray
    ) -> tuple[_Rows, np.ndarray]:
        """Add a variable for what leaves each counted part: now ≤ lines of the part + leaving."""
        extra = np.full(len(now), -1)
        extra[counted] = np.arange(counted.sum())
        lines = np.flatnonzero(extra[part] >= 0)
        variables = np.concatenate([lines, len(self._now) + np.arange(counted.sum())])
        row = np.concatenate([extra[part[lines]], np.arange(counted.sum())])
        cost = np.concatenate([np.zeros(len(self._now)), np.ones(counted.sum())])
        return _Rows(row, variables, now[counted], np.full(counted.sum(), np.inf)), cost

    def _solve(self, cost: np.ndarray, rows: list[_Rows]) -> int | None:
        """Return the least cost, a whole number, or None where no plan keeps the rows."""
        starts = np.cumsum([0, *(len(part.low) for part in rows)])
        row = np.concatenate([p.row + start for p, start in zip(rows, starts[:-1], strict=True)])
        variable = np.concatenate([part.variable for part in rows])
        table = csc_array((np.ones(len(row)), (row, variable)), shape=(starts[-1], len(cost)))
        low = np.concatenate([part.low for part in rows])
        high = np.concatenate([part.high for part in rows])
        if not len(cost):
            return 0 if (low <= 0).all() and (high >= 0).all() else None
        found = milp(cost, constraints=LinearConstraint(table, low, high), bounds=Bounds(0))
        if found.status == INFEASIBLE:
            return None
        assert found.success, found.message
        whole = round(found.fun)
        assert abs(found.fun - whole) < 1e-6 * max(abs(whole), 1)
        return whole


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.array([], dtype=np.int64), *parts])
