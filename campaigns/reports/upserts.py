"""Rows into report tables: a binary COPY, then one INSERT that keeps the newest of each key.

Repeated and late rows change nothing. The key of a table with rows of orders has the order in it,
and each statement is one table's own, so that the tables can be spread over machines.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from django.db import connection


class Table(NamedTuple):
    """A report table: its key, the column by which a row is newer, and the other columns.

    Columns go with their PostgreSQL types; rows have them in this order.
    """

    name: str
    key: dict[str, str]
    newer: dict[str, str]
    counts: tuple[str, ...]

    @property
    def columns(self) -> dict[str, str]:
        return self.key | self.newer | dict.fromkeys(self.counts, "int4")


NEWER_ONLY = "WHERE excluded.{0} > old.{0}"

_COUNTS = ("inserted", "delivered", "failed", "no_receipt")
_REVISION = {"revision": "int4"}

HOURS = Table(
    "campaigns_hourcount",
    {"ad_order": "uuid", "hour": "timestamptz", "lada": "varchar"},
    _REVISION,
    _COUNTS,
)
TRAFFIC = Table(
    "campaigns_traffichour",
    {"hour": "timestamptz", "lada": "varchar"},
    _REVISION,
    (
        "notifications",
        "eligible",
        "with_ad",
        "suppressed_consent",
        "suppressed_length",
        "unsold",
    ),
)
PROGRESS = Table("campaigns_ordercount", {"ad_order": "uuid"}, {"as_of": "timestamptz"}, _COUNTS)


def upsert(table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows, or update those that are older; in a transaction."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    copy_into(table, chain([first], rows))
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    (newer,) = table.newer
    changes = ", ".join(f"{name} = excluded.{name}" for name in (newer, *table.counts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {table.name} AS old ({columns})
            SELECT DISTINCT ON ({key}) {columns} FROM {_incoming(table)}
            ORDER BY {key}, {newer} DESC
            ON CONFLICT ({key}) DO UPDATE SET {changes} {NEWER_ONLY.format(newer)}
            """  # noqa: S608  constants only
        )


def copy_into(table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows into this session's own table of incoming rows, which ends empty at the commit."""
    incoming, columns = _incoming(table), ", ".join(table.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {incoming} (LIKE {table.name}) "
            f"ON COMMIT DELETE ROWS; TRUNCATE {incoming}"
        )
        with cursor.copy(f"COPY {incoming} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(list(table.columns.values()))
            for row in rows:
                copy.write_row(row)


def _incoming(table: Table) -> str:
    return f"incoming_{table.name}"
