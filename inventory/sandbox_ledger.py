"""The inventory of a sandbox brand: a ledger of its own beside the channel's (ADR 40).

Its reservations take no cell and write no journal. Each day carries what the channel would on a
mean one, less the default safety share; the planner admits them with all others of the ledger as
they are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import advisory_locks
from inventory import admission, allocations, capacity, snapshot_cache
from inventory.allocations import LiveInventory
from inventory.cells import rows_by_lada
from inventory.errors import DaysNotOpen, ExpiryGone, HoldExpired, NotHeld
from inventory.models import Reservation
from inventory.planning import plan
from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts
from inventory.planning.snapshot import PlannedReservation
from inventory.snapshot_cache import StoredAllocation
from inventory.terms import Terms
from segments import gazetteer
from segments.models import Lada

Status = Reservation.Status
NO_CELL = 1  # the id of each cell of a ledger: it is on sale, and no row


@dataclass(frozen=True)
class SandboxLedger:
    """The inventory of one sandbox brand, by its key, as of its clock.

    Its methods are those of `inventory.reservations`, and raise the same.
    """

    key: int
    now: datetime

    @transaction.atomic
    def hold(self, terms: Terms, *, reference: str, expires_at: datetime) -> Reservation:
        """Take notifications off the ledger until `expires_at`, all of them or none."""
        new = Reservation(ledger=self.key, reference=reference)
        return self._allocate(new, terms, expires_at)

    @transaction.atomic
    def change(self, reservation_id: int, terms: Terms, *, expires_at: datetime) -> Reservation:
        """Change the terms of a hold, or leave it unchanged where the new ones do not fit."""
        return self._allocate(self._lock_hold(reservation_id), terms, expires_at)

    @transaction.atomic
    def extend(self, reservation_id: int, *, expires_at: datetime) -> Reservation:
        """Move the expiry of a hold."""
        hold = self._lock_hold(reservation_id)
        self._require_future(expires_at)
        hold.expires_at = expires_at
        hold.save(update_fields=["expires_at"])
        return hold

    @transaction.atomic
    def book(self, reservation_id: int, *, agreed: int | None = None) -> Reservation:
        """Turn a hold into a booking. All of it has a place: no capacity is ever lost here."""
        hold = self._lock_hold(reservation_id)
        hold.status, hold.expires_at = Status.BOOKED, None
        hold.save(update_fields=["status", "expires_at"])
        return hold

    @transaction.atomic
    def release(self, reservation_id: int, *, from_day: date | None = None) -> int:
        """Return to the ledger what is reserved from a day on; return how much that was."""
        reservation = self._lock(reservation_id)
        if reservation.status not in Reservation.LIVE:
            return 0
        kept = max(((from_day or date.min) - reservation.starts_on).days, 0)
        quantities, _at_risk = allocations.read(reservation.pk, reservation.days)
        freed = int(quantities[kept:].sum())
        quantities[kept:] = 0
        reservation.quantity -= freed
        if not reservation.quantity:
            reservation.status, reservation.expires_at = Status.RELEASED, None
        reservation.save(update_fields=["quantity", "status", "expires_at"])
        allocations.write(reservation.pk, quantities)
        return freed

    def live(self, *, without: Collection[int | None] = ()) -> LiveInventory:
        """Return what the planner reads: the days on sale, and what is reserved of them.

        Holds past their expiry, and `without`, count as free. Takes no lock.
        """
        today = timezone.localdate(self.now)
        bare = snapshot_cache.empty(gazetteer.current(), today)
        on_sale = _capacity(bare.codes, today, settings.HORIZON_DAYS)
        rows = Reservation.objects.filter(
            Q(status=Status.BOOKED) | Q(status=Status.HELD, expires_at__gt=self.now),
            ledger=self.key,
            ends_on__gte=today,
        ).exclude(pk__in=[pk for pk in without if pk is not None])
        pairs = [_planned(row, bare.codes, today) for row in rows.order_by("id")]
        snapshot = replace(
            bare.snapshot,
            capacity=on_sale,
            reservations=[planned for _stored, planned in pairs],
            frozen=on_sale.shape[1],
        )
        ids = np.full_like(on_sale, NO_CELL)
        stored = [each for each, _planned in pairs]
        return LiveInventory(bare.codes, today, ids, snapshot, stored, self.now)

    def _allocate(
        self, reservation: Reservation, terms: Terms, expires_at: datetime
    ) -> Reservation:
        self._require_future(expires_at)
        terms.validate(timezone.localdate(self.now))
        advisory_locks.acquire_named(f"sandbox-ledger:{self.key}")
        live = self.live(without=[reservation.pk])
        if not_open := live.days_not_open(terms):
            raise DaysNotOpen(not_open)
        found = admission.planned(plan.admit, live, live.request(terms))
        reservation.quantity, reservation.daily_cap = terms.quantity, terms.daily_cap
        reservation.ladas = terms.ladas
        reservation.starts_on, reservation.ends_on = terms.starts_on, terms.ends_on
        reservation.daily_ceilings = found.ceilings.tolist()
        reservation.expires_at = expires_at
        reservation.save()
        allocations.write(reservation.pk, found.quantities[len(live.allocations)].T)
        return reservation

    def _lock(self, reservation_id: int) -> Reservation:
        rows = Reservation.objects.select_for_update(no_key=True)
        return rows.get(pk=reservation_id, ledger=self.key)

    def _lock_hold(self, reservation_id: int) -> Reservation:
        hold = self._lock(reservation_id)
        if hold.status != Status.HELD:
            raise NotHeld
        if hold.expires_at is None or hold.expires_at <= self.now:
            raise HoldExpired
        return hold

    def _require_future(self, expires_at: datetime) -> None:
        if expires_at <= self.now:
            raise ExpiryGone(expires_at)


def _capacity(codes: Sequence[str], first: date, days: int) -> Counts:
    """Return what is on sale of each LADA on some days, (L, D)."""
    weight_of = dict(Lada.objects.values_list("code", "weight_ppm"))
    weights = np.array([weight_of[code] for code in codes], dtype=np.int64)
    totals = [capacity.day_total(first + timedelta(number)) for number in range(days)]
    columns = {total: apportion(total, weights=weights) for total in set(totals)}
    gross = np.stack([columns[total] for total in totals], axis=1)
    return capacity.sellable(gross, settings.SAFETY_PERCENT, closed=False)


def _planned(
    row: Reservation, codes: Sequence[str], today: date
) -> tuple[StoredAllocation, PlannedReservation]:
    """Return a reservation as the planner reads it: its days from today on."""
    quantities, at_risk = allocations.read(row.pk, row.days)
    past = max((today - row.starts_on).days, 0)
    first = max((row.starts_on - today).days, 0)
    ladas = rows_by_lada(codes)[[int(lada) for lada in row.ladas]]
    tops = np.array(row.daily_ceilings, dtype=np.int64)
    planned = PlannedReservation(ladas, first, tops[past:], quantities[past:].T)
    return StoredAllocation(row.pk, "", row.starts_on, quantities, at_risk), planned
