"""What this process has read of the book, so that it reads again only what was written since.

A version names the transaction that wrote a row and where it put it. PostgreSQL never
gives two states of a row the same, whoever wrote them, so nothing has to be told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from inventory import cells
from inventory.arrays import BigInts, fetch, integers
from inventory.planning.book import Book, Promise
from inventory.planning.flow import Counts
from inventory.planning.groups import Groups
from segments.gazetteer import Gazetteer

FROZEN_DAYS = 2  # today and tomorrow are at the gateway as they are


@dataclass(frozen=True, eq=False)
class Entry:
    """A live reservation as it stands in the table: its whole allocation, past days included."""

    reservation_id: int
    version: str
    starts_on: date
    quantities: Counts  # (N, K), day by day
    at_risk: int


@dataclass(frozen=True, eq=False)
class Shelf:
    """The cells from a day on, and the promises that have days there; its arrays never change."""

    places: Gazetteer
    first: date
    codes: tuple[str, ...]
    cells_version: str | None
    ids: Counts  # (L, D); 0 is not on sale
    book: Book
    entries: Sequence[Entry]  # of the book's promises, in their order


_newest: Shelf | None = None  # each reader replaces it whole, so threads need not wait


def look(places: Gazetteer, today: date) -> Shelf:
    """Give the book as it is now.

    Promises are all as of one moment. Cells of another capacity than theirs may come with
    them while that changes, unless the caller goes alone (`inventory.locks`).
    """
    global _newest
    shelf = _newest
    if shelf is None or shelf.places is not places or shelf.first != today:
        shelf = _empty(places, today)
    _newest = shelf = _refreshed(shelf)
    return shelf


def _empty(places: Gazetteer, today: date) -> Shelf:
    codes = tuple(places.cities)
    row = {code: number for number, code in enumerate(codes)}
    states = [np.array(sorted(row[c] for c in s)) for s in places.ladas_of.values() if s]
    nothing = np.zeros((len(codes), 0), dtype=np.int64)
    book = Book(nothing, [], Groups(len(codes), states), FROZEN_DAYS)
    return Shelf(places, today, codes, None, nothing, book, [])


def _refreshed(shelf: Shelf) -> Shelf:
    """Read promises first: then there are cells for all of them."""
    known = dict(zip((e.reservation_id for e in shelf.entries), _pairs(shelf), strict=True))
    row_of, found = cells.places(shelf.codes), []
    for reservation_id, *written in _read(shelf):
        as_it_was = written[0] is None
        found.append(
            known[reservation_id]
            if as_it_was
            else _promise(shelf.first, row_of, reservation_id, *written)
        )
    entries, promises = [entry for entry, _ in found], [promise for _, promise in found]
    version = _cells_version()
    if version is None or version != shelf.cells_version:
        now = cells.read(shelf.codes, shelf.first, None)
        book = replace(shelf.book, capacity=now.capacity, promises=promises)
        return replace(shelf, cells_version=version, ids=now.ids, book=book, entries=entries)
    if entries == list(shelf.entries):
        return shelf
    return replace(shelf, book=shelf.book.with_promises(promises), entries=entries)


def _pairs(shelf: Shelf) -> Iterable[tuple[Entry, Promise]]:
    return zip(shelf.entries, shelf.book.promises, strict=True)


def _read(shelf: Shelf) -> list[tuple]:
    """Give a row for each live reservation: with its id alone where it is as it was."""
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
        WHERE r.status IN ('held', 'booked') AND r.ends_on >= %s
        ORDER BY r.id
        """,
        [
            BigInts(np.array([entry.reservation_id for entry in shelf.entries], dtype=np.int64)),
            [entry.version for entry in shelf.entries],
            shelf.first,
        ],
    )


def _promise(
    today: date,
    places: Counts,
    reservation_id: int,
    version: str,
    starts_on: date,
    ladas: bytes,
    ceilings: bytes,
    quantities: bytes,
    at_risk: int,
) -> tuple[Entry, Promise]:
    rows = places[integers(ladas)]
    tops = integers(ceilings).astype(np.int64)
    table = integers(quantities).astype(np.int64).reshape(len(tops), len(rows))
    for array in (rows, tops, table):
        array.flags.writeable = False
    gone = max((today - starts_on).days, 0)
    promise = Promise(rows, max((starts_on - today).days, 0), tops[gone:], table[gone:].T)
    return Entry(reservation_id, version, starts_on, table, at_risk), promise


def _cells_version() -> str | None:
    """Give the version of what cells there are and what they carry; None before there are any.

    What is planned in a cell does not count: the promises say it.
    """
    rows = fetch("SELECT concat_ws(' ', xmin, ctid) FROM inventory_capacityversion", [])
    return rows[0][0] if rows else None
