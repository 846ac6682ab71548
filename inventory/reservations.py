"""Hold, change, book and give back: each in one transaction, all or nothing.

Locks are taken in one order everywhere: the turn (`inventory.locks`), then the
reservation's row, then cells by id. A promise first takes what is free, together
with others who do the same. Only where that falls short it goes alone and has
others give way (`inventory.planning.plan`).
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from inventory import cells, ledger, locks
from inventory.errors import DaysNotOpen, HoldExpired, NotEnoughInventory, NotHeld
from inventory.models import Allocation, JournalEntry, Reservation
from inventory.planning import plan
from inventory.planning.flow import Counts
from inventory.terms import Terms

Action = JournalEntry.Action
Status = Reservation.Status


class _Found(NamedTuple):
    """Where a promise goes: K LADAs by N days."""

    ids: Counts  # (K, N) cells
    ceilings: Counts  # (N,)
    lines: Counts  # (K, N)


@transaction.atomic
def hold(
    *,
    reference: str,
    quantity: int,
    ladas: Collection[str],
    starts_on: date,
    ends_on: date,
    expires_at: datetime,
    daily_cap: int | None = None,
) -> Reservation:
    """Take notifications out of sale until `expires_at`, or nothing at all.

    Raises NotEnoughInventory with what would fit and what binds, DaysNotOpen,
    DaysGone, or BadTerms.
    """
    terms = Terms.of(
        quantity=quantity, ladas=ladas, starts_on=starts_on, ends_on=ends_on, daily_cap=daily_cap
    )
    return _take(terms, Reservation(reference=reference, expires_at=expires_at), Action.HOLD)


@transaction.atomic
def change(
    reservation_id: int,
    *,
    quantity: int,
    ladas: Collection[str],
    starts_on: date,
    ends_on: date,
    expires_at: datetime,
    daily_cap: int | None = None,
) -> Reservation:
    """Make a hold promise something else, or leave it as it is where that does not fit.

    What it gives back counts as free. Raises as `hold` does, HoldExpired or NotHeld.
    """
    terms = Terms.of(
        quantity=quantity, ladas=ladas, starts_on=starts_on, ends_on=ends_on, daily_cap=daily_cap
    )
    reservation = Reservation(pk=reservation_id, expires_at=expires_at)
    return _take(terms, reservation, Action.CHANGE)


@transaction.atomic
def extend(reservation_id: int, *, expires_at: datetime) -> Reservation:
    """Move the expiry of a hold. Raises HoldExpired or NotHeld."""
    reservation = _lock_hold_in_force(reservation_id)
    reservation.expires_at = expires_at
    reservation.save(update_fields=["expires_at"])
    _note(reservation, Action.EXTEND, reservation.quantity)
    return reservation


@transaction.atomic
def book(reservation_id: int) -> Reservation:
    """Turn a hold into a booking, which has no expiry. Raises HoldExpired or NotHeld."""
    reservation = _lock_hold_in_force(reservation_id)
    reservation.status = Status.BOOKED
    reservation.expires_at = None
    reservation.save(update_fields=["status", "expires_at"])
    _note(reservation, Action.BOOK, reservation.quantity)
    return reservation


@transaction.atomic
def release(reservation_id: int, *, from_day: date | None = None) -> int:
    """Give back what is promised from a day on (all of it by default); say how much that was.

    Safe to repeat: what was given back is not given back again.
    """
    locks.together()
    reservation = _lock(reservation_id)
    if reservation.status not in Reservation.LIVE:
        return 0
    return _give_back(reservation, Status.RELEASED, Action.RELEASE, from_day)


def expire_due(now: datetime | None = None) -> int:
    """Give back the holds whose time is over, each in its own transaction; say how many.

    A hold that somebody is deciding on this very moment is left to them.
    """
    now = now or timezone.now()
    due = Reservation.objects.past_expiry(now).order_by("id").values_list("id", flat=True)
    return sum(_expire(reservation_id, now) for reservation_id in list(due))


@transaction.atomic
def mend() -> int:
    """Find a place for what is at risk, moving others where that helps; say how much found one."""
    if not _at_risk().exists():
        return 0
    locks.alone()
    return _mend()


@transaction.atomic
def _expire(reservation_id: int, now: datetime) -> bool:
    locks.together()
    due = Reservation.objects.past_expiry(now).filter(pk=reservation_id)
    reservation = due.select_for_update(skip_locked=True, no_key=True).first()
    if reservation is None:
        return False
    _give_back(reservation, Status.EXPIRED, Action.EXPIRE)
    return True


def _take(terms: Terms, reservation: Reservation, action: Action) -> Reservation:
    """Promise terms by a new hold, or by one that changes: the fast way, else the slow one."""
    try:
        with transaction.atomic():  # where it falls short, its locks are given back
            locks.together()
            return _promise(terms, reservation, action, _from_what_is_free)
    except plan.Short:
        locks.alone()
        return _promise(terms, reservation, action, _with_others_giving_way)


def _promise(
    terms: Terms, reservation: Reservation, action: Action, find: Callable[..., _Found]
) -> Reservation:
    """Write one promise, its cells and the journal; the turn is taken."""
    if reservation.pk is not None:
        expires_at = reservation.expires_at
        reservation = _lock_hold(reservation.pk)
        if terms.same_as(reservation) and _is_in_force(reservation):
            assert expires_at is not None
            return extend(reservation.pk, expires_at=expires_at)
        reservation.expires_at = expires_at
        _lift(reservation, terms)
    found = find(terms, without=reservation.pk)
    reservation.quantity, reservation.daily_cap = terms.quantity, terms.daily_cap
    reservation.ladas = terms.ladas
    reservation.starts_on, reservation.ends_on = terms.starts_on, terms.ends_on
    reservation.daily_ceilings = found.ceilings.tolist()
    reservation.save()
    cells.shift(found.ids, found.lines)
    ledger.write_allocation(reservation.pk, found.lines.T)
    _note(reservation, action, terms.quantity)
    return reservation


def _from_what_is_free(terms: Terms, without: int | None) -> _Found:
    """Spread a promise over free notifications. Raises plan.Short, or DaysNotOpen."""
    found = cells.read(terms.ladas, terms.starts_on, terms.ends_on, lock=True)
    if missing := found.missing():
        raise DaysNotOpen(missing)
    if _at_risk(without).exists():
        raise plan.Short(0)  # what is promised already comes first
    tops = plan.ceilings(terms.quantity, found.capacity.sum(axis=0), terms.daily_cap)
    free = found.capacity - found.planned
    lines = plan.spread(free, quantity=terms.quantity, ceilings=tops)
    return _Found(found.ids, tops, lines)


def _with_others_giving_way(terms: Terms, without: int | None) -> _Found:
    """Plan a promise with all others, and move those that must. Raises NotEnoughInventory."""
    now = timezone.now()
    for overdue in Reservation.objects.past_expiry(now).order_by("id"):
        if overdue.pk != without:
            _expire(overdue.pk, now)
    _mend(without)
    book = ledger.read(without=without)
    wish = book.wish(terms)
    try:
        placed = plan.admit(book.book, wish)
    except plan.Short as short:
        raise NotEnoughInventory(
            asked=terms.quantity,
            fits=short.fits,
            full=book.days(short.bound.full),
            paced=book.days(short.bound.paced),
        ) from None
    lines = placed.lines.pop(len(book.entries))
    ledger.write(book, placed.lines, {})
    capacity = wish.carried(book.book.capacity).sum(axis=0)
    tops = plan.ceilings(terms.quantity, capacity, terms.daily_cap)
    return _Found(wish.carried(book.ids), tops, lines)


def _mend(without: int | None = None) -> int:
    """Find places for what is at risk; the caller goes alone.

    A hold that is lifted off its cells to be changed is no part of the book.
    """
    if not _at_risk(without).exists():
        return 0
    book = ledger.read(without=without)
    risks = np.array([entry.at_risk for entry in book.entries])
    lacking = [
        replace(promise, missing=int(risk))
        for promise, risk in zip(book.book.promises, risks, strict=True)
    ]
    placed = plan.place(replace(book.book, promises=lacking), partly=True)
    left = {int(n): int(placed.missing[n]) for n in np.flatnonzero(risks != placed.missing)}
    ledger.write(book, placed.lines, left)
    return int(risks.sum() - placed.missing.sum())


def _at_risk(without: int | None = None) -> QuerySet[Allocation]:
    """Give the allocations with something at risk, less that of one reservation."""
    rows = Allocation.objects.filter(at_risk__gt=0, reservation__status__in=Reservation.LIVE)
    return rows if without is None else rows.exclude(pk=without)


def _lock(reservation_id: int) -> Reservation:
    return Reservation.objects.select_for_update(no_key=True).get(pk=reservation_id)


def _lock_hold(reservation_id: int) -> Reservation:
    reservation = _lock(reservation_id)
    if reservation.status == Status.EXPIRED:
        raise HoldExpired
    if reservation.status != Status.HELD:
        raise NotHeld
    return reservation


def _is_in_force(hold: Reservation) -> bool:
    return hold.expires_at is not None and hold.expires_at > timezone.now()


def _lock_hold_in_force(reservation_id: int) -> Reservation:
    hold = _lock_hold(reservation_id)
    if not _is_in_force(hold):
        raise HoldExpired
    return hold


def _lift(reservation: Reservation, terms: Terms) -> None:
    """Take a hold off its cells, with those of its new terms locked in the same sweep."""
    cells.lock(
        (reservation.ladas, reservation.starts_on, reservation.ends_on),
        (terms.ladas, terms.starts_on, terms.ends_on),
    )
    table, _risk = ledger.read_allocation(reservation.pk, reservation.days)
    present = cells.read(reservation.ladas, reservation.starts_on, reservation.ends_on)
    cells.shift(present.ids, -table.T)


def _give_back(
    reservation: Reservation, status: Status, action: Action, from_day: date | None = None
) -> int:
    """Take a reservation off its cells from a day on; it ends when nothing of it remains."""
    since = max(reservation.starts_on, from_day or date.min)
    table, at_risk = ledger.read_allocation(reservation.pk, reservation.days)
    kept = (since - reservation.starts_on).days
    freed = int(table[kept:].sum()) + at_risk
    if kept < reservation.days:
        present = cells.read(reservation.ladas, since, reservation.ends_on, lock=True)
        cells.shift(present.ids, -table[kept:].T)
        table[kept:] = 0
        reservation.daily_ceilings[kept:] = [0] * (reservation.days - kept)
    ledger.write_allocation(reservation.pk, table)
    reservation.quantity -= freed
    if reservation.quantity == 0:
        reservation.status = status
        reservation.expires_at = None
    reservation.save(update_fields=["quantity", "status", "expires_at", "daily_ceilings"])
    _note(reservation, action, freed)
    return freed


def _note(reservation: Reservation, action: Action, quantity: int) -> None:
    JournalEntry.objects.create(reservation=reservation, action=action, quantity=quantity)
