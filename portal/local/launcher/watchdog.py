"""Runs a command that cannot outlive the process that started it.

    python watchdog.py [--signal INT] [--grace S] [--user U] [--remove DIR] -- command…

The command gets a session of its own. When standard input reaches its end, because the
starting process closed it or ended in any way (kill -9 included), the command gets `--signal`
(default TERM), and after `--grace` seconds all that is left of it is killed. A SIGTERM, SIGINT
or SIGHUP to the watchdog does the same, and a second one kills at once.
Exits with the command's code, or 128 + n if signal n ended it. `--user` runs it as another
user (root only); `--remove` deletes a folder once everything has ended.

A plain script of the standard library alone, so that it starts in a few milliseconds.
"""

import argparse
import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
DESCENDANTS_WAIT = 2.0  # seconds for a command's remaining children to end by themselves


def find_prctl() -> Callable[[int, int], int] | None:
    """Return Linux's prctl, to be looked up before any fork; None on other systems."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def call(option: int, value: int) -> int:
        return int(prctl(option, ctypes.c_ulong(value), 0, 0, 0))

    return call


class Watchdog:
    """The command, and the requests to stop it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.command: list[str] = options.command
        self.end_signal = signal.Signals[f"SIG{options.signal}"]
        self.grace: float = options.grace
        self.user: str | None = options.user
        self.status: int | None = None  # of the command, as waitpid returns it
        self.stop_requests = 0
        self.killed = False

    def run(self) -> int:
        signals = self._open_signal_pipe()
        try:
            self._start()
        except OSError as error:
            print(f"{self.command[0]} could not be started: {error}", file=sys.stderr)
            return 127
        try:
            self._watch(signals)
        finally:
            self._end_descendants()
        assert self.status is not None
        code = os.waitstatus_to_exitcode(self.status)
        return code if code >= 0 else 128 - code

    def _open_signal_pipe(self) -> int:
        """Turn signals into bytes on a pipe, so that one select waits for everything."""
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        return read_end

    def _request_stop(self, *_: object) -> None:
        self.stop_requests += 1

    def _start(self) -> None:
        prctl = find_prctl()
        watchdog_pid = os.getpid()

        def end_with_the_watchdog() -> None:
            if prctl:
                prctl(PR_SET_PDEATHSIG, self.end_signal)
            if os.getppid() != watchdog_pid:
                os._exit(1)

        if prctl:
            prctl(PR_SET_CHILD_SUBREAPER, 1)
        self.child = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_the_watchdog,
            user=self.user,
            group=_group_of(self.user) if self.user else None,
            extra_groups=[] if self.user else None,
        )

    def _watch(self, signals: int) -> None:
        deadline: float | None = None
        inputs = [signals, sys.stdin.fileno()]
        while True:
            self._reap()
            if self.status is not None:
                return
            if self.stop_requests and deadline is None:
                deadline = time.monotonic() + self.grace
                self.child.send_signal(self.end_signal)
            if deadline and (self.stop_requests > 1 or time.monotonic() >= deadline):
                self._kill(signal.SIGKILL)
                deadline = time.monotonic() + 1  # and once more, in case a fork escaped
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = select.select(inputs, [], [], wait)[0]
            if signals in ready:
                os.read(signals, 512)
            if len(inputs) > 1 and inputs[1] in ready and not os.read(inputs[1], 512):
                self.stop_requests += 1
                inputs.pop()

    def _reap(self) -> bool:
        """Collect ended children. Return whether any process of the command is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == self.child.pid:
                self.status = status
                self.child.returncode = os.waitstatus_to_exitcode(status)
            if not pid:
                return True

    def _kill(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, number)

    def _end_descendants(self) -> None:
        """End the children that a command left behind."""
        self._kill(signal.SIGTERM)
        deadline = time.monotonic() + DESCENDANTS_WAIT
        while self._reap() and time.monotonic() < deadline:
            time.sleep(0.02)
        self._kill(signal.SIGKILL)
        for pid in _orphans():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + DESCENDANTS_WAIT
        while self._reap() and time.monotonic() < deadline:
            time.sleep(0.02)


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _orphans() -> list[int]:
    """Return children in sessions of their own that this subreaper inherited (Linux)."""
    with contextlib.suppress(OSError):
        return [int(pid) for pid in Path("/proc/thread-self/children").read_text().split()]
    return []


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--signal", default="TERM", help="what ends the command gently")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds until SIGKILL")
    parser.add_argument("--user", help="run the command as this user (root only)")
    parser.add_argument("--remove", type=Path, help="folder to delete at the end")
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        return Watchdog(options).run()
    finally:
        if options.remove:
            shutil.rmtree(options.remove, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
