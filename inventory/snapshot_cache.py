"""The last snapshot that this process read, refreshed by the rows written since (ADR 11).

A row's version is its transaction and its place in the table (xmin, ctid). PostgreSQL
never gives two states of a row the same version, so no writer has to invalidate anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from inventory import cells
from inventory.arrays import BigInts, decode, fetch
from inventory.planning.flow import Counts
from inventory.planning.groups import Groups
from inventory.planning.snapshot import PlannedReservation, Snapshot
from segments.gazetteer import Gazetteer

FROZEN_DAYS = 2  # today and tomorrow: the gateway already has their goals


@dataclass(frozen=True, eq=False)
class StoredAllocation:
    """The allocation of a live reservation as the table has it, past days included."""

    reservation_id: int
    version: str
    starts_on: date
    quantities: Counts  # (N, K), a row a day
    at_risk: int


@dataclass(frozen=True, eq=False)
class CachedSnapshot:
    """Cells from a day on and the reservations with days there. Its arrays are never written."""

    places: Gazetteer
    first_day: date
    codes: tuple[str, ...]
    cells_version: str | None
    cell_ids: Counts  # (L, D); 0 where the cell is not on sale
    snapshot: Snapshot
    allocations: Sequence[StoredAllocation]  # of the snapshot's reservations, in their order


_latest: CachedSnapshot | None = None  # replaced whole by each reader: threads need no lock


def current(places: Gazetteer, today: date) -> CachedSnapshot:
    """Return the snapshot as of now, after reading what was written since the last call.

    All reservations are of one moment. During a change of capacity the cells may be of
    another moment, unless the caller has the exclusive lock (`inventory.locks`).
    """
    global _latest
    cached = _latest
    if cached is None or cached.places is not places or cached.first_day != today:
        cached = empty(places, today)
    _latest = cached = _refresh(cached)
    return cached


def empty(places: Gazetteer, today: date) -> CachedSnapshot:
    """Return the snapshot of a catalogue's LADAs without any days."""
    codes = tuple(places.cities)
    row = {code: number for number, code in enumerate(codes)}
    states = [np.array(sorted(row[c] for c in s)) for s in places.ladas_of.values() if s]
    no_cells = np.zeros((len(codes), 0), dtype=np.int64)
    snapshot = Snapshot(no_cells, [], Groups(len(codes), states), FROZEN_DAYS)
    return CachedSnapshot(places, today, codes, None, no_cells, snapshot, [])


def _refresh(cached: CachedSnapshot) -> CachedSnapshot:
    """Read reservations before cells, so that every reservation finds its cells."""
    ids = (stored.reservation_id for stored in cached.allocations)
    known = dict(zip(ids, _pairs(cached), strict=True))
    row_of_lada, pairs = cells.rows_by_lada(cached.codes), []
    for reservation_id, *columns in _read_rows(cached):
        is_unchanged = columns[0] is None
        pairs.append(
            known[reservation_id]
            if is_unchanged
            else _parse_row(cached.first_day, row_of_lada, reservation_id, *columns)
        )
    allocations, reservations = [stored for stored, _ in pairs], [planned for _, planned in pairs]
    version = cells_version()
    if version is None or version != cached.cells_version:
        now = cells.read(cached.codes, cached.first_day, None)
        snapshot = replace(cached.snapshot, capacity=now.capacity, reservations=reservations)
        return replace(
            cached,
            cells_version=version,
            cell_ids=now.ids,
            snapshot=snapshot,
            allocations=allocations,
        )
    if allocations == list(cached.allocations):
        return cached
    snapshot = cached.snapshot.with_reservations(reservations)
    return replace(cached, snapshot=snapshot, allocations=allocations)


def _pairs(cached: CachedSnapshot) -> Iterable[tuple[StoredAllocation, PlannedReservation]]:
    return zip(cached.allocations, cached.snapshot.reservations, strict=True)


def _read_rows(cached: CachedSnapshot) -> list[tuple]:
    """Return a row for each live reservation; its id alone where it is unchanged."""
    return fetch(
        """
        SELECT r.id, CASE WHEN is_new THEN now.version END,
               CASE WHEN is_new THEN r.starts_on END,
               CASE WHEN is_new THEN array_send(r.ladas::int[]) END,
               CASE WHEN is_new THEN array_send(r.daily_ceilings) END,
               CASE WHEN is_new THEN array_send(a.quantities) END,
               CASE WHEN is_new THEN a.at_risk END
        FROM inventory_reservation AS r
        JOIN inventory_allocation AS a ON a.reservation_id = r.id
        CROSS JOIN LATERAL concat_ws(' ', r.xmin, r.ctid, a.xmin, a.ctid) AS now (version)
        LEFT JOIN unnest(%s, %s::text[]) AS kept (id, version) ON kept.id = r.id
        CROSS JOIN LATERAL (SELECT now.version IS DISTINCT FROM kept.version) AS new (is_new)
        WHERE r.ledger IS NULL AND r.status IN ('held', 'booked') AND r.ends_on >= %s
        ORDER BY r.id
        """,
        [
            BigInts(np.array([a.reservation_id for a in cached.allocations], dtype=np.int64)),
            [stored.version for stored in cached.allocations],
            cached.first_day,
        ],
    )


def _parse_row(
    today: date,
    row_of_lada: Counts,
    reservation_id: int,
    version: str,
    starts_on: date,
    ladas: bytes,
    ceilings: bytes,
    quantities: bytes,
    at_risk: int,
) -> tuple[StoredAllocation, PlannedReservation]:
    rows = row_of_lada[decode(ladas)]
    tops = decode(ceilings).astype(np.int64)
    table = decode(quantities).astype(np.int64).reshape(len(tops), len(rows))
    for array in (rows, tops, table):
        array.flags.writeable = False
    past = max((today - starts_on).days, 0)
    first = max((starts_on - today).days, 0)
    planned = PlannedReservation(rows, first, tops[past:], table[past:].T)
    return StoredAllocation(reservation_id, version, starts_on, table, at_risk), planned


def cells_version() -> str | None:
    """Return the version of the set of cells and their capacity; None before there are cells.

    Planned counts are no part of it: they follow from the reservations.
    """
    rows = fetch("SELECT concat_ws(' ', xmin, ctid) FROM inventory_capacityversion", [])
    return rows[0][0] if rows else None
