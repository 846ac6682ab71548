"""Hold, change, book and release reservations: each in one transaction, all or nothing.

Locks are taken in one order everywhere: that of `inventory.locks`, then the row of the
reservation, then cells by id. A reservation first takes free notifications, under the
shared lock. Only where these fall short does it take the exclusive lock and move the
allocations of others (`inventory.planning.plan`).
"""

from collections.abc import Callable, Collection
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from inventory import admission, allocations, cells, locks, repairs
from inventory.admission import NewAllocation
from inventory.errors import ExpiryGone, HoldExpired, NotAllPlaced, NotHeld
from inventory.models import JournalEntry, Reservation
from inventory.planning import plan
from inventory.terms import Terms

Action = JournalEntry.Action
Status = Reservation.Status


@transaction.atomic
def hold(terms: Terms, *, reference: str, expires_at: datetime) -> Reservation:
    """Take notifications off sale until `expires_at`, all of them or none.

    Raises BadTerms, ExpiryGone, DaysGone, DaysNotOpen, or NotEnoughInventory with the
    quantity that would fit and what limits it.
    """
    _require_future(expires_at)
    terms.validate()
    return _allocate(terms, Reservation(reference=reference, expires_at=expires_at), Action.HOLD)


@transaction.atomic
def change(reservation_id: int, terms: Terms, *, expires_at: datetime) -> Reservation:
    """Change the terms of a hold, or leave it unchanged where the new ones do not fit.

    Its own notifications count as free. Raises as `hold` does, HoldExpired or NotHeld.
    """
    _require_future(expires_at)
    terms.validate()
    reservation = Reservation(pk=reservation_id, expires_at=expires_at)
    return _allocate(terms, reservation, Action.CHANGE)


@transaction.atomic
def extend(reservation_id: int, *, expires_at: datetime) -> Reservation:
    """Move the expiry of a hold. Raises HoldExpired, NotHeld or ExpiryGone."""
    reservation = _lock_hold_in_force(reservation_id)
    _require_future(expires_at)
    reservation.expires_at = expires_at
    reservation.save(update_fields=["expires_at"])
    _write_journal(reservation, Action.EXTEND, reservation.quantity)
    return reservation


@transaction.atomic
def book(reservation_id: int, *, agreed: int | None = None) -> Reservation:
    """Turn a hold into a booking, which has no expiry.

    A hold of which a part is at risk is booked only if exactly `agreed` notifications of it have
    a place; the others stay promised, and are placed as soon as they fit. Raises HoldExpired,
    NotHeld, or NotAllPlaced.
    """
    locks.shared()  # no change of capacity may take places until this has committed
    reservation = _lock_hold_in_force(reservation_id)
    placed = reservation.placed
    if placed < reservation.quantity and (not placed or placed != agreed):
        raise NotAllPlaced(placed=placed, quantity=reservation.quantity)
    reservation.status = Status.BOOKED
    reservation.expires_at = None
    reservation.save(update_fields=["status", "expires_at"])
    _write_journal(reservation, Action.BOOK, reservation.quantity)
    return reservation


@transaction.atomic
def release(reservation_id: int, *, from_day: date | None = None) -> int:
    """Return to sale what is reserved from a day on, by default all; return how much that was.

    Idempotent: what was released once is not released again.
    """
    locks.shared()
    reservation = _lock(reservation_id)
    if reservation.status not in Reservation.LIVE:
        return 0
    return _free(reservation, Status.RELEASED, Action.RELEASE, from_day)


def expire_due(now: datetime | None = None) -> int:
    """Release the holds past their expiry, each in its own transaction; return how many.

    A hold whose row is locked, because a decision on it is in progress, is skipped.
    """
    now = now or timezone.now()
    due = Reservation.objects.past_expiry(now).order_by("id").values_list("id", flat=True)
    return sum(_expire(reservation_id, now) for reservation_id in list(due))


@transaction.atomic
def repair() -> int:
    """Find cells for notifications at risk, moving others where needed; return how many fit."""
    if not repairs.are_due():
        return 0
    locks.exclusive()
    return repairs.place()


@transaction.atomic
def _expire(reservation_id: int, now: datetime) -> bool:
    locks.shared()
    due = Reservation.objects.past_expiry(now).filter(pk=reservation_id)
    reservation = due.select_for_update(skip_locked=True, no_key=True).first()
    if reservation is None:
        return False
    _free(reservation, Status.EXPIRED, Action.EXPIRE)
    return True


def _allocate(terms: Terms, reservation: Reservation, action: Action) -> Reservation:
    """Allocate a new or changed hold: from free notifications, else by moving others.

    What cannot fit is refused without the exclusive lock, so that asking for it in vain
    delays nobody.
    """
    try:
        with transaction.atomic():  # a failure releases the locks of the first attempt
            locks.shared()
            return _write(terms, reservation, action, admission.from_free)
    except plan.Short:
        admission.require_fit(terms, without=_own(reservation))
        locks.exclusive()
        return _write(terms, reservation, action, _allocate_by_moving_others)


def _write(
    terms: Terms,
    reservation: Reservation,
    action: Action,
    find_allocation: Callable[..., NewAllocation],
) -> Reservation:
    """Write a reservation, its allocation, cells and journal. A lock of `locks` is taken."""
    if reservation.pk is not None:
        expires_at = reservation.expires_at
        reservation = _lock_hold(reservation.pk)
        if terms.matches(reservation) and _is_in_force(reservation):
            assert expires_at is not None
            return extend(reservation.pk, expires_at=expires_at)
        reservation.expires_at = expires_at
        _take_off_cells(reservation, terms)
    found = find_allocation(terms, without=_own(reservation))
    reservation.quantity, reservation.daily_cap = terms.quantity, terms.daily_cap
    reservation.ladas = terms.ladas
    reservation.starts_on, reservation.ends_on = terms.starts_on, terms.ends_on
    reservation.daily_ceilings = found.ceilings.tolist()
    reservation.save()
    cells.add_planned(found.cell_ids, found.quantities)
    allocations.write(reservation.pk, found.quantities.T)
    _write_journal(reservation, action, terms.quantity, reservation.daily_ceilings)
    return reservation


def _allocate_by_moving_others(terms: Terms, *, without: Collection[int]) -> NewAllocation:
    """Release holds past their expiry, then plan terms together with all others.

    Raises NotEnoughInventory.
    """
    now = timezone.now()
    for overdue in Reservation.objects.past_expiry(now).exclude(pk__in=without).order_by("id"):
        _expire(overdue.pk, now)
    return admission.by_moving_others(terms, without=without)


def _own(reservation: Reservation) -> list[int]:
    """Return the id of a reservation that is being changed; nothing for a new one."""
    return [] if reservation.pk is None else [reservation.pk]


def _lock(reservation_id: int) -> Reservation:
    return Reservation.objects.select_for_update(no_key=True).get(pk=reservation_id)


def _lock_hold(reservation_id: int) -> Reservation:
    reservation = _lock(reservation_id)
    if reservation.status == Status.EXPIRED:
        raise HoldExpired
    if reservation.status != Status.HELD:
        raise NotHeld
    return reservation


def _require_future(expires_at: datetime) -> None:
    if expires_at <= timezone.now():
        raise ExpiryGone(expires_at)


def _is_in_force(hold: Reservation) -> bool:
    return hold.expires_at is not None and hold.expires_at > timezone.now()


def _lock_hold_in_force(reservation_id: int) -> Reservation:
    hold = _lock_hold(reservation_id)
    if not _is_in_force(hold):
        raise HoldExpired
    return hold


def _take_off_cells(reservation: Reservation, terms: Terms) -> None:
    """Free the cells of a hold; those of its new terms are locked in the same statement."""
    cells.lock(
        (reservation.ladas, reservation.starts_on, reservation.ends_on),
        (terms.ladas, terms.starts_on, terms.ends_on),
    )
    quantities, _at_risk = allocations.read(reservation.pk, reservation.days)
    now = cells.read(reservation.ladas, reservation.starts_on, reservation.ends_on)
    cells.add_planned(now.ids, -quantities.T)


def _free(
    reservation: Reservation, status: Status, action: Action, from_day: date | None = None
) -> int:
    """Free a reservation's cells from a day on; one with nothing left ends in `status`."""
    first = max(reservation.starts_on, from_day or date.min)
    quantities, at_risk = allocations.read(reservation.pk, reservation.days)
    kept_days = (first - reservation.starts_on).days
    freed = int(quantities[kept_days:].sum()) + at_risk
    if kept_days < reservation.days:
        now = cells.read(reservation.ladas, first, reservation.ends_on, lock=True)
        cells.add_planned(now.ids, -quantities[kept_days:].T)
        quantities[kept_days:] = 0
        reservation.daily_ceilings[kept_days:] = [0] * (reservation.days - kept_days)
    allocations.write(reservation.pk, quantities)
    reservation.quantity -= freed
    if reservation.quantity == 0:
        reservation.status = status
        reservation.expires_at = None
    reservation.save(update_fields=["quantity", "status", "expires_at", "daily_ceilings"])
    _write_journal(reservation, action, freed, reservation.daily_ceilings)
    return freed


def _write_journal(
    reservation: Reservation, action: Action, quantity: int, ceilings: list[int] | None = None
) -> None:
    JournalEntry.objects.create(
        reservation=reservation, action=action, quantity=quantity, ceilings=ceilings
    )
