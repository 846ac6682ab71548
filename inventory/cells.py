"""Cells as arrays: read, locked in key order, and their planned counts changed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from inventory.arrays import INT8, BigInts, Ints, decode, execute, fetch
from inventory.planning.flow import Counts


class CellArrays(NamedTuple):
    """L LADAs by D days; each array is (L, D), in notifications. A cell not on sale has id 0."""

    codes: tuple[str, ...]
    first_day: date
    ids: Counts
    capacity: Counts
    planned: Counts

    def days_not_open(self) -> list[date]:
        """Return the days on which some LADA is not on sale."""
        is_closed = (self.ids == 0).any(axis=0)
        return [self.first_day + timedelta(int(column)) for column in np.flatnonzero(is_closed)]


def read(codes: Sequence[str], first: date, last: date | None, *, lock: bool = False) -> CellArrays:
    """Return the cells of sorted LADAs from `first` to `last`, or to the last day on sale.

    With `lock` their rows are locked first, in the order of their ids.
    """
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
    column = decode(days)
    width = int(column.max(initial=-1)) + 1 if last is None else (last - first).days + 1
    row = rows_by_lada(codes)[decode(ladas)]
    tables = np.zeros((3, len(codes), width), dtype=np.int64)
    columns = decode(ids, INT8), decode(capacity), decode(planned)
    for table, values in zip(tables, columns, strict=True):
        table[row, column] = values
    return CellArrays(tuple(codes), first, *tables)


def lock(*spans: tuple[Sequence[str], date, date]) -> None:
    """Lock the cells of several (LADAs, first day, last day) in one statement, by id.

    Two statements in one transaction would break the order of ids, and could deadlock.
    """
    condition = " OR ".join(["(lada = ANY(%s::text[]) AND day BETWEEN %s AND %s)"] * len(spans))
    execute(
        f"SELECT 1 FROM inventory_capacity WHERE {condition} ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
        [value for ladas, first, last in spans for value in (list(ladas), first, last)],
    )


def add_planned(ids: Counts, change: Counts) -> None:
    """Add to the planned counts of cells. Both arrays have one shape; ids of 0 are ignored."""
    changed = change != 0
    execute(
        """
        UPDATE inventory_capacity AS cell SET planned = cell.planned + change.quantity
        FROM (
            SELECT * FROM unnest(%s, %s) AS change (cell_id, quantity)
            ORDER BY cell_id
        ) AS change
        WHERE cell.id = change.cell_id
        """,
        [BigInts(ids[changed]), Ints(change[changed])],
    )


def rows_by_lada(codes: Sequence[str]) -> Counts:
    """Return an array (1000,) with the row of each LADA at the index of its number.

    A LADA has two or three digits, the first of which is not 0.
    """
    rows = np.zeros(1_000, dtype=np.intp)
    rows[[int(code) for code in codes]] = np.arange(len(codes))
    return rows
