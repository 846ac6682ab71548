"""Who may write inventory at the same time as whom (ADR 8).

The fast ways go on together: they take free notifications of cells that they lock
by id, and move nobody. The slow ways go alone: they may move any promise. Either
lock comes first in its transaction, before the row of any reservation.
"""

from django.db import connection

INVENTORY = 0x4C50_0001  # the key of the advisory lock


def together() -> None:
    """Wait until nobody goes alone; keep it so until the transaction or savepoint ends."""
    _run("SELECT pg_advisory_xact_lock_shared(%s)")


def alone() -> None:
    """Wait until nobody else writes; keep it so until the transaction or savepoint ends."""
    _run("SELECT pg_advisory_xact_lock(%s)")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [INVENTORY])
