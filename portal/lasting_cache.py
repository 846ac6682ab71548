"""The cache of attempt counters and of marks of what was used once."""

from datetime import datetime
from typing import Any

from django.core.cache.backends.db import DatabaseCache


class LastingCache(DatabaseCache):
    """A cache in PostgreSQL that keeps each entry until it expires, however many there are.

    Django's deletes entries that are still valid once there are more than MAX_ENTRIES: whoever
    can make entries could thereby erase the counter that locks a sign-in. Here that number only
    says when expired entries are deleted. Limits bound the rest: each entry costs an attempt.
    """

    _table: str

    def _cull(self, db: str, cursor: Any, now: datetime, num: int) -> None:
        """Delete expired entries. Called by `set` and `add` above MAX_ENTRIES."""
        cursor.execute(f'DELETE FROM "{self._table}" WHERE expires < %s', [now])  # noqa: S608
