"""What makes the simulation go: a thread that follows the clock, and the fast way to a moment."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.gateway.sandbox import errors
from campaigns.gateway.sandbox.clock import Clock, format_instant
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.simulation import Simulation
from campaigns.gateway.sandbox.store import GatewayStore
from campaigns.gateway.sandbox.traffic import TrafficSettings

TICK_SECONDS = 0.5  # of real time
IDLE_STEP = timedelta(hours=1)  # of an advance without traffic


@dataclass(slots=True)
class Advance:
    """An advance of the clock, as the control port reports it."""

    to: datetime | None = None
    running: bool = False
    notifications: int = 0
    inserted: int = 0


class Engine:
    """Simulate up to the clock's now. All public methods may be called by any thread.

    What happens while the process is not running, or while the clock is set ahead, is nothing:
    no notification goes out. An advance makes the time between happen.
    """

    def __init__(
        self,
        store: GatewayStore,
        clock: Clock,
        simulation: Simulation,
        queue: EventQueue,
        defaults: TrafficSettings,
        *,
        pushes: bool,
    ) -> None:
        self.advanced = Advance()
        self.on_events: Callable[[], None] = lambda: None
        self.on_advanced: Callable[[], None] = lambda: None
        self._store = store
        self._clock = clock
        self._simulation = simulation
        self._queue = queue
        self._defaults = defaults
        self._pushes = pushes
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._position = self._start()

    @property
    def traffic(self) -> TrafficSettings:
        """The traffic as it was last set at the control port, or that of the command line."""
        defaults = self._defaults
        return TrafficSettings(
            per_day=int(self._store.setting("traffic_per_day", str(defaults.per_day))),
            seed=int(self._store.setting("traffic_seed", str(defaults.seed))),
            on=bool(int(self._store.setting("traffic_on", str(int(defaults.on))))),
        )

    def set_traffic(self, settings: TrafficSettings) -> None:
        with self._lock, self._transaction():
            self._store.write_setting("traffic_per_day", str(settings.per_day))
            self._store.write_setting("traffic_seed", str(settings.seed))
            self._store.write_setting("traffic_on", str(int(settings.on)))

    def set_clock(self, offset_seconds: float, speed: float, now: datetime | None = None) -> None:
        """Set the clock, and queue what is due by then."""
        with self._lock:
            self._require_idle()
            with self._store.transaction():
                self._clock.set(self._store, offset_seconds, speed, now)
            self._position = self._start()
            self.report()

    def delete_state(self, *, everything: bool) -> None:
        with self._lock:
            self._require_idle()
            began_at = format_instant(self._clock.now())
            self._store.delete_state(everything=everything, began_at=began_at)
            if everything:
                with self._store.transaction():
                    self._clock.set(self._store, 0.0, self._clock.first_speed)
            self._simulation.forget()
            self._position = self._start()

    def report(self) -> None:
        """Queue what is due by the clock's now."""
        with self._lock:
            now = self._clock.now()
            with self._transaction():
                self._simulation.report(now, seed=self.traffic.seed)
        self.on_events()

    def advance(self, to: datetime) -> None:
        """Begin to simulate up to a moment, as fast as possible, in a thread."""
        with self._lock:
            self._require_idle()
            if to <= self._clock.now():
                raise errors.invalid_argument("`to` is not later than the clock's now")
            self.follow()
            self.advanced = Advance(to=to, running=True)
        threading.Thread(target=self._advance, args=(to,), daemon=True).start()

    def advance_status(self) -> dict[str, Any]:
        state = self.advanced
        now = self._position if state.running else self._clock.now()  # what is on disk
        return {
            "running": state.running,
            "now": format_instant(now),
            "to": format_instant(state.to) if state.to else None,
            "notifications": state.notifications,
            "inserted": state.inserted,
        }

    def run(self) -> None:
        """Follow the clock until `stop`."""
        while not self._stop.wait(TICK_SECONDS):
            try:
                with self._lock:
                    if not self.advanced.running:
                        self.follow()
                self.on_events()
            except Exception:
                if self._stop.is_set():
                    return
                traceback.print_exc(file=sys.stderr)

    def stop(self) -> None:
        self._stop.set()
        with self._lock:  # a transaction that is under way ends
            pass

    def follow(self) -> None:
        """Simulate from where it stopped to the clock's now."""
        now = self._clock.now()
        settings = self.traffic
        while settings.on and self._position < now and not self._stop.is_set():
            self._step(now, settings)
        self._position = max(self._position, now)
        with self._transaction():
            self._simulation.report(now, seed=settings.seed)
            self._queue.delete_old(now, pushes=self._pushes)

    def _advance(self, to: datetime) -> None:
        try:
            while self._position < to and not self._stop.is_set():
                with self._lock:
                    self._step(to, self.traffic, hold=True)
                self.on_events()
        except Exception:
            if not self._stop.is_set():
                traceback.print_exc(file=sys.stderr)
        finally:
            with self._lock:
                self._clock.release()
                self._position = self._clock.now()
                self.advanced.running = False
            self.on_advanced()

    def _step(self, until: datetime, settings: TrafficSettings, *, hold: bool = False) -> None:
        """Simulate one interval: its insertions, their counts and its events commit together."""
        start = self._position
        delivered = (0, 0)
        with self._transaction():
            if settings.on:
                end = self._simulation.next_end(start, until)
                delivered = self._simulation.deliver(start, end, settings)
            else:
                end = min(until, start + IDLE_STEP)
            self._simulation.report(end, seed=settings.seed)
            self._store.write_setting("simulated_until", end.isoformat())
            if hold:
                self._queue.delete_old(end, pushes=self._pushes)
                self._clock.hold(end, self._store)
        self._position = end
        self.advanced.notifications += delivered[0]
        self.advanced.inserted += delivered[1]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._store.transaction():
                yield
        except BaseException:
            self._simulation.forget()
            raise

    def _start(self) -> datetime:
        """Return from when to simulate: now, but nothing twice."""
        until = self._store.setting("simulated_until", "")
        now = self._clock.now()
        return max(now, datetime.fromisoformat(until)) if until else now

    def _require_idle(self) -> None:
        if self.advanced.running:
            raise errors.advancing()
