"""Integer arrays to and from PostgreSQL in its binary format, without a Python object a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import numpy as np
import psycopg
from django.db import connection
from psycopg import adapt, postgres, pq

from inventory.planning.flow import Counts

INT4 = np.dtype([("size", ">i4"), ("value", ">i4")])  # each element is preceded by its length
INT8 = np.dtype([("size", ">i4"), ("value", ">i8")])

_HEADER = np.dtype(">i4")  # dimensions, has nulls, element type, count, lower bound
_HEADER_BYTES = 5 * _HEADER.itemsize

_registered = WeakSet[psycopg.Connection]()  # connections with the dumpers of Ints and BigInts


@dataclass(frozen=True, eq=False)
class Ints:
    """A parameter of type int[]: an array of any shape, sent row by row."""

    numbers: Counts


@dataclass(frozen=True, eq=False)
class BigInts:
    """A parameter of type bigint[]: an array of any shape, sent row by row."""

    numbers: Counts


def decode(array: bytes | None, dtype: np.dtype = INT4) -> Counts:
    """Return the numbers (N,) of an array written by `array_send`; of NULL, an empty array."""
    if array is None or len(array) < _HEADER_BYTES:
        return np.zeros(0, dtype=np.int64)
    return np.frombuffer(array, dtype, offset=_HEADER_BYTES)["value"]


def execute(sql: str, params: Sequence[Any]) -> None:
    """Execute a statement whose parameters may be Ints or BigInts."""
    _cursor(sql, params)


def fetch(sql: str, params: Sequence[Any]) -> list[tuple]:
    """Return the rows of a query in PostgreSQL's binary format.

    Django's own cursors cannot read that format.
    """
    return _cursor(sql, params).fetchall()


def _cursor(sql: str, params: Sequence[Any]) -> psycopg.Cursor:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    raw: psycopg.Connection = connection.connection
    if raw not in _registered:
        raw.adapters.register_dumper(Ints, _IntsDumper)
        raw.adapters.register_dumper(BigInts, _BigIntsDumper)
        _registered.add(raw)
    with connection.wrap_database_errors:
        return psycopg.Cursor(raw).execute(sql, params, binary=True)


class _IntsDumper(adapt.Dumper):
    format = pq.Format.BINARY
    oid = postgres.types["int4"].array_oid
    _element_oid, _dtype = postgres.types["int4"].oid, INT4

    def dump(self, array: Ints | BigInts) -> bytes:
        """Return the array as `array_recv` reads it.

        Raises OverflowError for a number that does not fit into an element.
        """
        numbers, size = array.numbers.ravel(), self._dtype["value"].itemsize
        if np.abs(numbers).max(initial=0) >= 2 ** (8 * size - 1):
            raise OverflowError(f"a number does not fit into {size} bytes")
        elements = np.empty(len(numbers), dtype=self._dtype)
        elements["size"], elements["value"] = size, numbers
        header = np.array([1, 0, self._element_oid, len(elements), 1], dtype=_HEADER)
        return header.tobytes() + elements.tobytes()


class _BigIntsDumper(_IntsDumper):
    oid = postgres.types["int8"].array_oid
    _element_oid, _dtype = postgres.types["int8"].oid, INT8
