"""ChildProcess processes that end with this one, whatever ends it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

WATCHDOG = Path(__file__).with_name("watchdog.py")
LAST_LINES = 20


class ChildProcess:
    """One tethered process and its log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: str | None = None,
        end_signal: str = "TERM",
        grace: float = 10.0,  # seconds from the end signal to SIGKILL
        remove: Path | None = None,  # deleted by the tether at the end
        may_be_hurried: bool = True,
    ) -> None:
        self.name = name
        self.log = log
        self.grace = grace
        self.may_be_hurried = may_be_hurried
        self._env = env
        self._folder = folder
        tether = [sys.executable, "-I", "-S", str(WATCHDOG)]
        tether += ["--signal", end_signal, "--grace", str(grace)]
        if user:
            tether += ["--user", user]
        if remove:
            tether += ["--remove", str(remove)]
        self._command = [*tether, "--", *command]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.stop()  # what is left of the start before
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C at the terminal reaches only the starter
                bufsize=0,
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Wait for a command that ends by itself; raise TimeoutExpired if it does not."""
        assert self._process is not None
        return self._process.wait(seconds)

    def ask_to_stop(self) -> None:
        if self._process and self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()

    def hurry(self) -> None:
        """After `ask_to_stop`: kill it now."""
        if self.runs and self._process:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it gently, or by force after its grace; return when nothing is left."""
        self.ask_to_stop()
        if self._process:
            try:
                self._process.wait(self.grace + 6)
            except subprocess.TimeoutExpired:  # the tether itself hangs: never seen
                self._process.kill()
                self._process.wait()

    def last_lines(self) -> str:
        return last_lines(self.log)


def last_lines(log: Path) -> str:
    """Give the end of a log, indented to stand below a message."""
    if not log.is_file():
        return ""
    lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join(f"    {line}" for line in lines)


def rotate(log: Path) -> None:
    """Keep the log of the run before as `NAME.log.1`."""
    if log.exists():
        os.replace(log, log.with_name(log.name + ".1"))


def end_leftover(pid: int, mark: str, end_signal: signal.Signals) -> bool:
    """End a process that an earlier run left; say whether there was one.

    `mark` must be in its command line, so that a number used again is left alone.
    """
    if not names_this(pid, mark):
        return False
    for number, seconds in ((end_signal, 15.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not names_this(pid, mark):
                return True
            time.sleep(0.05)
    return True


def names_this(pid: int, mark: str) -> bool:
    """Say whether a living process has `mark` in its command line."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        if Path("/proc/self/cmdline").exists():
            return False
        line = subprocess.run(
            ["/bin/ps", "-o", "command=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    return mark in line
