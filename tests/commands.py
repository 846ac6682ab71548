"""Runs `manage.py` as a process of its own, which is forked from one that has loaded libraries.

Only libraries that read no settings are loaded beforehand, so that each command reads its own; it
saves most of the two seconds that a command takes to start.
"""

import multiprocessing
import os
import runpy
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ["celery", "django.core.management", "django.db.models", "django_structlog", "httpx"]
LIBRARIES += ["pydantic", "psycopg", "redis", "scipy.sparse.csgraph", "structlog.dev"]
TIMEOUT = 60.0  # seconds

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(LIBRARIES)


class Completed(NamedTuple):
    """What a command ended with, as `subprocess.CompletedProcess` has it."""

    returncode: int
    stdout: str
    stderr: str


def manage(*arguments: str, environment: Mapping[str, str]) -> Completed:
    """Run a command of `manage.py` with exactly these variables. Raise TimeoutError."""
    with tempfile.TemporaryDirectory() as name:
        outputs = [Path(name) / stream for stream in ("stdout", "stderr")]
        process = _forks.Process(target=_run, args=(arguments, dict(environment), *outputs))
        process.start()
        process.join(TIMEOUT)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"manage.py {' '.join(arguments)} takes too long")
        texts = [output.read_text() for output in outputs]
        return Completed(process.exitcode, *texts)


def _run(
    arguments: tuple[str, ...], environment: dict[str, str], stdout: Path, stderr: Path
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for stream, output in ((sys.stdout, stdout), (sys.stderr, stderr)):
        os.dup2(os.open(output, os.O_CREAT | os.O_WRONLY), stream.fileno())
    os.chdir(ROOT)
    sys.argv = ["manage.py", *arguments]
    runpy.run_path("manage.py", run_name="__main__")
