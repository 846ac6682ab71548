"""Chaos: sixteen processes use one small inventory in every way, and some are killed.

`main` is a program of its own on the test's database. It forks its workers while it has no
connection, so that a killed one is replaced within milliseconds. An unexpected error ends a
worker and is written to a file. Unguarded, no worker takes a lock of `inventory.locks` or of
cells, and none stops at an error: the negative control.
"""

import json
import mmap
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from django.db import connection, connections
from django.utils import timezone

from inventory import audit, capacity_changes, cells, locks, reservations
from inventory.capacity_csv import CellCapacity
from inventory.errors import InventoryError
from inventory.models import ClosedDay, Reservation
from portal.accounts.models import User
from segments import gazetteer
from tests.inventory import holds
from tests.processes import ROOT, wait_until
from tests.servers import child_environment
from tests.sizes import pick

APPLICATION = "chaos"  # the name of their connections
WORKERS = 16
KILLS_PER_SECOND = 6
LADAS = ["222", "33", "442", "55", "56", "614", "656", "664", "81", "833", "998", "999"]
DAYS = 8  # from tomorrow on, so that midnight changes nothing
CARRIED = (20, 60)  # notifications of a cell
# The operations of a worker, and their frequency.
WEIGHTS = {
    "hold": 36,
    "change": 20,
    "book": 8,
    "extend": 4,
    "release": 14,
    "release_rest": 4,
    "expire": 6,
    "repair": 4,
    "carry": 8,
    "close": 2,
    "share": 2,
    "recount": 2,
}
ENOUGH = 300  # operations by all; a slow machine gets more time, up to so many times
LONGEST = pick(30, 3)
NAMES = [*WEIGHTS, "refused", "moved_others"]


@dataclass(frozen=True)
class Report:
    """The result of a run."""

    done: dict[str, int]  # by all workers, killed ones included
    killed: int
    died: list[str]  # errors that ended a worker


def run(folder: Path, *, seconds: float, guarded: bool = True) -> Report:
    """Run on the test's own database, and wait until all processes have ended."""
    folder.mkdir()
    environment = child_environment() | {"PGAPPNAME": APPLICATION}
    if not guarded:  # unordered locks may deadlock: give up soon
        environment["PGOPTIONS"] = "-c lock_timeout=100ms"
    call = f"chaos.main(Path({str(folder)!r}), {seconds}, guarded={guarded})"
    code = f"from pathlib import Path; from tests.inventory import chaos; {call}"
    with (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
        try:
            out, _ = process.communicate(timeout=LONGEST * seconds + 60)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    assert process.returncode == 0, (folder / "stderr").read_text()
    wait_until(_all_are_gone, timeout=30)
    unexpected = [path.read_text() for path in sorted(folder.glob("*.txt"))]
    result = json.loads(out)
    return Report(result["done"], result["killed"], result["died"] + unexpected)


def _all_are_gone() -> bool:
    """Return whether the database has finished, or undone, the work of killed workers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [APPLICATION],
        )
        return cursor.fetchone() == (0,)


def first_day() -> date:
    return timezone.localdate() + timedelta(days=1)


class Worker:
    """Does random operations on the inventory until it is stopped."""

    def __init__(self, random: Random, count: Callable[[str], None]) -> None:
        self._random = random
        self._count = count
        self._first = first_day()
        self._staff = User.objects.get(is_superuser=True)

    def act(self) -> None:
        [verb] = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        try:
            done = getattr(self, f"_{verb}")()
        except InventoryError:
            self._count("refused")
        else:
            if done is not None:
                self._count(verb)

    def _hold(self) -> object:
        return holds.hold(reference="LP-TEST22", **self._terms())

    def _change(self) -> object:
        chosen = self._one("held")
        return chosen and holds.change(chosen, **self._terms())

    def _book(self) -> object:
        chosen = self._one("held")
        return chosen and reservations.book(chosen)

    def _extend(self) -> object:
        chosen = self._one("held")
        return chosen and reservations.extend(chosen, expires_at=self._later())

    def _release(self) -> object:
        chosen = self._one("held", "booked")
        return (chosen and reservations.release(chosen)) or None

    def _release_rest(self) -> object:
        chosen = self._one("booked")
        return (chosen and reservations.release(chosen, from_day=self._day())) or None

    def _expire(self) -> object:
        return reservations.expire_due() or None

    def _repair(self) -> object:
        reservations.repair()
        return True

    def _carry(self) -> object:
        """Change the capacity of some cells, sometimes to less than is planned there."""
        days = {self._day() for _ in range(3)}
        ladas = self._random.sample(LADAS, self._random.randint(1, 4))
        cells = [
            CellCapacity(day, lada, self._random.randint(0, 80)) for day in days for lada in ladas
        ]
        return self._apply(capacity_changes.Source.RANGE, cells=cells)

    def _close(self) -> object:
        day = self._day()
        what = "opens" if ClosedDay.objects.filter(day=day).exists() else "closes"
        return self._apply(capacity_changes.Source.CLOSED, **{what: [day]}, note="Prueba")

    def _share(self) -> object:
        percent = self._random.choice([None, 0, 10, 33])
        safety = {self._random.choice(LADAS): percent}
        return self._apply(capacity_changes.Source.SAFETY, safety=safety)

    def _apply(self, source: Any, **what: Any) -> object:
        change = capacity_changes.propose(source, by=self._staff, **what)
        accepted = self._random.random() < 0.5
        return capacity_changes.apply(change.pk, by=self._staff, accept_risk=accepted)

    def _recount(self) -> object:
        """Assert that there are no breaches at any moment."""
        assert audit.find_breaches() == []
        return True

    def _terms(self) -> dict[str, Any]:
        starts, ends = sorted(self._random.choices(range(DAYS), k=2))
        return {
            "ladas": self._random.sample(LADAS, self._random.randint(1, len(LADAS))),
            "starts_on": self._first + timedelta(starts),
            "ends_on": self._first + timedelta(ends),
            "quantity": self._random.randint(1, 60 * (ends - starts + 1)),
            "daily_cap": self._random.choice([None, None, 50, 100]),
            "expires_at": self._later(),
        }

    def _later(self) -> Any:
        return timezone.now() + timedelta(seconds=self._random.choice([0.5, 2, 3_600, 3_600]))

    def _day(self) -> date:
        return self._first + timedelta(self._random.randrange(1, DAYS))

    def _one(self, *statuses: str) -> int | None:
        """Choose among the newest, so that other workers choose the same."""
        some = Reservation.objects.filter(status__in=statuses).order_by("-id")
        ids = list(some.values_list("id", flat=True)[:40])
        return self._random.choice(ids) if ids else None


class Ring:
    """The worker processes by process id, and the counts of what each slot has done."""

    def __init__(self, folder: Path, *, guarded: bool) -> None:
        self._folder, self._guarded = folder, guarded
        self._random = Random()
        self._places: dict[int, int] = {}
        memory = mmap.mmap(-1, 8 * (WORKERS * len(NAMES) + 1))  # outlives killed processes
        shared = np.frombuffer(memory, dtype=np.int64)
        self._over, self._tally = shared[:1], shared[1:].reshape(WORKERS, len(NAMES))
        self.killed = 0
        self.died: list[str] = []

    @property
    def done(self) -> dict[str, int]:
        return dict(zip(NAMES, self._tally.sum(axis=0).tolist(), strict=True))

    @property
    def has_done_enough(self) -> bool:
        done = self.done
        return sum(done[verb] for verb in WEIGHTS) >= ENOUGH and min(done.values()) > 0

    def fill(self) -> None:
        for place in set(range(WORKERS)) - set(self._places.values()):
            seed = self._random.getrandbits(64)
            if (pid := os.fork()) == 0:
                code = 1
                try:
                    code = self._work(place, seed)
                finally:
                    os._exit(code)
            self._places[pid] = place

    def kill_one(self) -> None:
        victim = self._random.choice(list(self._places))
        os.kill(victim, signal.SIGKILL)
        self._wait_for(victim, expected=-signal.SIGKILL)
        self.killed += 1

    def stop(self) -> None:
        self._over[0] = 1
        for pid in list(self._places):
            self._wait_for(pid, expected=0)

    def _wait_for(self, pid: int, *, expected: int) -> None:
        place = self._places.pop(pid)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != expected:
            self.died.append(f"the worker at {place} ended with {code}")

    def _work(self, place: int, seed: int) -> int:
        def count(name: str) -> None:
            self._tally[place, NAMES.index(name)] += 1

        ring = os.getppid()
        try:
            _count_moves_of_others(count)
            worker = Worker(Random(seed), count)
            while not self._over[0] and os.getppid() == ring:
                self._act(worker)
        except Exception:
            (self._folder / f"{os.getpid()}.txt").write_text(traceback.format_exc())
            return 1
        return 0

    def _act(self, worker: Worker) -> None:
        try:
            worker.act()
        except Exception:
            if self._guarded:
                raise


def _count_moves_of_others(count: Callable[[str], None]) -> None:
    """Count the reservations that were planned with all others, even if their worker is killed."""
    find = reservations._allocate_by_moving_others

    def counted(*args: Any, **options: Any) -> Any:
        found = find(*args, **options)
        count("moved_others")
        return found

    reservations._allocate_by_moving_others = counted


def _drop_the_guard() -> None:
    read_cells = cells.read
    cells.read = lambda *span, lock=False: read_cells(*span)
    cells.lock = lambda *spans: None
    locks.shared = locks.exclusive = lambda: None


def main(folder: Path, seconds: float, *, guarded: bool) -> None:
    if not guarded:
        _drop_the_guard()
    gazetteer.current()
    connections.close_all()
    ring, random = Ring(folder, guarded=guarded), Random()
    ring.fill()
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds or (
        guarded and not ring.has_done_enough and passed < LONGEST * seconds
    ):
        time.sleep(random.expovariate(KILLS_PER_SECOND))
        ring.kill_one()
        ring.fill()
    ring.stop()
    print(json.dumps({"done": ring.done, "killed": ring.killed, "died": ring.died}))  # noqa: T201
