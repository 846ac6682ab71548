"""The PostgreSQL advisory locks that the portal uses, with all their keys.

Keys are listed in one place because two modules that used the same key would block each other
for no reason. Source: PostgreSQL, "Explicit Locking", 13.3.5.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique

from django.db import connection


@unique
class Key(IntEnum):
    """The keys of the locks. The high half, "LP", separates them from those of other programs."""

    INVENTORY = 0x4C50_0001  # writes of the plan: shared by fast paths, exclusive for slow ones
    WAITING_LIST = 0x4C50_0002  # one entry of the waiting list is tried at a time
    CHANNEL = 0x4C50_0004  # one switch of the channel is made, or claimed, at a time
    GATEWAY_TROUBLE = 0x4C50_0005  # one worker records trouble with the gateway at a time
    REPORTS = 0x4C50_0006  # one worker applies the gateway's events at a time
    REPORT_PULLS = 0x4C50_0007  # one worker asks the gateway for missing events at a time
    RECONCILIATION = 0x4C50_0008  # one worker compares with the gateway at a time
    WEBHOOKS = 0x4C50_0003  # one worker sends webhooks while the others do other work
    EXPORTS = 0x4C50_0015  # one worker writes files of results while the others do other work


def acquire_shared(key: Key) -> None:
    """Acquire `key` in shared mode until the transaction ends; wait for an exclusive holder."""
    _execute("SELECT pg_advisory_xact_lock_shared(%s)", int(key))


def acquire(key: Key) -> None:
    """Acquire `key` exclusively until the transaction ends; wait for other holders."""
    _execute("SELECT pg_advisory_xact_lock(%s)", int(key))


def try_acquire(key: Key) -> bool:
    """Acquire `key` until the transaction ends. Return False, without waiting, if it is held."""
    return _execute("SELECT pg_try_advisory_xact_lock(%s)", int(key))


def acquire_named(name: str) -> None:
    """Do as `acquire` for a 64-bit key that is the hash of `name`."""
    _execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", name)


def try_acquire_named(name: str) -> bool:
    """Do as `try_acquire` for a 64-bit key that is the hash of `name`."""
    return _execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", name)


@contextmanager
def session_lock(key: Key) -> Iterator[bool]:
    """Hold `key` for the block, across transactions. Yield False if another session holds it."""
    acquired = _execute("SELECT pg_try_advisory_lock(%s)", int(key))
    try:
        yield acquired
    finally:
        if acquired:
            _execute("SELECT pg_advisory_unlock(%s)", int(key))


def _execute(sql: str, key: int | str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        return cursor.fetchone()[0] is not False  # the functions that wait return void
