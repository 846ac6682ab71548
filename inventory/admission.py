"""Admission: cells for the terms of a hold, free ones first, else by moving others."""

from collections.abc import Callable, Collection
from typing import NamedTuple, TypeVar

from django.utils import timezone

from inventory import allocations, cells, repairs
from inventory.allocations import LiveInventory
from inventory.errors import DaysNotOpen, NotEnoughInventory
from inventory.models import Reservation
from inventory.planning import plan
from inventory.planning.flow import Counts
from inventory.planning.plan import Request
from inventory.planning.snapshot import Snapshot
from inventory.terms import Terms

Result = TypeVar("Result")


class NewAllocation(NamedTuple):
    """The cells of a reservation: K LADAs by N days, in notifications."""

    cell_ids: Counts  # (K, N)
    ceilings: Counts  # (N,)
    quantities: Counts  # (K, N)


def from_free(terms: Terms, *, without: Collection[int]) -> NewAllocation:
    """Spread terms over free notifications of their locked cells.

    Raises DaysNotOpen, or plan.Short where others have to move or to be repaired first.
    """
    now = cells.read(terms.ladas, terms.starts_on, terms.ends_on, lock=True)
    if not_open := now.days_not_open():
        raise DaysNotOpen(not_open)
    if repairs.are_due(terms, without=without):
        raise plan.Short(0)
    ceilings = plan.ceilings(terms.quantity, now.capacity.sum(axis=0), terms.daily_cap)
    free = now.capacity - now.planned
    quantities = plan.spread(free, quantity=terms.quantity, ceilings=ceilings)
    return NewAllocation(now.ids, ceilings, quantities)


def by_moving_others(terms: Terms, *, without: Collection[int]) -> NewAllocation:
    """Plan terms together with all reservations, and write the moves of these.

    The caller has the exclusive lock. Raises NotEnoughInventory.
    """
    repairs.place(without=without)
    live = allocations.read_all(without=without)
    request = live.request(terms)
    placement = planned(plan.admit, live, request)
    quantities = placement.quantities.pop(len(live.allocations))
    allocations.write_changes(live, placement.quantities, {}, {})
    return NewAllocation(request.cells_of(live.cell_ids), placement.ceilings, quantities)


def require_fit(terms: Terms, *, without: Collection[int]) -> None:
    """Raise NotEnoughInventory where no plan carries terms now. Takes no lock."""
    live = read(without=without)
    planned(plan.require_fit, live, live.request(terms))


def read(*, without: Collection[int] = ()) -> LiveInventory:
    """Return the inventory as a hold would find it. Takes no lock, and writes nothing.

    Holds past their expiry, and `without`, count as free; what is at risk comes first.
    """
    overdue = Reservation.objects.past_expiry(timezone.now()).values_list("id", flat=True)
    live = allocations.read_all(without={*overdue, *without})
    return repairs.placed(live) if repairs.are_due(without=without) else live


def planned(
    find: Callable[[Snapshot, Request], Result], live: LiveInventory, request: Request
) -> Result:
    """Return what a function of the planner finds. Raises NotEnoughInventory where it is short."""
    try:
        return find(live.snapshot, request)
    except plan.Short as short:
        raise NotEnoughInventory(
            requested=request.quantity,
            fits=short.fits,
            full=live.dates(short.bound.full),
            paced=live.dates(short.bound.paced),
        ) from None
