"""Reallocation within one channel day: which LADA carries how much when day totals change.

A reservation whose total grows takes free notifications in proportion; then those that
others give up; and only then are others moved, as few notifications as possible.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts, Network
from inventory.planning.groups import Indices
from inventory.planning.snapshot import PlannedReservation, Snapshot


class DayAllocation(NamedTuple):
    """A reservation's quantities on the day, and the change of their total."""

    ladas: Indices  # (K,) rows of the snapshot
    quantities: Counts  # (K,)
    change: int
    new: bool = False  # moving it costs nothing


def reallocate_days(
    snapshot: Snapshot, totals: dict[int, tuple[range, Counts]]
) -> dict[int, Counts]:
    """Return the new quantities (K, N) of the reservations that change, worked out day by day.

    `totals` has the columns and the new total of each, by reservation whose totals change.
    """
    free, found = snapshot.free, dict[int, Counts]()
    movable = [snapshot.movable_columns(reservation) for reservation in snapshot.reservations]
    for column in sorted({column for days, _totals in totals.values() for column in days}):
        active = [number for number, days in enumerate(movable) if column in days]
        day = [_on_day(snapshot.reservations[n], column, totals.get(n)) for n in active]
        changed = reallocate_day(free[:, column], day)
        for number, before, new in zip(active, day, changed, strict=True):
            if new is not before.quantities:
                reservation = snapshot.reservations[number]
                table = found.setdefault(number, reservation.quantities.copy())
                table[:, column - reservation.first] = new
    return found


def reallocate_day(free: Counts, day: Sequence[DayAllocation]) -> list[Counts]:
    """Return the new quantities (K,) of each allocation; the same array where none changes.

    `free` (L,) is the capacity beyond the allocations. The caller guarantees that the
    new totals fit.
    """
    quantities = [allocation.quantities for allocation in day]
    changes = np.array([allocation.change for allocation in day])
    free = free.copy()
    _take_free(day, quantities, free, changes, new=True)
    if (changes > 0).any():
        attempt = list(quantities), free.copy(), changes.copy()
        _take_free(day, *attempt, new=False)
        if (attempt[2] > 0).any():
            _move_others(day, quantities, free, changes)
        else:
            quantities, free, changes = attempt
    for number in np.flatnonzero(changes < 0).tolist():
        before = quantities[number]
        removed = apportion(-int(changes[number]), weights=before, limits=before)
        quantities[number] = before - removed
    return quantities


def _on_day(
    reservation: PlannedReservation, column: int, total: tuple[range, Counts] | None
) -> DayAllocation:
    quantities = reservation.quantities[:, column - reservation.first]
    change = 0
    if total is not None and column in total[0]:
        change = int(total[1][column - total[0].start] - quantities.sum())
    return DayAllocation(reservation.ladas, quantities, change, reservation.new)


def _take_free(
    day: Sequence[DayAllocation],
    quantities: list[Counts],
    free: Counts,
    changes: Counts,
    *,
    new: bool,
) -> None:
    """Assign free notifications to growing allocations, in proportion; update arrays in place."""
    for number, allocation in enumerate(day):
        if allocation.new == new and changes[number] > 0:
            there = free[allocation.ladas]
            total = min(int(changes[number]), int(there.sum()))
            taken = apportion(total, weights=there, limits=there)
            quantities[number] = quantities[number] + taken
            free[allocation.ladas] -= taken
            changes[number] -= taken.sum()


def _move_others(
    day: Sequence[DayAllocation], quantities: list[Counts], free: Counts, changes: Counts
) -> None:
    """Grow the other growing allocations by a flow of least cost; update the arrays in place.

    The flow is tried on three networks: of the allocations whose totals change or that
    are new, with paths of cost up to 1; with their neighbours too, up to 2; of all. A path
    that leaves one of the first two costs at least its limit, so a full flow there is optimal.
    """
    growth = int(changes[changes > 0].sum())
    ladas = np.concatenate([allocation.ladas for allocation in day])
    present = np.concatenate(quantities)
    owner = np.repeat(np.arange(len(day)), [len(allocation.ladas) for allocation in day])
    own = (changes[owner] != 0) | np.array([allocation.new for allocation in day])[owner]
    is_joined, is_left = np.zeros(len(free), dtype=bool), free > 0
    is_joined[ladas[changes[owner] > 0]] = True
    is_left[ladas[(changes[owner] < 0) & (present > 0)]] = True
    neighbouring = own | (is_joined[ladas] & (present > 0)) | is_left[ladas]
    attempts = [(own, 1), (neighbouring, 2), (np.ones_like(neighbouring), None)]
    for kept, max_unit_cost in attempts if (changes < 0).any() else attempts[1:]:
        network = _network(day, free, changes, ladas[kept], owner[kept], present[kept])
        flow = network.min_cost_flow(growth, max_unit_cost=max_unit_cost)
        if network.value(flow) == growth:
            break
    count = int(kept.sum())
    change = np.zeros_like(present)
    change[kept] = flow[:count]
    ends = np.cumsum([len(allocation.ladas) for allocation in day])
    for number in np.unique(owner[change != 0]).tolist():
        span = slice(ends[number] - len(quantities[number]), ends[number])
        quantities[number] = quantities[number] + change[span]
    shrinking = np.flatnonzero(changes < 0)
    changes[shrinking] += flow[count + len(free) :][: len(shrinking)]
    changes[changes > 0] = 0


def _network(
    day: Sequence[DayAllocation],
    free: Counts,
    changes: Counts,
    ladas: Indices,
    owner: Indices,
    present: Counts,
) -> Network:
    """Build the day's network: source → growing allocations → cells → others → cells → sink.

    To enter a cell costs 1 a notification, but nothing for a new allocation; to leave
    one costs nothing.
    """
    cells = len(free)
    source, sink = cells + len(day), cells + len(day) + 1
    growing, shrinking = np.flatnonzero(changes > 0), np.flatnonzero(changes < 0)
    costs = np.array([0 if allocation.new else 1 for allocation in day])
    growth = np.full(len(ladas), int(changes[growing].sum()))
    edges = [  # tail, head, forward, backward, cost
        (cells + owner, ladas, growth, present, costs[owner]),
        _one_way(np.arange(cells), np.full(cells, sink), free),
        _one_way(cells + shrinking, np.full(len(shrinking), sink), -changes[shrinking]),
        _one_way(np.full(len(growing), source), cells + growing, changes[growing]),
    ]
    columns = (np.concatenate(column) for column in zip(*edges, strict=True))
    return Network(sink + 1, source, sink, *columns)


def _one_way(tail: Indices, head: Indices, forward: Counts) -> tuple[Counts, ...]:
    return tail, head, forward, np.zeros_like(forward), np.zeros_like(forward)
