"""Keeps servers and programs running, and stops them in the right order."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Protocol

from portal.local.launcher.child_process import ChildProcess
from portal.local.launcher.errors import EmbeddedError

RESTARTS = 5  # within WINDOW; after one more exit everything is stopped
WINDOW = 60.0  # seconds
FIRST_PAUSE = 0.5  # seconds before the first restart, doubled at each further one
CHECK_EVERY = 0.2  # seconds


class Supervised(Protocol):
    """A server or a program that a Supervisor restarts."""

    name: str

    @property
    def child(self) -> ChildProcess | None: ...
    def restart(self) -> None: ...


class Supervisor:
    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._services: list[Supervised] = []  # in the order of their start
        self._exits: dict[str, deque[float]] = defaultdict(deque)
        self._restart_at: dict[str, float] = {}
        self.hurried = False

    def add(self, service: Supervised) -> None:
        self._services.append(service)

    def watch(self) -> None:
        """Restart what ends. Raise EmbeddedError once a service has ended too often."""
        while True:
            for service in self._services:
                self._check(service)
            time.sleep(CHECK_EVERY)

    def _check(self, service: Supervised) -> None:
        if service.child and service.child.runs:
            return
        now = time.monotonic()
        if service.name not in self._restart_at:
            self._restart_at[service.name] = now + self._pause(service, now)
        elif now >= self._restart_at[service.name]:
            del self._restart_at[service.name]
            service.restart()
            self._report(f"{service.name} runs again.")

    def _pause(self, service: Supervised, now: float) -> float:
        """Record an exit; return the seconds to wait before the restart."""
        exits = self._exits[service.name]
        while exits and now - exits[0] > WINDOW:
            exits.popleft()
        exits.append(now)
        child = service.child
        code = child.exit_code if child else None
        message = f"{service.name} ended with code {code}"
        if len(exits) > RESTARTS:
            lines = child.last_lines() if child else ""
            raise EmbeddedError(
                f"{message} for the {len(exits)}th time in a minute: stopping everything. "
                f"The end of {child.log if child else 'its log'}:\n{lines}"
            )
        pause = FIRST_PAUSE * 2.0 ** (len(exits) - 1)
        self._report(f"{message}; starting it again in {pause:g} s.")
        return pause

    def stop(self, order: tuple[str, ...]) -> None:
        """Stop services by name in this order, others last. `hurry` ends the grace periods."""
        rank = {name: position for position, name in enumerate(order)}
        for service in sorted(
            self._services, key=lambda service: rank.get(service.name, len(order))
        ):
            child = service.child
            if child is None:
                continue
            child.request_stop()
            while child.runs:
                if self.hurried and child.can_be_killed:
                    child.kill()
                time.sleep(0.02)
            child.stop()

    def hurry(self) -> None:
        self.hurried = True
