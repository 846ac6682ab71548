"""Repair: cells for notifications at risk, which lost theirs when capacity was lost."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from inventory import allocations, marks
from inventory.allocations import LiveInventory
from inventory.models import Allocation, Reservation
from inventory.planning import pacing, plan
from inventory.planning.flow import Counts
from inventory.planning.plan import Placement
from inventory.planning.snapshot import PlannedReservation, Snapshot
from inventory.snapshot_cache import FROZEN_DAYS
from inventory.terms import Terms


def are_due(terms: Terms | None = None, *, without: Collection[int] = ()) -> bool:
    """Return whether a repair may place something, and so comes before a hold of some terms.

    What did not fit fits only in cells that were freed since, or on another day, under higher
    ceilings. A hold takes no freed cells unless they are its own, so others need not wait for the
    repair. `without` is a hold that is being changed.
    """
    found = _at_risk(without).values_list("last_inventory_mark", flat=True).distinct()
    return any(_is_due(mark, terms) for mark in found.order_by())


def place(*, without: Collection[int] = ()) -> int:
    """Place notifications at risk under the exclusive lock; return how many fit.

    `without` is a hold that was taken off its cells to be changed.
    """
    if not are_due(without=without):
        return 0
    live = allocations.read_all(without=without)
    paced, at_risk = _paced(live), _counts(live)
    placement = _placement(paced, at_risk)
    changed = np.flatnonzero(at_risk != placement.unplaced)
    still_at_risk = {int(number): int(placement.unplaced[number]) for number in changed}
    ceilings = pacing.changes(live.snapshot, paced)
    allocations.write_changes(live, placement.quantities, still_at_risk, ceilings)
    mark = f"{timezone.localdate()} {marks.current()}"  # what was written here is covered by it
    _at_risk(without).update(last_inventory_mark=mark)
    return int(at_risk.sum() - placement.unplaced.sum())


def placed(live: LiveInventory) -> LiveInventory:
    """Return an inventory as a repair would leave it; nothing is written."""
    at_risk = _counts(live)
    if not at_risk.any():
        return live
    paced = _paced(live)
    quantities = _placement(paced, at_risk).quantities
    reservations = [
        replace(planned, quantities=quantities[number]) if number in quantities else planned
        for number, planned in enumerate(paced.reservations)
    ]
    return replace(live, snapshot=paced.with_reservations(reservations))


def _counts(live: LiveInventory) -> Counts:
    return np.array([stored.at_risk for stored in live.allocations], dtype=np.int64)


def _paced(live: LiveInventory) -> Snapshot:
    """Return the snapshot with the ceilings of what is left of those at risk (`pacing.raised`)."""
    at_risk = _counts(live)
    return pacing.raised(live.snapshot, allocations.evenly_paced(live) & (at_risk > 0), at_risk)


def _placement(snapshot: Snapshot, at_risk: Counts) -> Placement:
    """Place what is at risk: evenly on what is free, and the rest of it by moving others."""
    reservations, free = list(snapshot.reservations), snapshot.free
    for number in np.flatnonzero(at_risk).tolist():
        old = reservations[number]
        new = reservations[number] = _spread(snapshot, old, int(at_risk[number]), free)
        free[new.ladas, new.first : new.stop] -= new.quantities - old.quantities
    placement = plan.place(snapshot.with_reservations(reservations), partly=True)
    spread = {n: r.quantities for n, r in enumerate(reservations) if r.unplaced < at_risk[n]}
    return replace(placement, quantities=spread | placement.quantities)


def _spread(
    snapshot: Snapshot, reservation: PlannedReservation, unplaced: int, free: Counts
) -> PlannedReservation:
    """Return a reservation with its share of what is free (L, D); the rest of it is unplaced."""
    columns = snapshot.movable_columns(reservation)
    since = columns.start - reservation.first
    there = free[reservation.ladas, columns.start : columns.stop]
    planned = reservation.quantities[:, since:].sum(axis=0)
    tops = np.maximum(reservation.ceilings[since:] - planned, 0)
    fits = min(unplaced, int(np.minimum(there.sum(axis=0), tops).sum()))
    if not fits:
        return replace(reservation, unplaced=unplaced)
    quantities = reservation.quantities.copy()
    quantities[:, since:] += plan.spread(there, quantity=fits, ceilings=tops)
    return replace(reservation, quantities=quantities, unplaced=unplaced - fits)


def _is_due(stored_mark: str, terms: Terms | None) -> bool:
    day, _space, mark = stored_mark.partition(" ")
    return day != str(timezone.localdate()) or marks.is_freed_since(mark, terms)


def _at_risk(without: Collection[int] = ()) -> QuerySet[Allocation]:
    """Return the allocations of which something is at risk and a day can still change."""
    first = timezone.localdate() + timedelta(FROZEN_DAYS)
    rows = Allocation.objects.filter(
        at_risk__gt=0, reservation__status__in=Reservation.LIVE, reservation__ends_on__gte=first
    )
    return rows.exclude(pk__in=without)
