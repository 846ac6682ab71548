"""Cells as arrays: read, locked in key order, and changed by what is planned in them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from inventory.arrays import INT8, BigInts, Ints, fetch, integers, run
from inventory.planning.flow import Counts


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


def read(codes: Sequence[str], first: date, last: date | None, *, lock: bool = False) -> Cells:
    """Read the cells of sorted LADAs from a day on, or lock them by id and read them then."""
    rows = fetch(
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
    column = integers(days)
    width = int(column.max(initial=-1)) + 1 if last is None else (last - first).days + 1
    place = places(codes)[integers(ladas)]
    tables = np.zeros((3, len(codes), width), dtype=np.int64)
    for table, values in zip(
        tables, (integers(ids, INT8), integers(capacity), integers(planned)), strict=True
    ):
        table[place, column] = values
    return Cells(tuple(codes), first, *tables)


def lock(*spans: tuple[Sequence[str], date, date]) -> None:
    """Lock the cells of several choices in one sweep by id.

    Two sweeps in one transaction would not be in key order, and could deadlock.
    """
    wanted = " OR ".join(["(lada = ANY(%s::text[]) AND day BETWEEN %s AND %s)"] * len(spans))
    run(
        f"SELECT 1 FROM inventory_capacity WHERE {wanted} ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
        [value for ladas, first, last in spans for value in (list(ladas), first, last)],
    )


def shift(ids: Counts, by: Counts) -> None:
    """Change what is planned in cells: both arrays have one shape; cells with 0 are left alone."""
    moved = by != 0
    run(
        """
        UPDATE inventory_capacity AS cell SET planned = cell.planned + change.quantity
        FROM (
            SELECT * FROM unnest(%s, %s) AS change (cell_id, quantity)
            ORDER BY cell_id
        ) AS change
        WHERE cell.id = change.cell_id
        """,
        [BigInts(ids[moved]), Ints(by[moved])],
    )


def places(codes: Sequence[str]) -> Counts:
    """Give the row of each LADA by its number: a LADA has two or three digits, the first not 0."""
    places = np.zeros(1_000, dtype=np.intp)
    places[[int(code) for code in codes]] = np.arange(len(codes))
    return places
