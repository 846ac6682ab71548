"""Counts cross to PostgreSQL and back as its own binary arrays: no object is made for a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import numpy as np
import psycopg
from django.db import connection
from psycopg import adapt, postgres, pq

from inventory.planning.flow import Counts

INT4 = np.dtype([("size", ">i4"), ("value", ">i4")])  # each element has its length before it
INT8 = np.dtype([("size", ">i4"), ("value", ">i8")])

_HEADER = np.dtype(">i4")  # dimensions, nulls or none, type of elements, how many, lower bound
_HEADER_BYTES = 5 * _HEADER.itemsize


_taught = WeakSet[psycopg.Connection]()  # that know how to send Ints and BigInts


@dataclass(frozen=True, eq=False)
class Ints:
    """A parameter int[]: numbers, row by row."""

    numbers: Counts


@dataclass(frozen=True, eq=False)
class BigInts:
    """A parameter bigint[]: numbers, row by row."""

    numbers: Counts


def integers(array: bytes | None, kind: np.dtype = INT4) -> Counts:
    """Give the numbers (N,) of an array that `array_send` sent; none where there is no array."""
    if array is None or len(array) < _HEADER_BYTES:
        return np.zeros(0, dtype=np.int64)
    return np.frombuffer(array, kind, offset=_HEADER_BYTES)["value"]


def run(sql: str, params: Sequence[Any]) -> None:
    """Execute with parameters that may be Ints or BigInts."""
    _execute(sql, params)


def fetch(sql: str, params: Sequence[Any]) -> list[tuple]:
    """Fetch in PostgreSQL's binary format, which Django's own cursors do not speak."""
    return _execute(sql, params).fetchall()


def _execute(sql: str, params: Sequence[Any]) -> psycopg.Cursor:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw: psycopg.Connection = connection.connection
    if raw not in _taught:
        raw.adapters.register_dumper(Ints, _IntsDumper)
        raw.adapters.register_dumper(BigInts, _BigIntsDumper)
        _taught.add(raw)
    with connection.wrap_database_errors:
        return psycopg.Cursor(raw).execute(sql, params, binary=True)


class _IntsDumper(adapt.Dumper):
    format = pq.Format.BINARY
    oid = postgres.types["int4"].array_oid
    _element, _kind = postgres.types["int4"].oid, INT4

    def dump(self, array: Ints | BigInts) -> bytes:
        """Give the array as `array_recv` reads it. Raises OverflowError for too large a number."""
        numbers, size = array.numbers.ravel(), self._kind["value"].itemsize
        if np.abs(numbers).max(initial=0) >= 2 ** (8 * size - 1):
            raise OverflowError(f"a number does not fit into {size} bytes")
        elements = np.empty(len(numbers), dtype=self._kind)
        elements["size"], elements["value"] = size, numbers
        header = np.array([1, 0, self._element, len(elements), 1], dtype=_HEADER)
        return header.tobytes() + elements.tobytes()


class _BigIntsDumper(_IntsDumper):
    oid = postgres.types["int8"].array_oid
    _element, _kind = postgres.types["int8"].oid, INT8
