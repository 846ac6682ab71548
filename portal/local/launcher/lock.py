"""The lock that allows one embedded run at a time in a data folder."""

import fcntl
import json
import os
from pathlib import Path

from portal.local.launcher.errors import EmbeddedError


class AlreadyRunsError(EmbeddedError):
    """Another process uses the data folder; the message names it."""


class Lock:
    """A file lock, which the system releases however its holder ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self.was_killed = False  # the previous holder did not release it

    def acquire(self, purpose: str) -> None:
        """Acquire it without waiting. Raise AlreadyRunsError if another process holds it."""
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(file, 4096)
            os.close(file)
            raise AlreadyRunsError(_describe(holder)) from None
        self._file = file
        self.was_killed = bool(os.read(file, 1))
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps({"pid": os.getpid(), "purpose": purpose}).encode(), 0)

    def release(self) -> None:
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1


def _describe(holder: bytes) -> str:
    try:
        record = json.loads(holder)
        return f"It already runs: {record['purpose']}, pid {record['pid']}."
    except (ValueError, KeyError, TypeError):  # it was acquired and not yet described
        return "It already runs: another process of this checkout is just starting."
