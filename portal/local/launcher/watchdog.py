"""Run a command that cannot outlive whoever started it.

    python tether.py [--signal INT] [--grace S] [--user U] [--remove DIR] -- command…

The command gets a session of its own. When standard input reaches its end, because the
starter closed it or died in any way (kill -9 included), the command gets `--signal`
(TERM unless said), and after `--grace` seconds all that is left of it is killed. A
SIGTERM, SIGINT or SIGHUP to the tether does the same, and a second one kills at once.
Exits with the command's code, or 128 + n if signal n ended it. `--user` drops root's
rights; `--remove` deletes a folder once everything has ended.

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
CLEAR_WAIT = 2.0  # seconds that what a dead command left behind has to end by itself


def find_prctl() -> Callable[[int, int], int] | None:
    """Give Linux's prctl, found before any fork, or None on other systems."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def call(option: int, value: int) -> int:
        return int(prctl(option, ctypes.c_ulong(value), 0, 0, 0))

    return call


class Watchdog:
    def __init__(self, options: argparse.Namespace) -> None:
        self.command: list[str] = options.command
        self.end_signal = signal.Signals[f"SIG{options.signal}"]
        self.grace: float = options.grace
        self.user: str | None = options.user
        self.status: int | None = None  # of the command, as waitpid gives it
        self.asked = 0
        self.killed = False

    def run(self) -> int:
        wake = self._listen()
        try:
            self._start()
        except OSError as error:
            print(f"{self.command[0]} could not be started: {error}", file=sys.stderr)
            return 127
        try:
            self._watch(wake)
        finally:
            self._clear()
        assert self.status is not None
        code = os.waitstatus_to_exitcode(self.status)
        return code if code >= 0 else 128 - code

    def _listen(self) -> int:
        """Turn the signals into bytes on a pipe, so that one select hears everything."""
        wake, wakened = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(wakened, False)
        signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)
        return wake

    def _ask(self, *_: object) -> None:
        self.asked += 1

    def _start(self) -> None:
        prctl = find_prctl()
        tether_pid = os.getpid()

        def follow_the_tether() -> None:
            if prctl:
                prctl(PR_SET_PDEATHSIG, self.end_signal)
            if os.getppid() != tether_pid:
                os._exit(1)

        if prctl:
            prctl(PR_SET_CHILD_SUBREAPER, 1)
        self.child = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=follow_the_tether,
            user=self.user,
            group=_group_of(self.user) if self.user else None,
            extra_groups=[] if self.user else None,
        )

    def _watch(self, wake: int) -> None:
        deadline: float | None = None
        heard = [wake, sys.stdin.fileno()]
        while True:
            self._reap()
            if self.status is not None:
                return
            if self.asked and deadline is None:
                deadline = time.monotonic() + self.grace
                self.child.send_signal(self.end_signal)
            if deadline and (self.asked > 1 or time.monotonic() >= deadline):
                self._kill(signal.SIGKILL)
                deadline = time.monotonic() + 1  # and again, should one have slipped through
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = select.select(heard, [], [], wait)[0]
            if wake in ready:
                os.read(wake, 512)
            if len(heard) > 1 and heard[1] in ready and not os.read(heard[1], 512):
                self.asked += 1
                heard.pop()

    def _reap(self) -> bool:
        """Collect what has ended; say whether anything of the command is still there."""
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

    def _clear(self) -> None:
        """End what a command left behind when it died before its own children."""
        self._kill(signal.SIGTERM)
        deadline = time.monotonic() + CLEAR_WAIT
        while self._reap() and time.monotonic() < deadline:
            time.sleep(0.02)
        self._kill(signal.SIGKILL)
        for pid in _orphans():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + CLEAR_WAIT
        while self._reap() and time.monotonic() < deadline:
            time.sleep(0.02)


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _orphans() -> list[int]:
    """Children that moved to sessions of their own and fell to this subreaper (Linux)."""
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
