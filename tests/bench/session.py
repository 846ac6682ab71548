"""The process that measures groups on servers that are running; `tests.bench` starts it."""

import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TextIO

import django

from tests.bench import rows
from tests.bench.environment import BenchEnvironment, bench_environment
from tests.bench.rows import Row

RESULTS = Path(__file__).resolve().parents[2] / "bench.json"
PATIENCE = 300  # seconds for one group

Group = Callable[[BenchEnvironment], Iterable[Row]]


class GroupTimeout(Exception):
    """A group did not finish within PATIENCE."""


def main(chosen: Sequence[str]) -> int:
    """Print the table, write bench.json; return 1 if any group failed or did not finish, else 0."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up and report, as at Ctrl-C
    with bench_environment(os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) as (
        environment,
        addresses,
    ):
        os.environ.update(addresses)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        django.setup()
        logging.getLogger().setLevel(logging.WARNING)  # of this process: the product's own log
        return measure(chosen, environment, load=_load, results=RESULTS, out=sys.stdout)


def measure(
    chosen: Sequence[str],
    environment: BenchEnvironment,
    *,
    load: Callable[[str], Group],
    results: Path,
    out: TextIO,
) -> int:
    """Measure groups by name; the rows that a group yields before it fails are kept and printed."""
    found: list[Row] = []
    failures: list[str] = []
    began = monotonic()
    out.write(f"{rows.head()}\n")
    for number, name in enumerate(chosen):
        try:
            _collect(load(name), environment, found, out)
        except KeyboardInterrupt:
            left = ", ".join(chosen[number:])
            failures.append(f"Interrupted. Not finished: {left}.")
            break
        except Exception as error:
            traceback.print_exc()
            reason = str(error).splitlines()[0] if str(error) else "no message"
            failures.append(f"The group {name} failed: {type(error).__name__}: {reason}")
    rows.write(results, found)
    out.write(f"\n{len(found)} figures in {monotonic() - began:.0f} s, also in {results.name}.\n")
    for failure in failures:
        out.write(f"{failure}\n")
    out.flush()
    return 1 if failures else 0


def _collect(group: Group, environment: BenchEnvironment, found: list[Row], out: TextIO) -> None:
    """Collect and print the rows of a group as they come. Raises GroupTimeout."""

    def give_up(*_: object) -> None:
        raise GroupTimeout(f"it did not finish in {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        for row in group(environment):
            found.append(row)
            out.write(f"{rows.line(row)}\n")
            out.flush()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _load(name: str) -> Group:
    """Import a group only now: its modules need Django set up, and may fail on their own."""
    group: Group = import_module(f"tests.bench.{name}").measure
    return group


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
