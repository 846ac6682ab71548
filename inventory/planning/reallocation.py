"""Reallocation of reservations after cells lost capacity.

Quantities above a cell's capacity leave it, and are placed elsewhere by moving others
(`inventory.planning.plan`). What cannot be placed stays unplaced; it is as little as possible,
and of those that come last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inventory.planning import plan
from inventory.planning.flow import Counts, Flags
from inventory.planning.snapshot import PlannedReservation, Snapshot


@dataclass(frozen=True, eq=False)
class Reallocation:
    """New quantities (K, N) by number of the reservation that moves, and the unplaced (R,)."""

    quantities: dict[int, Counts]
    unplaced: Counts


def reallocate(snapshot: Snapshot, held: Flags, unplaced: Counts) -> Reallocation:
    """Fit reservations, numbered by age, into cells that may be over capacity.

    `held` (R,) marks those that are only held; `unplaced` (R,) is what each lacks
    already. Booked ones come before held ones, and older ones before newer ones: what
    the first of them have together is as much as could be placed of them if they were
    alone. So nobody lacks what one of lower rank could give up. Frozen columns do not
    change.
    """
    ranked = np.lexsort((np.arange(len(held)), held)).tolist()
    now, lost = _remove_excess(snapshot, ranked[::-1])
    now, left = _place(now, unplaced + lost)
    if left.any():
        now, left = _rank(now, left, ranked)
    pairs = zip(snapshot.reservations, now.reservations, strict=True)
    return Reallocation(
        {
            number: after.quantities
            for number, (before, after) in enumerate(pairs)
            if after is not before and (after.quantities != before.quantities).any()
        },
        left,
    )


def _remove_excess(snapshot: Snapshot, order: Sequence[int]) -> tuple[Snapshot, Counts]:
    """Bring each cell within its capacity; return what each reservation (R,) lost, in `order`."""
    excess = np.maximum(snapshot.planned - snapshot.capacity, 0)
    excess[:, : snapshot.frozen] = 0
    reservations = list(snapshot.reservations)
    lost = np.zeros(len(reservations), dtype=np.int64)
    for number in order:
        if not excess.any():
            break
        reservation = reservations[number]
        span = reservation.ladas, slice(reservation.first, reservation.stop)
        removed = np.minimum(excess[span], reservation.quantities)
        excess[span] -= removed
        kept = reservation.quantities - removed
        reservations[number] = replace(reservation, quantities=kept)
        lost[number] = removed.sum()
    return replace(snapshot, reservations=reservations), lost


def _place(snapshot: Snapshot, unplaced: Counts) -> tuple[Snapshot, Counts]:
    """Place as much of the unplaced (R,) as possible; return what is left of it (R,)."""
    if not unplaced.any():
        return snapshot, unplaced
    lacking = list(snapshot.reservations)
    for number in np.flatnonzero(unplaced).tolist():
        lacking[number] = replace(lacking[number], unplaced=int(unplaced[number]))
    placement = plan.place(snapshot.with_reservations(lacking), partly=True)
    placed = list(snapshot.reservations)
    for number, quantities in placement.quantities.items():
        placed[number] = replace(placed[number], quantities=quantities)
    return snapshot.with_reservations(placed), placement.unplaced


def _rank(snapshot: Snapshot, left: Counts, ranked: Sequence[int]) -> tuple[Snapshot, Counts]:
    """Have each reservation take what it lacks from those that come after it in `ranked`.

    These may also use a row of cells that is added, has no limit, and stands for no place;
    what they have there is unplaced.
    """
    row, days = snapshot.capacity.shape
    no_limit = np.full((1, days), int(snapshot.capacity.sum()) + 1)
    now = replace(
        snapshot,
        capacity=np.concatenate([snapshot.capacity, no_limit]),
        groups=snapshot.groups.with_one_more_lada,
        reservations=[_with_row(reservation, row) for reservation in snapshot.reservations],
    )
    left, reservations = left.copy(), list(now.reservations)
    for number in ranked:
        with_row = reservations[number]
        reservations[number] = replace(
            with_row, ladas=with_row.ladas[:-1], quantities=with_row.quantities[:-1]
        )
        lacking = np.zeros_like(left)
        lacking[number] = left[number] + with_row.quantities[-1].sum()
        if lacking[number]:
            now, still_lacking = _place(now.with_reservations(reservations), lacking)
            left[number], reservations = still_lacking[number], list(now.reservations)
    return replace(snapshot, reservations=reservations), left


def _with_row(reservation: PlannedReservation, row: int) -> PlannedReservation:
    """Return a reservation that may also use another row of cells, and has nothing there."""
    nothing = np.zeros((1, len(reservation.ceilings)), dtype=np.int64)
    return replace(
        reservation,
        ladas=np.append(reservation.ladas, row),
        quantities=np.concatenate([reservation.quantities, nothing]),
    )
