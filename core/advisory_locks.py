"""The advisory locks of PostgreSQL that the portal takes, each key in one place.

A key that two modules shared would make them wait for each other for no reason.
Source: PostgreSQL, "Explicit Locking", 13.3.5.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique

from django.db import connection


@unique
class Key(IntEnum):
    """What is locked. The high half, "LP", sets these apart from other users of the database."""

    INVENTORY = 0x4C50_0001  # writes of the plan: shared by fast ways, alone for slow ones
    WAITING_LIST = 0x4C50_0002  # one place of the waiting list is tried at a time
    WEBHOOKS = 0x4C50_0003  # one worker sends webhooks, the others do other work


def wait_shared(key: Key) -> None:
    """Wait until nobody holds `key` alone; share it until the transaction ends."""
    _run("SELECT pg_advisory_xact_lock_shared(%s)", int(key))


def wait(key: Key) -> None:
    """Wait until nobody holds `key`; hold it alone until the transaction ends."""
    _run("SELECT pg_advisory_xact_lock(%s)", int(key))


def take(key: Key) -> bool:
    """Hold `key` until the transaction ends; return False, without waiting, if another does."""
    return _run("SELECT pg_try_advisory_xact_lock(%s)", int(key))


def take_named(name: str) -> bool:
    """Do as `take` for a key of 64 bits that is the hash of `name`."""
    return _run("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", name)


@contextmanager
def held(key: Key) -> Iterator[bool]:
    """Hold `key` inside the block, across transactions; yield False if another session does."""
    taken = _run("SELECT pg_try_advisory_lock(%s)", int(key))
    try:
        yield taken
    finally:
        if taken:
            _run("SELECT pg_advisory_unlock(%s)", int(key))


def _run(sql: str, key: int | str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        return cursor.fetchone()[0] is not False  # the functions that wait return void
