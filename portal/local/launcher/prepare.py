"""Bring the data up to date before the portal starts: one `manage.py prepare`."""

import sys
import time
from collections.abc import Callable, Mapping

from portal.local.launcher.child_process import ChildProcess, rotate
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError


def prepare(data_folder: DataFolder, env: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Run it and tell each of its steps, as its lines `step<TAB>name<TAB>time` come.

    Raises EmbeddedError with the end of its output if it fails.
    """
    log = data_folder.log("prepare")
    rotate(log)
    child = ChildProcess(
        "prepare",
        [sys.executable, "manage.py", "prepare"],
        log=log,
        env=env,
        folder=CHECKOUT,
    )
    child.start()
    try:
        _follow(child, say)
    finally:
        child.stop()
    if child.exit_code:
        raise EmbeddedError(
            f"manage.py prepare ended with code {child.exit_code}. "
            f"The end of {log}:\n{child.last_lines()}"
        )


def _follow(child: ChildProcess, say: Callable[[str], None]) -> None:
    """Read its log as it grows, until it ends."""
    with child.log.open(errors="replace") as log:
        rest = ""
        while True:
            ended = not child.runs
            *lines, rest = (rest + log.read()).split("\n")
            for line in lines:
                kind, _, told = line.partition("\t")
                name, _, seconds = told.partition("\t")
                if kind == "step":
                    say(f"  {name:<36} {seconds:>7}")
            if ended:
                return
            time.sleep(0.05)
