"""The book as the database has it: read whole in arrays, written back by difference.

Counts cross as PostgreSQL's own binary arrays: a book of a thousand promises has a
million lines, and no row or Python object is made for any of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import psycopg
from django.db import connection
from django.utils import timezone

from inventory.book import Book, Promise
from inventory.flow import Counts
from inventory.groups import Groups
from inventory.models import JournalEntry
from inventory.plan import Wish
from inventory.terms import Terms
from segments import gazetteer

FROZEN_DAYS = 2  # today and tomorrow are at the gateway as they are

_ARRAY_HEADER = 20  # bytes before the first element, each of which has its length before it
_INT4 = np.dtype([("size", ">i4"), ("value", ">i4")])
_INT8 = np.dtype([("size", ">i4"), ("value", ">i8")])


class Cells(NamedTuple):
    """Cells as they stand: L LADAs by D days, each array (L, D). A cell not on sale has id 0."""

    codes: tuple[str, ...]
    first: date
    ids: Counts
    capacity: Counts
    planned: Counts

    def missing(self) -> list[date]:
        """Give the days on which some LADA is not on sale."""
        gaps = (self.ids == 0).any(axis=0)
        return [self.first + timedelta(int(column)) for column in np.flatnonzero(gaps)]


@dataclass(frozen=True, eq=False)
class Entry:
    """A live reservation as it stands in the table: its whole allocation, past days included."""

    reservation_id: int
    starts_on: date
    quantities: Counts  # (N, K), day by day
    at_risk: int


@dataclass(frozen=True, eq=False)
class Ledger:
    """All cells from today on, and all promises that have days there."""

    cells: Cells
    book: Book
    entries: Sequence[Entry]  # of the book's promises, in their order
    as_of: datetime

    @property
    def first(self) -> date:
        """The day of the book's first column: today."""
        return self.cells.first

    def wish(self, terms: Terms) -> Wish:
        """Put terms into the book's rows and columns."""
        return Wish(
            _places(self.cells.codes)[[int(code) for code in terms.ladas]],
            (terms.starts_on - self.first).days,
            terms.days,
            terms.quantity,
            terms.daily_cap,
        )

    def not_open(self, terms: Terms) -> list[date]:
        """Give the days on which some LADA of the terms is not on sale."""
        wish = self.wish(terms)
        days = (terms.starts_on + timedelta(number) for number in range(terms.days))
        ids = wish.carried(self.cells.ids)
        closed = (ids == 0).any(axis=0).tolist() + [True] * (terms.days - ids.shape[1])
        return [day for day, is_closed in zip(days, closed, strict=True) if is_closed]

    def days(self, columns: Iterable[int]) -> list[date]:
        """Give the days of some columns."""
        return [self.first + timedelta(int(column)) for column in columns]


def read(*, without: int | None = None) -> Ledger:
    """Read the book as it is now, `without` some reservation.

    Blocks nobody. Whoever writes it back goes alone since before (`inventory.locks`).
    """
    as_of, today = timezone.now(), timezone.localdate()
    places = gazetteer.current()
    codes = tuple(places.cities)
    entries, promises = [], []
    for entry, promise in _promises(today, codes):
        if entry.reservation_id != without:
            entries.append(entry)
            promises.append(promise)
    cells = read_cells(codes, today, None)
    book = Book(cells.capacity, promises, _groups(codes, places), FROZEN_DAYS)
    return Ledger(cells, book, entries, as_of)


def read_cells(
    codes: Sequence[str], first: date, last: date | None, *, lock: bool = False
) -> Cells:
    """Read the cells of sorted LADAs from a day on, or lock them by id and read them then."""
    rows = _fetch(
        f"""
        SELECT array_send(array_agg(id)), array_send(array_agg(lada::int)),
               array_send(array_agg(day - %s::date)), array_send(array_agg(capacity)),
               array_send(array_agg(planned))
        FROM (
            SELECT id, lada, day, capacity, planned FROM inventory_capacity
            WHERE lada = ANY(%s::text[]) AND day BETWEEN %s AND %s
            {"ORDER BY id FOR NO KEY UPDATE" if lock else ""}
        ) AS cell
        """,  # noqa: S608  (no value is in it)
        [first, list(codes), first, last or date.max],
    )
    [(ids, ladas, days, capacity, planned)] = rows
    column = _integers(days)
    width = int(column.max(initial=-1)) + 1 if last is None else (last - first).days + 1
    place = _places(codes)[_integers(ladas)]
    tables = np.zeros((3, len(codes), width), dtype=np.int64)
    for table, values in zip(
        tables, (_integers(ids, _INT8), _integers(capacity), _integers(planned)), strict=True
    ):
        table[place, column] = values
    return Cells(tuple(codes), first, *tables)


def read_allocation(reservation_id: int, days: int) -> tuple[Counts, int]:
    """Give how a reservation lies in its cells (N, K), day by day, and what is at risk of it."""
    [(quantities, at_risk)] = _fetch(
        """
        SELECT array_send(quantities), at_risk FROM inventory_allocation
        WHERE reservation_id = %s
        """,
        [reservation_id],
    )
    return _integers(quantities).astype(np.int64).reshape(days, -1), at_risk


def lock_cells(*spans: tuple[Sequence[str], date, date]) -> None:
    """Lock the cells of several choices in one sweep by id.

    Two sweeps in one transaction would not be in key order, and could deadlock.
    """
    wanted = " OR ".join(["(lada = ANY(%s::text[]) AND day BETWEEN %s AND %s)"] * len(spans))
    _fetch(
        f"SELECT 1 FROM inventory_capacity WHERE {wanted} ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
        [value for ladas, first, last in spans for value in (list(ladas), first, last)],
    )


def shift(ids: Counts, by: Counts) -> None:
    """Change what is planned in cells: both arrays have one shape; cells with 0 are left alone."""
    moved = by != 0
    _run(
        """
        UPDATE inventory_capacity AS cell SET planned = cell.planned + change.quantity
        FROM (
            SELECT * FROM unnest(%s::bigint[], %s::int[]) AS change (cell_id, quantity)
            ORDER BY cell_id
        ) AS change
        WHERE cell.id = change.cell_id
        """,
        [_literal(ids[moved]), _literal(by[moved])],
    )


def write_allocation(reservation_id: int, quantities: Counts, *, at_risk: int = 0) -> None:
    """Store how a reservation (N, K) lies in its cells, day by day; its goals are new."""
    _run(
        """
        INSERT INTO inventory_allocation (reservation_id, quantities, at_risk, goals_revision)
        VALUES (%s, %s::int[], %s, 1)
        ON CONFLICT (reservation_id) DO UPDATE SET quantities = excluded.quantities,
            at_risk = excluded.at_risk, goals_revision = inventory_allocation.goals_revision + 1
        """,
        [reservation_id, _literal(quantities), at_risk],
    )


def write(ledger: Ledger, lines: Mapping[int, Counts], at_risk: Mapping[int, int]) -> None:
    """Write new lines (K, N) and risks of some promises, their cells and the journal.

    Goals are new only where a day's total changes. The caller goes alone since before
    the ledger was read.
    """
    change = np.zeros_like(ledger.cells.planned)
    rows: list[Any] = []
    journal: list[JournalEntry] = []
    for number in sorted(lines.keys() | at_risk.keys()):
        promise, entry = ledger.book.promises[number], ledger.entries[number]
        new = lines.get(number, promise.lines)
        risk = at_risk.get(number, entry.at_risk)
        quantities = entry.quantities.copy()
        quantities[len(quantities) - new.shape[1] :] = new.T
        raised = int((new.sum(axis=0) != promise.lines.sum(axis=0)).any())
        rows += [entry.reservation_id, _literal(quantities), risk, raised]
        change[promise.ladas, promise.first : promise.stop] += new - promise.lines
        journal += _noted(entry, promise.lines, new, risk)
    if not rows:
        return
    values = ", ".join(["(%s::bigint, %s::int[], %s::int, %s::int)"] * (len(rows) // 4))
    _run(
        f"""
        UPDATE inventory_allocation AS a SET quantities = new.quantities, at_risk = new.at_risk,
            goals_revision = a.goals_revision + new.raised
        FROM (VALUES {values}) AS new (reservation_id, quantities, at_risk, raised)
        WHERE a.reservation_id = new.reservation_id
        """,  # noqa: S608  (no value is in it)
        rows,
    )
    shift(ledger.cells.ids, change)
    JournalEntry.objects.bulk_create(journal)


def _noted(entry: Entry, old: Counts, new: Counts, risk: int) -> Iterable[JournalEntry]:
    action = JournalEntry.Action
    moved = min(int(np.maximum(old - new, 0).sum()), int(np.maximum(new - old, 0).sum()))
    for what, quantity in (
        (action.MOVE, moved),
        (action.RISK, risk - entry.at_risk),
        (action.MEND, entry.at_risk - risk),
    ):
        if quantity > 0:
            yield JournalEntry(reservation_id=entry.reservation_id, action=what, quantity=quantity)


def _promises(today: date, codes: Sequence[str]) -> Iterable[tuple[Entry, Promise]]:
    rows = _fetch(
        """
        SELECT r.id, r.starts_on, array_send(r.ladas::int[]), array_send(r.daily_ceilings),
               array_send(a.quantities), a.at_risk
        FROM inventory_reservation AS r
        JOIN inventory_allocation AS a ON a.reservation_id = r.id
        WHERE r.status IN ('held', 'booked') AND r.ends_on >= %s
        ORDER BY r.id
        """,
        [today],
    )
    places = _places(codes)
    for reservation_id, starts_on, ladas, ceilings, quantities, at_risk in rows:
        rows_of = places[_integers(ladas)]
        tops = _integers(ceilings).astype(np.int64)
        table = _integers(quantities).astype(np.int64).reshape(len(tops), len(rows_of))
        gone = max((today - starts_on).days, 0)
        promise = Promise(rows_of, max((starts_on - today).days, 0), tops[gone:], table[gone:].T)
        yield Entry(reservation_id, starts_on, table, at_risk), promise


_kept_groups: dict[tuple[str, ...], Groups] = {}


def _groups(codes: tuple[str, ...], places: gazetteer.Gazetteer) -> Groups:
    """Give the states as groups; kept while the catalogue stays the same."""
    if codes not in _kept_groups:
        _kept_groups.clear()
        row = {code: number for number, code in enumerate(codes)}
        states = [np.array(sorted(row[c] for c in s)) for s in places.ladas_of.values() if s]
        _kept_groups[codes] = Groups(len(codes), states)
    return _kept_groups[codes]


def _places(codes: Sequence[str]) -> Counts:
    """Give the row of each LADA by its number: a LADA has two or three digits, the first not 0."""
    places = np.zeros(1_000, dtype=np.intp)
    places[[int(code) for code in codes]] = np.arange(len(codes))
    return places


def _integers(array: bytes | None, kind: np.dtype = _INT4) -> Counts:
    if array is None or len(array) < _ARRAY_HEADER:
        return np.zeros(0, dtype=np.int64)
    return np.frombuffer(array, kind, offset=_ARRAY_HEADER)["value"]


def _literal(counts: Counts) -> str:
    return "{" + ",".join(map(str, counts.ravel().tolist())) + "}"


def _run(sql: str, params: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _fetch(sql: str, params: Sequence[Any]) -> list[tuple]:
    """Fetch in PostgreSQL's binary format, which Django's own cursors do not speak."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(sql, params, binary=True).fetchall()
