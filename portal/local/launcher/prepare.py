"""Brings the data up to date before the portal starts, by `manage.py prepare`."""

import sys
import time
from collections.abc import Callable, Mapping

from portal.local.launcher.child_process import ChildProcess, rotate
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.readiness import REPORT_EVERY


def prepare(data_folder: DataFolder, env: Mapping[str, str], report: Callable[[str], None]) -> None:
    """Run the command and report its steps: lines `begin<TAB>name`, then `end<TAB>name<TAB>time`.

    Raise EmbeddedError with the end of its output if it fails.
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
        _report_steps(child, report)
    finally:
        child.stop()
    if child.exit_code:
        raise EmbeddedError(
            f"manage.py prepare ended with code {child.exit_code}. "
            f"The end of {log}:\n{child.last_lines()}"
        )


def _report_steps(child: ChildProcess, report: Callable[[str], None]) -> None:
    """Read the log while it grows, until the command ends."""
    step, reported = "its start", time.monotonic()
    started = reported
    with child.log.open(errors="replace") as log:
        rest = ""
        while True:
            ended = not child.runs
            *lines, rest = (rest + log.read()).split("\n")
            for line in lines:
                kind, *fields = line.split("\t")
                if kind == "begin" and len(fields) == 1:
                    (step,), started = fields, time.monotonic()
                    reported = started
                elif kind == "end" and len(fields) == 2:
                    report(f"  {fields[0]:<36} {fields[1]:>7}")
                    step = "the next step"
            if ended:
                return
            now = time.monotonic()
            if now - reported >= REPORT_EVERY:
                reported = now
                report(f"  prepare: {now - started:.0f} s, working on {step}")
            time.sleep(0.05)
