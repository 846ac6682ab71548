"""Waits for a process to be ready, as long as it lives and shows progress."""

import time
from collections.abc import Callable
from typing import NamedTuple

from portal.local.launcher.child_process import ChildProcess
from portal.local.launcher.errors import EmbeddedError

REPORT_EVERY = 10.0  # seconds


class Patience(NamedTuple):
    """The time to wait for a process, and the function that reports the waiting."""

    seconds: float  # without progress: START_TIMEOUT
    report: Callable[[str], None]


def wait_until_ready(
    child: ChildProcess,
    is_ready: Callable[[], bool],
    *,
    condition: str,  # what is waited for, as in "waiting for …"
    patience: Patience,
    interval: float,  # seconds between two checks
) -> bool:
    """Return True when `is_ready` holds, or False as soon as the child has ended.

    A loaded machine may take minutes: what bounds the wait is the time without progress, which
    is a log that grows. Every REPORT_EVERY seconds, report what is waited for. Raise
    EmbeddedError with the end of the log after `patience.seconds` without progress.
    """
    started = progressed = reported = time.monotonic()
    log_size = child.log_size
    while child.runs:
        if is_ready() and child.runs:
            return True
        now = time.monotonic()
        if child.log_size != log_size:
            log_size, progressed = child.log_size, now
        if now - progressed >= patience.seconds:
            raise EmbeddedError(
                f"{child.name} is not ready after {now - started:.0f} s, and wrote nothing for "
                f"{patience.seconds:g} s (START_TIMEOUT). It was waited for {condition}. "
                f"The end of {child.log}:\n{child.last_lines()}"
            )
        if now - reported >= REPORT_EVERY:
            reported = now
            patience.report(f"  {child.name}: {now - started:.0f} s, waiting for {condition}")
        time.sleep(interval)
    return False
