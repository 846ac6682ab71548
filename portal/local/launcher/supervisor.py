"""Keep servers and programs running, and stop them in the right order."""

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Protocol

from portal.local.launcher.child_process import ChildProcess
from portal.local.launcher.errors import EmbeddedError

RESTARTS = 5  # in one WINDOW; at the next death all is stopped
WINDOW = 60.0  # seconds
FIRST_PAUSE = 0.5  # seconds before the first restart, doubled at each further one
LOOK_EVERY = 0.2  # seconds


class Kept(Protocol):
    name: str

    @property
    def child(self) -> ChildProcess | None: ...
    def restart(self) -> None: ...


class Supervisor:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._kept: list[Kept] = []  # in the order of their start
        self._deaths: dict[str, deque[float]] = defaultdict(deque)
        self._due: dict[str, float] = {}
        self.hurried = False

    def keep(self, kept: Kept) -> None:
        self._kept.append(kept)

    def watch(self) -> None:
        """Restart what dies, until one dies too often: then raise EmbeddedError."""
        while True:
            for kept in self._kept:
                self._look_after(kept)
            time.sleep(LOOK_EVERY)

    def _look_after(self, kept: Kept) -> None:
        if kept.child and kept.child.runs:
            return
        now = time.monotonic()
        if kept.name not in self._due:
            self._due[kept.name] = now + self._pause(kept, now)
        elif now >= self._due[kept.name]:
            del self._due[kept.name]
            kept.restart()
            self._say(f"{kept.name} runs again.")

    def _pause(self, kept: Kept, now: float) -> float:
        """Note a death; give the seconds to wait before the restart."""
        deaths = self._deaths[kept.name]
        while deaths and now - deaths[0] > WINDOW:
            deaths.popleft()
        deaths.append(now)
        child = kept.child
        code = child.exit_code if child else None
        told = f"{kept.name} ended with code {code}"
        if len(deaths) > RESTARTS:
            lines = child.last_lines() if child else ""
            raise EmbeddedError(
                f"{told} for the {len(deaths)}th time in a minute: stopping everything. "
                f"The end of {child.log if child else 'its log'}:\n{lines}"
            )
        pause = FIRST_PAUSE * 2.0 ** (len(deaths) - 1)
        self._say(f"{told}; starting it again in {pause:g} s.")
        return pause

    def stop(self, order: tuple[str, ...]) -> None:
        """Stop by name in this order; what it does not name, last. `hurry` cuts it short."""
        rank = {name: place for place, name in enumerate(order)}
        for kept in sorted(self._kept, key=lambda kept: rank.get(kept.name, len(order))):
            child = kept.child
            if child is None:
                continue
            child.ask_to_stop()
            while child.runs:
                if self.hurried and child.may_be_hurried:
                    child.hurry()
                time.sleep(0.02)
            child.stop()

    def hurry(self) -> None:
        self.hurried = True
