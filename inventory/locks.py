"""Locks that order the writers of inventory (ADR 8).

Shared: writers that only take free notifications of cells, which they lock by id.
Exclusive: writers that may move the allocation of any reservation. Either lock is
taken first in its transaction, before the row of any reservation.
"""

from core import advisory_locks
from core.advisory_locks import Key


def shared() -> None:
    """Take the shared lock until the transaction or savepoint ends.

    Waits while another transaction has the exclusive lock.
    """
    advisory_locks.acquire_shared(Key.INVENTORY)


def exclusive() -> None:
    """Take the exclusive lock until the transaction or savepoint ends.

    Waits until no other transaction has either lock.
    """
    advisory_locks.acquire(Key.INVENTORY)
