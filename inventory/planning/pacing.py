"""Ceilings planned again: after capacity changed, or notifications missed their day.

A ceiling is 3/2 of a day's proportional share (`inventory.planning.plan.ceilings`). When a day
closes, the shares of the others grow, and so do their ceilings; none is ever lowered.
"""

from dataclasses import replace

import numpy as np

from inventory.planning import plan
from inventory.planning.flow import Counts, Flags
from inventory.planning.snapshot import PlannedReservation, Snapshot


def raised(snapshot: Snapshot, paced: Flags, unplaced: Counts) -> Snapshot:
    """Return the snapshot in which reservations have at least the ceilings of what is left of them.

    `paced` (R,) marks those whose ceilings may rise: never one with a daily cap of the brand's own.
    What is left is planned on days that can still change, or `unplaced` (R,). The others stay the
    same objects.
    """
    reservations = list(snapshot.reservations)
    for number in np.flatnonzero(paced).tolist():
        tops = _ceilings(snapshot, reservations[number], int(unplaced[number]))
        if (tops != reservations[number].ceilings).any():
            reservations[number] = replace(reservations[number], ceilings=tops)
    return snapshot.with_reservations(reservations)


def changes(before: Snapshot, after: Snapshot) -> dict[int, Counts]:
    """Return the ceilings (N,) of the reservations whose ceilings differ, by their number."""
    pairs = zip(before.reservations, after.reservations, strict=True)
    return {
        number: new.ceilings
        for number, (old, new) in enumerate(pairs)
        if new is not old and (new.ceilings != old.ceilings).any()
    }


def _ceilings(snapshot: Snapshot, reservation: PlannedReservation, unplaced: int) -> Counts:
    columns = snapshot.movable_columns(reservation)
    since = columns.start - reservation.first
    left = unplaced + int(reservation.quantities[:, since:].sum())
    capacity = snapshot.capacity[reservation.ladas, columns.start : columns.stop].sum(axis=0)
    tops = reservation.ceilings.copy()
    tops[since:] = np.maximum(tops[since:], plan.ceilings(left, capacity))
    return tops
