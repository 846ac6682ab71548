"""A running portal on the test's own database, whose processes are killed and started again."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from tests.faults import requested
from tests.processes import EVENT_SECRET, Celery, Sandbox, Web, wait_until

EVENTS_PATH = "/api/gateway/v0.1/events"
PROGRAMS = {
    "worker": "worker",
    "second-worker": "worker",
    "urgent-worker": "urgent-worker",
    "beat": "beat",
}
QUICK = {
    "GATEWAY_TIMEOUT": "1.5",
    "GATEWAY_LEASE": "7",
    "GATEWAY_BACKOFF_BASE": "0.2",
    "GATEWAY_BACKOFF_CAP": "2",
    "LOG_LEVEL": "WARNING",
}
WATCH = 1.5  # seconds in which a moment must come, or it is missed
STALLED = 8.0  # seconds, more than a lease
END_SESSIONS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""


class World:
    """Sandbox, web, two workers, the one of urgent orders, and beat.

    The sandbox's clock stands still but for advances.
    `owns_server`: nobody else uses the database server, so that it may crash.
    """

    def __init__(self, folder: Path, *, owns_server: bool = False) -> None:
        self.owns_server = owns_server
        self.killed: Counter[str] = Counter()
        self.lost_orders = False
        self._folder = folder
        self._environment = QUICK | {"GATEWAY_EVENT_SECRETS": EVENT_SECRET}
        self._processes: dict[str, Celery] = {}
        self._stalled: dict[str, float] = {}

    def __enter__(self) -> Self:
        requested.record()
        self.web = Web(self._folder / "web", **self._environment)
        self.sandbox = Sandbox(self._folder / "gateway", events_url=self.web.url + EVENTS_PATH)
        self.sandbox.start()
        self._up = {"web", "sandbox"}
        self.revive()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            process.kill()
        self.sandbox.kill()
        self.web.kill()
        self.web.stop()
        requested.forget()

    def stand_at(self, moment: datetime) -> None:
        """Stop the sandbox's clock at a moment."""
        self.moment = moment
        seconds = (moment - timezone.now()).total_seconds()
        self.sandbox.control_request("POST", "/clock", {"offset_seconds": seconds, "speed": 0})

    def advance(self, to: datetime) -> bool:
        """Begin an advance of the clock; return False if that cannot be now."""
        if "sandbox" not in self._up or self.sandbox.advance_status()["running"]:
            return False
        self.moment = self.sandbox.now()
        if self.moment >= to:
            return False
        self.sandbox.begin_advance(to)
        return True

    def lose_orders(self) -> bool:
        """Let the gateway lose all orders, but no counts; return False if that cannot be now."""
        if "sandbox" not in self._up or self.sandbox.advance_status()["running"]:
            return False
        self.sandbox.lose_state()
        self.lost_orders = True
        return True

    @property
    def up(self) -> set[str]:
        """The programs that run."""
        return self._up - self._stalled.keys()

    def kill(self, program: str) -> None:
        """Send SIGKILL to a process and its children."""
        self.killed[program] += 1
        if program == "web":
            self.web.kill()
        elif program == "sandbox":
            self.sandbox.kill()
        else:
            self._processes.pop(program).kill()
            self._stalled.pop(program, None)
        self._up.discard(program)

    def stall(self, program: str) -> None:
        """Stop a worker until `revive` finds that its leases have ended."""
        self._processes[program].freeze()
        self._stalled[program] = time.monotonic() + STALLED

    def revive(self, *, now: bool = True) -> None:
        """Start what was killed, and continue what was stalled long enough, or all of it `now`."""
        if "web" not in self._up:
            self.web.start()
        if "sandbox" not in self._up:
            self.sandbox.start()
        for program in PROGRAMS.keys() - self._up:
            self._processes[program] = Celery(PROGRAMS[program], self.sandbox, **self._environment)
        for program, until in list(self._stalled.items()):
            if now or time.monotonic() > until:
                del self._stalled[program]
                self._processes[program].go_on()
        self._up = {"web", "sandbox", *PROGRAMS}

    def end_database(self) -> None:
        """End all sessions; crash the server where that is ours, which recovers by its log."""
        if not self.owns_server:
            with connection.cursor() as cursor:
                cursor.execute(END_SESSIONS)
            return
        witness = connection.copy()
        witness.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not witness.is_usable(), timeout=60)  # the server ends all sessions
        witness.close()
        connection.close()
        wait_until(_database_responds, timeout=60, interval=0.1)

    def flush_redis(self) -> None:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()

    def when(self, moment: Callable[[], bool], act: Callable[[], None]) -> bool:
        """Act as soon as a moment is there; return False if it has not come within WATCH."""
        deadline = time.monotonic() + WATCH
        while not moment():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        act()
        return True


def _database_responds() -> bool:
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True
