"""Tests of what was changed run first, so that a wrong change is seen in the first minute."""

import os
import subprocess
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path, PurePath

ROOT = Path(__file__).parent.parent
CHANGED = "CHANGED_FILES"  # environment variable: all workers order their tests alike


def find_changes() -> None:
    """Keep in the environment which files differ from the last commit, new ones included."""
    status = subprocess.run(
        ["git", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    os.environ[CHANGED] = "\n".join(entry[3:] for entry in status.stdout.split("\0") if entry)


def changes() -> list[str]:
    return os.environ.get(CHANGED, "").splitlines()


def nearness(test_file: str, changed: Iterable[str]) -> int:
    """Return how many leading parts of its path a test shares with the nearest changed file.

    `tests/inventory/planning/test_flow.py` shares three with `inventory/planning/flow.py`, two with
    another file of that folder, and one with a template of the app.
    """
    mirrored = _parts(test_file)
    return max((_shared(mirrored, _parts(file)) for file in changed), default=0)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _parts(file: str) -> tuple[str, ...]:
    """Return the path below `tests`, `templates` or the root, without prefix and suffix."""
    path = PurePath(file)
    folders = path.parent.parts
    if folders[:1] in (("tests",), ("templates",)):
        folders = folders[1:]
    return (*folders, path.stem.removeprefix("test_"))
