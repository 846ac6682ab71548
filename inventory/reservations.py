"""Hold, book and give back: each in one transaction, cells locked in key order, all or none.

Locks are taken in one order everywhere: the reservation's row, then its cells
by id. `planned` moves only here, together with the lines that explain it.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from inventory import plan
from inventory.errors import DaysNotOpen, HoldExpired, NotEnoughInventory, NotHeld
from inventory.models import JournalEntry, Reservation

Action = JournalEntry.Action
Status = Reservation.Status


class Cells(NamedTuple):
    """The cells of L LADAs by D days, each array (L, D)."""

    ids: plan.Counts
    capacity: plan.Counts
    planned: plan.Counts


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
    replacing: int | None = None,
) -> Reservation:
    """Take notifications out of sale until `expires_at`, or nothing at all.

    The reservation that it is `replacing` gives its own back first; where the new
    one does not fit, the old one stays, and where it holds just this already, it is
    extended.

    Raises NotEnoughInventory with what would fit, DaysNotOpen, and ValueError
    where the caller did not check its numbers.
    """
    if quantity < 1 or not ladas or ends_on < starts_on:
        raise ValueError("A hold needs a quantity, LADAs and a span of days.")
    codes = sorted(set(ladas))
    if replacing is not None:
        old = _lock(replacing)
        if old.holds(quantity, codes, starts_on, ends_on, daily_cap):
            return extend(old.pk, expires_at=expires_at)
        _lock_cells_of_both(old, codes, starts_on, ends_on)
        release(old.pk)
    cells = _lock_cells(codes, starts_on, ends_on)
    tops = plan.ceilings(quantity, cells.capacity.sum(axis=0), daily_cap)
    try:
        lines = plan.spread(cells.capacity - cells.planned, quantity=quantity, ceilings=tops)
    except plan.Short as short:
        raise NotEnoughInventory(asked=quantity, fits=short.fits) from None

    reservation = Reservation.objects.create(
        reference=reference,
        quantity=quantity,
        ladas=codes,
        starts_on=starts_on,
        ends_on=ends_on,
        daily_cap=daily_cap,
        daily_ceilings=tops.tolist(),
        expires_at=expires_at,
    )
    _add_lines(reservation, cells.ids, lines)
    _note(reservation, Action.HOLD, quantity)
    return reservation


@transaction.atomic
def extend(reservation_id: int, *, expires_at: datetime) -> Reservation:
    """Move the expiry of a hold. Raises HoldExpired or NotHeld."""
    reservation = _lock_hold(reservation_id)
    reservation.expires_at = expires_at
    reservation.save(update_fields=["expires_at"])
    _note(reservation, Action.EXTEND, reservation.quantity)
    return reservation


@transaction.atomic
def book(reservation_id: int) -> Reservation:
    """Turn a hold into a booking, which has no expiry. Raises HoldExpired or NotHeld."""
    reservation = _lock_hold(reservation_id)
    reservation.status = Status.BOOKED
    reservation.expires_at = None
    reservation.save(update_fields=["status", "expires_at"])
    _note(reservation, Action.BOOK, reservation.quantity)
    return reservation


@transaction.atomic
def release(reservation_id: int, *, from_day: date | None = None) -> int:
    """Give back what is planned from a day on (all of it by default); say how much that was.

    Safe to repeat: what was given back is not given back again.
    """
    reservation = _lock(reservation_id)
    if reservation.status not in Reservation.LIVE:
        return 0
    return _give_back(reservation, Status.RELEASED, Action.RELEASE, from_day=from_day)


def expire_due(now: datetime | None = None) -> int:
    """Give back the holds whose time is over, each in its own transaction; say how many.

    A hold that somebody is deciding on this very moment is left to them.
    """
    now = now or timezone.now()
    due = Reservation.objects.past_expiry(now).order_by("id")
    expired = 0
    for reservation_id in due.values_list("id", flat=True):
        with transaction.atomic():
            locked = due.filter(pk=reservation_id).select_for_update(skip_locked=True).first()
            if locked:
                _give_back(locked, Status.EXPIRED, Action.EXPIRE)
                expired += 1
    return expired


def _lock(reservation_id: int) -> Reservation:
    return Reservation.objects.select_for_update(no_key=True).get(pk=reservation_id)


def _lock_hold(reservation_id: int) -> Reservation:
    reservation = _lock(reservation_id)
    if reservation.status == Status.EXPIRED:
        raise HoldExpired
    if reservation.status != Status.HELD or reservation.expires_at is None:
        raise NotHeld
    if reservation.expires_at <= timezone.now():
        raise HoldExpired
    return reservation


def _lock_cells(ladas: list[str], first: date, last: date) -> Cells:
    """Lock the cells of sorted LADAs, by id, and read them as they are now."""
    rows = _fetch(
        """
        SELECT id, lada, day, capacity, planned FROM inventory_capacity
        WHERE lada = ANY(%s) AND day BETWEEN %s AND %s
        ORDER BY id FOR NO KEY UPDATE
        """,
        [ladas, first, last],
    )
    days = (last - first).days + 1
    if len(rows) < len(ladas) * days:
        _refuse_missing(ladas, first, days, {(row[1], row[2]) for row in rows})
    table = np.array([(row[0], row[3], row[4]) for row in rows], dtype=np.int64)
    order = sorted(range(len(rows)), key=lambda n: (rows[n][1], rows[n][2]))
    ids, capacity, planned = table[order].T.reshape(3, len(ladas), days)
    return Cells(ids, capacity, planned)


def _lock_cells_of_both(old: Reservation, ladas: list[str], first: date, last: date) -> None:
    """Lock in one sweep by id the cells of an old reservation and those of a new one.

    Two sweeps in one transaction would not be in key order, and could deadlock.
    """
    _fetch(
        """
        SELECT id FROM inventory_capacity
        WHERE (lada = ANY(%s) AND day BETWEEN %s AND %s)
           OR id IN (SELECT cell_id FROM inventory_reservationline WHERE reservation_id = %s)
        ORDER BY id FOR NO KEY UPDATE
        """,
        [ladas, first, last, old.pk],
    )


def _refuse_missing(
    ladas: list[str], first: date, days: int, present: set[tuple[str, date]]
) -> None:
    span = [first + timedelta(n) for n in range(days)]
    raise DaysNotOpen([day for day in span if any((lada, day) not in present for lada in ladas)])


def _add_lines(reservation: Reservation, ids: plan.Counts, lines: plan.Counts) -> None:
    used = lines > 0
    columns = [ids[used].tolist(), lines[used].tolist()]
    _run(
        """
        UPDATE inventory_capacity AS cell SET planned = cell.planned + line.quantity
        FROM unnest(%s::bigint[], %s::int[]) AS line (cell_id, quantity)
        WHERE cell.id = line.cell_id
        """,
        columns,
    )
    _run(
        """
        INSERT INTO inventory_reservationline (reservation_id, cell_id, quantity)
        SELECT %s, * FROM unnest(%s::bigint[], %s::int[])
        """,
        [reservation.pk, *columns],
    )


def _give_back(
    reservation: Reservation, status: Status, action: Action, *, from_day: date | None = None
) -> int:
    """Take lines off their cells; the reservation ends when nothing of it remains."""
    since = from_day or date.min
    _fetch(
        """
        SELECT cell.id FROM inventory_capacity AS cell
        JOIN inventory_reservationline AS line ON line.cell_id = cell.id
        WHERE line.reservation_id = %s AND cell.day >= %s
        ORDER BY cell.id FOR NO KEY UPDATE OF cell
        """,
        [reservation.pk, since],
    )
    rows = _fetch(
        """
        WITH gone AS (
            DELETE FROM inventory_reservationline AS line USING inventory_capacity AS cell
            WHERE line.reservation_id = %s AND cell.id = line.cell_id AND cell.day >= %s
            RETURNING line.cell_id, line.quantity
        ), freed AS (
            UPDATE inventory_capacity AS cell SET planned = cell.planned - gone.quantity
            FROM gone WHERE cell.id = gone.cell_id
        )
        SELECT coalesce(sum(quantity), 0) FROM gone
        """,
        [reservation.pk, since],
    )
    freed = int(rows[0][0])
    reservation.quantity -= freed
    if reservation.quantity == 0:
        reservation.status = status
        reservation.expires_at = None
    reservation.save(update_fields=["quantity", "status", "expires_at"])
    _note(reservation, action, freed)
    return freed


def _note(reservation: Reservation, action: Action, quantity: int) -> None:
    JournalEntry.objects.create(reservation=reservation, action=action, quantity=quantity)


def _run(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _fetch(sql: str, params: list[Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
