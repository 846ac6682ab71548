"""Who may write inventory at the same time as whom (ADR 8).

The fast ways go on together: they take free notifications of cells that they lock
by id, and move nobody. The slow ways go alone: they may move any promise. Either
lock comes first in its transaction, before the row of any reservation.
"""

from core import advisory_locks
from core.advisory_locks import Key


def together() -> None:
    """Wait until nobody goes alone; keep it so until the transaction or savepoint ends."""
    advisory_locks.acquire_shared(Key.INVENTORY)


def alone() -> None:
    """Wait until nobody else writes; keep it so until the transaction or savepoint ends."""
    advisory_locks.acquire(Key.INVENTORY)
