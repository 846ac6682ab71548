"""Reallocation of reservations after cells lost capacity.

Quantities above a cell's capacity leave it, and are placed elsewhere by moving others
(`inventory.planning.plan`). What cannot be placed stays unplaced; it is as little as possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inventory.planning import plan
from inventory.planning.flow import Counts, Flags
from inventory.planning.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Reallocation:
    """New quantities (K, N) by number of the reservation that moves, and the unplaced (R,)."""

    quantities: dict[int, Counts]
    unplaced: Counts


def reallocate(snapshot: Snapshot, held: Flags, unplaced: Counts) -> Reallocation:
    """Fit reservations, in the order of their age, into cells that may be over capacity.

    `held` (R,) marks those that are only held; `unplaced` (R,) is what each lacks
    already. The youngest leave a cell first, and held ones before booked ones. Booked
    ones are placed first, then held ones, then what was unplaced before. Frozen columns
    do not change.
    """
    numbers = np.arange(len(snapshot.reservations))
    now, removed = _remove_excess(snapshot, np.lexsort((-numbers, ~held)).tolist())
    left = np.zeros_like(unplaced)
    for lacking in (np.where(held, 0, removed), np.where(held, removed, 0), unplaced):
        if lacking.any():
            now, not_placed = _place(now, lacking)
            left += not_placed
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
    lacking = [
        replace(reservation, unplaced=int(count))
        for reservation, count in zip(snapshot.reservations, unplaced, strict=True)
    ]
    placement = plan.place(replace(snapshot, reservations=lacking), partly=True)
    reservations = [
        replace(reservation, quantities=placement.quantities[number])
        if number in placement.quantities
        else reservation
        for number, reservation in enumerate(snapshot.reservations)
    ]
    return replace(snapshot, reservations=reservations), placement.unplaced
