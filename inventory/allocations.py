"""Allocations of live reservations: read whole as arrays, written back by difference."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef
from django.utils import timezone

from inventory import cells, snapshot_cache
from inventory.arrays import Ints, decode, execute, fetch
from inventory.errors import DaysGone
from inventory.models import JournalEntry, Reservation
from inventory.planning.flow import Counts, Flags
from inventory.planning.plan import Request
from inventory.planning.snapshot import Snapshot
from inventory.snapshot_cache import StoredAllocation
from inventory.terms import Terms
from segments import gazetteer


@dataclass(frozen=True, eq=False)
class LiveInventory:
    """The snapshot of all cells and live reservations from today on, with its codes and dates."""

    codes: tuple[str, ...]  # (L,) LADA of each row of the snapshot
    first_day: date  # of the snapshot's first column: today
    cell_ids: Counts  # (L, D); 0 where the cell is not on sale
    snapshot: Snapshot
    allocations: Sequence[StoredAllocation]  # of the snapshot's reservations, in their order
    as_of: datetime

    def request(self, terms: Terms) -> Request:
        """Translate terms into rows and columns of the snapshot.

        Raises DaysGone where the terms begin before it: its day may be later than the one
        on which they were validated.
        """
        if terms.starts_on < self.first_day:
            raise DaysGone(terms.starts_on)
        return Request(
            cells.rows_by_lada(self.codes)[[int(code) for code in terms.ladas]],
            (terms.starts_on - self.first_day).days,
            terms.days,
            terms.quantity,
            terms.daily_cap,
        )

    def days_not_open(self, terms: Terms) -> list[date]:
        """Return the days on which some LADA of the terms is not on sale."""
        request = self.request(terms)
        ids = request.cells_of(self.cell_ids)
        is_closed = (ids == 0).any(axis=0).tolist() + [True] * (terms.days - ids.shape[1])
        days = (terms.starts_on + timedelta(number) for number in range(terms.days))
        return [day for day, closed in zip(days, is_closed, strict=True) if closed]

    def dates(self, columns: Iterable[int]) -> list[date]:
        """Return the dates of some columns."""
        return [self.first_day + timedelta(int(column)) for column in columns]


def read_all(*, without: Collection[int] = ()) -> LiveInventory:
    """Read all live reservations and their cells as of now, `without` some reservations.

    Takes no lock. A caller that writes back (`write_changes`) has taken the exclusive
    lock before (`inventory.locks`).
    """
    as_of = timezone.now()
    cached = snapshot_cache.current(gazetteer.current(), timezone.localdate())
    snapshot, allocations = cached.snapshot, cached.allocations
    if without:
        kept = [n for n, stored in enumerate(allocations) if stored.reservation_id not in without]
        snapshot = snapshot.with_reservations([snapshot.reservations[n] for n in kept])
        allocations = [allocations[number] for number in kept]
    return LiveInventory(
        cached.codes, cached.first_day, cached.cell_ids, snapshot, allocations, as_of
    )


def read(reservation_id: int, days: int) -> tuple[Counts, int]:
    """Return a reservation's quantities (N, K), a row a day, and how much of it is at risk."""
    [(quantities, at_risk)] = fetch(
        """
        SELECT array_send(quantities), at_risk FROM inventory_allocation
        WHERE reservation_id = %s
        """,
        [reservation_id],
    )
    return decode(quantities).astype(np.int64).reshape(days, -1), at_risk


def planned_within(reservation: Reservation, first: date, last: date) -> dict[str, int]:
    """Return what a reservation has planned on a span of days, by LADA."""
    quantities, _at_risk = read(reservation.pk, reservation.days)
    since = max((first - reservation.starts_on).days, 0)
    until = max((last - reservation.starts_on).days + 1, 0)
    totals = quantities[since:until].sum(axis=0).tolist()
    return dict(zip(reservation.ladas, totals, strict=True))


def write(reservation_id: int, quantities: Counts, *, at_risk: int = 0) -> None:
    """Store a reservation's quantities (N, K), a row a day, and raise its goals' revision."""
    execute(
        """
        INSERT INTO inventory_allocation (reservation_id, quantities, at_risk, goals_revision)
        VALUES (%s, %s, %s, 1)
        ON CONFLICT (reservation_id) DO UPDATE SET quantities = excluded.quantities,
            at_risk = excluded.at_risk, goals_revision = inventory_allocation.goals_revision + 1
        """,
        [reservation_id, Ints(quantities), at_risk],
    )


def evenly_paced(live: LiveInventory) -> Flags:
    """Mark the reservations (R,) whose ceilings follow from their days' shares.

    The others have a daily cap of the brand's own, or gave back their last days, which they may
    not take again.
    """
    given_back = JournalEntry.objects.filter(
        reservation=OuterRef("pk"), action=JournalEntry.Action.RELEASE
    )
    rows = Reservation.objects.live().filter(~Exists(given_back), daily_cap=None)
    ids = set(rows.values_list("pk", flat=True))
    return np.array([stored.reservation_id in ids for stored in live.allocations], dtype=bool)


def write_changes(
    live: LiveInventory,
    quantities: Mapping[int, Counts],
    at_risk: Mapping[int, int],
    ceilings: Mapping[int, Counts],
) -> None:
    """Write new quantities (K, N), counts at risk and ceilings (N,), by number in the snapshot.

    The cells and the journal follow. A goals' revision is raised only where the total
    of some day changes. The caller took the exclusive lock before it read `live`.
    """
    _write_ceilings(live, ceilings)
    change = np.zeros_like(live.cell_ids)
    rows: list[Any] = []
    journal: list[JournalEntry] = []
    for number in sorted(quantities.keys() | at_risk.keys()):
        planned, stored = live.snapshot.reservations[number], live.allocations[number]
        old, new = planned.quantities, quantities.get(number, planned.quantities)
        risk = at_risk.get(number, stored.at_risk)
        table = stored.quantities.copy()
        table[len(table) - new.shape[1] :] = new.T
        revision_step = int((new.sum(axis=0) != old.sum(axis=0)).any())
        rows += [stored.reservation_id, Ints(table), risk, revision_step]
        change[planned.ladas, planned.first : planned.stop] += new - old
        journal += _journal_entries(stored, old, new, risk)
    if not rows:
        return
    values = ", ".join(["(%s::bigint, %s, %s::int, %s::int)"] * (len(rows) // 4))
    execute(
        f"""
        UPDATE inventory_allocation AS a SET quantities = new.quantities, at_risk = new.at_risk,
            goals_revision = a.goals_revision + new.revision_step
        FROM (VALUES {values}) AS new (reservation_id, quantities, at_risk, revision_step)
        WHERE a.reservation_id = new.reservation_id
        """,  # noqa: S608  (no value is in it)
        rows,
    )
    cells.add_planned(live.cell_ids, change)
    JournalEntry.objects.bulk_create(journal)


def _write_ceilings(live: LiveInventory, ceilings: Mapping[int, Counts]) -> None:
    """Write the last N ceilings of reservations, and what they are raised by into the journal."""
    if not ceilings:
        return
    rows: list[Any] = []
    raised: dict[int, int] = {}
    for number in sorted(ceilings):
        reservation_id, new = live.allocations[number].reservation_id, ceilings[number]
        raised[reservation_id] = int((new - live.snapshot.reservations[number].ceilings).sum())
        rows += [reservation_id, Ints(new)]
    values = ", ".join(["(%s::bigint, %s)"] * len(ceilings))
    written = fetch(
        f"""
        UPDATE inventory_reservation AS r SET daily_ceilings = r.daily_ceilings
            [: cardinality(r.daily_ceilings) - cardinality(new.ceilings)] || new.ceilings
        FROM (VALUES {values}) AS new (reservation_id, ceilings)
        WHERE r.id = new.reservation_id RETURNING r.id, array_send(r.daily_ceilings)
        """,  # noqa: S608  (no value is in it)
        rows,
    )
    JournalEntry.objects.bulk_create(
        JournalEntry(
            reservation_id=reservation_id,
            action=JournalEntry.Action.PACE,
            quantity=raised[reservation_id],
            ceilings=decode(tops).tolist(),
        )
        for reservation_id, tops in sorted(written)
    )


def _journal_entries(
    stored: StoredAllocation, old: Counts, new: Counts, at_risk: int
) -> Iterator[JournalEntry]:
    action = JournalEntry.Action
    moved = min(int(np.maximum(old - new, 0).sum()), int(np.maximum(new - old, 0).sum()))
    for what, quantity in (
        (action.MOVE, moved),
        (action.RISK, at_risk - stored.at_risk),
        (action.REPAIR, stored.at_risk - at_risk),
    ):
        if quantity > 0:
            yield JournalEntry(reservation_id=stored.reservation_id, action=what, quantity=quantity)
