"""The process that plays rounds on servers that are running; `tests.faults` starts it."""

import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
django.setup()

from django.db import connection  # noqa: E402  after the setup

from tests import database  # noqa: E402
from tests.faults import round  # noqa: E402
from tests.faults.round import Result  # noqa: E402


def main(sequences: int, seed: int, size: int, *, owns_server: bool) -> int:
    """Play all rounds and print what happened; return 1 if anything was violated, else 0."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end the processes, as at Ctrl-C
    began = time.monotonic()
    results: list[Result] = []
    failures = 0
    database.create()
    for first in range(seed, seed + sequences, size):
        count = min(size, seed + sequences - first)
        folder = Path(tempfile.mkdtemp(prefix=f"faults-{first}-"))
        _print(f"Sequences {first} to {first + count - 1}:")
        try:
            result = round.play(
                folder, seed=first, count=count, owns_server=owns_server, report=_print
            )
        except KeyboardInterrupt:
            _print("  Interrupted.")
            failures += 1
            break
        except Exception:
            traceback.print_exc()
            failures += 1
        else:
            results.append(result)
            _print_round(result)
            if result.violations:
                _print(f"  Logs: {folder}")
                failures += 1
            else:
                shutil.rmtree(folder)
        connection.close()  # it may be one that a crash has ended
        database.empty_tables()
    _print_sums(results, time.monotonic() - began)
    return 1 if failures else 0


def _print_round(result: Result) -> None:
    _print(
        f"  {result.inserted:,} inserted, {sum(result.killed.values())} kills,"
        f" {sum(result.troubles.values())} troubles, {result.seconds:.0f} s,"
        f" {len(result.violations)} violations"
    )
    for text in result.violations:
        _print(f"  VIOLATED {text}")


def _print_sums(results: list[Result], seconds: float) -> None:
    steps, troubles, missed, killed = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for result in results:
        steps += result.steps
        troubles += result.troubles
        missed += result.missed
        killed += result.killed
    _print(f"Steps: {_words(steps)}")
    _print(f"Troubles: {_words(troubles)}")
    _print(f"Troubles whose moment did not come: {_words(missed)}")
    _print(f"Killed: {_words(killed)}")
    never = sorted(missed.keys() - troubles.keys())
    _print(f"Never came: {', '.join(never) or 'none'}")
    _print(
        f"{sum(result.sequences for result in results)} sequences, {len(results)} rounds,"
        f" {sum(result.inserted for result in results):,} insertions, {seconds:.0f} s,"
        f" {sum(len(result.violations) for result in results)} violations."
    )


def _words(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items())) or "none"


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:4]]
    sys.exit(main(*numbers, owns_server="owns_server" in sys.argv))
