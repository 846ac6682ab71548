"""What past days did not deliver of a reservation, planned again on later days of its period."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from inventory import allocations, cells, locks, repairs
from inventory.models import Allocation, JournalEntry, Reservation
from inventory.planning.apportion import apportion


class Replanned(NamedTuple):
    """Notifications that past days did not deliver, and how many of them have a later day now."""

    undelivered: int
    moved: int


@transaction.atomic
def plan_again(reservation_id: int, undelivered: Mapping[date, int]) -> Replanned:
    """Take what past days did not deliver off them, and plan it on later days of the period.

    `undelivered` has notifications by past day; of each, no more count than are planned there. So
    it is safe to repeat for days on which nothing was delivered. Other reservations move where
    needed, and even pacing allows more on the days that are left; a daily cap of the brand's own
    holds. What fits nowhere is at risk, until a repair places it. Only a booking is changed.

    Raises ValueError for less than nothing, and for a day that is not a past one of the period.
    """
    locks.exclusive()
    reservation = Reservation.objects.select_for_update(no_key=True).get(pk=reservation_id)
    last = min(reservation.ends_on, timezone.localdate() - timedelta(days=1))
    if any(not reservation.starts_on <= day <= last for day in undelivered):
        raise ValueError(f"not all of {sorted(undelivered)} are past days of the reservation")
    if any(count < 0 for count in undelivered.values()):
        raise ValueError("no day delivers less than nothing")
    if reservation.status != Reservation.Status.BOOKED:
        return Replanned(0, 0)
    before = reservation.at_risk
    taken = _take_off(reservation, undelivered)
    repairs.place()
    at_risk = Allocation.objects.values_list("at_risk", flat=True).get(pk=reservation_id)
    return Replanned(taken, taken - max(at_risk - before, 0))


def _take_off(reservation: Reservation, undelivered: Mapping[date, int]) -> int:
    """Put what was not delivered at risk, by LADA in proportion; return how much that is."""
    if not undelivered:
        return 0
    first, last = min(undelivered), max(undelivered)
    start, stop = ((day - reservation.starts_on).days for day in (first, last))
    quantities, at_risk = allocations.read(reservation.pk, reservation.days)
    left = quantities.copy()
    for day, count in undelivered.items():
        planned = left[(day - reservation.starts_on).days]
        planned -= apportion(min(count, int(planned.sum())), weights=planned, limits=planned)
    taken = int((quantities - left).sum())
    if taken:
        now = cells.read(reservation.ladas, first, last, lock=True)
        cells.add_planned(now.ids, (left - quantities)[start : stop + 1].T)
        allocations.write(reservation.pk, left, at_risk=at_risk + taken)
        Allocation.objects.filter(pk=reservation.pk).update(last_inventory_mark="")  # repair it now
        JournalEntry.objects.create(
            reservation=reservation, action=JournalEntry.Action.UNDELIVERED, quantity=taken
        )
    return taken
