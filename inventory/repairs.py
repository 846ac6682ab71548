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
from inventory.planning import plan
from inventory.planning.flow import Counts
from inventory.planning.plan import Placement
from inventory.snapshot_cache import FROZEN_DAYS
from inventory.terms import Terms


def are_due(terms: Terms | None = None, *, without: Collection[int] = ()) -> bool:
    """Return whether a repair may place something, and so comes before a hold of some terms.

    What did not fit fits only in cells that were freed since. A hold takes none of these
    unless they are its own, so others need not wait for the repair. `without` is a hold
    that is being changed.
    """
    found = _at_risk(without).values_list("last_inventory_mark", flat=True).distinct()
    return any(not mark or marks.is_freed_since(mark, terms) for mark in found.order_by())


def place(*, without: Collection[int] = ()) -> int:
    """Place notifications at risk under the exclusive lock; return how many fit.

    `without` is a hold that was taken off its cells to be changed.
    """
    if not are_due(without=without):
        return 0
    mark = marks.current()
    live = allocations.read_all(without=without)
    placement, at_risk = _placement(live), _counts(live)
    changed = np.flatnonzero(at_risk != placement.unplaced)
    still_at_risk = {int(number): int(placement.unplaced[number]) for number in changed}
    allocations.write_changes(live, placement.quantities, still_at_risk)
    _at_risk(without).update(last_inventory_mark=mark)
    return int(at_risk.sum() - placement.unplaced.sum())


def placed(live: LiveInventory) -> LiveInventory:
    """Return an inventory as a repair would leave it; nothing is written."""
    if not _counts(live).any():
        return live
    quantities = _placement(live).quantities
    reservations = [
        replace(planned, quantities=quantities[number]) if number in quantities else planned
        for number, planned in enumerate(live.snapshot.reservations)
    ]
    return replace(live, snapshot=live.snapshot.with_reservations(reservations))


def _counts(live: LiveInventory) -> Counts:
    return np.array([stored.at_risk for stored in live.allocations], dtype=np.int64)


def _placement(live: LiveInventory) -> Placement:
    unplaced = [
        replace(planned, unplaced=stored.at_risk)
        for planned, stored in zip(live.snapshot.reservations, live.allocations, strict=True)
    ]
    return plan.place(replace(live.snapshot, reservations=unplaced), partly=True)


def _at_risk(without: Collection[int] = ()) -> QuerySet[Allocation]:
    """Return the allocations of which something is at risk and a day can still change."""
    first = timezone.localdate() + timedelta(FROZEN_DAYS)
    rows = Allocation.objects.filter(
        at_risk__gt=0, reservation__status__in=Reservation.LIVE, reservation__ends_on__gte=first
    )
    return rows.exclude(pk__in=without)
