"""Child processes that cannot outlive this process."""

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
    """A process under a watchdog, and its log file."""

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
        remove: Path | None = None,  # a folder that the watchdog deletes at the end
        can_be_killed: bool = True,  # when the user requests a fast end
    ) -> None:
        self.name = name
        self.log = log
        self.grace = grace
        self.can_be_killed = can_be_killed
        self._env = env
        self._folder = folder
        watchdog = [sys.executable, "-I", "-S", str(WATCHDOG)]
        watchdog += ["--signal", end_signal, "--grace", str(grace)]
        if user:
            watchdog += ["--user", user]
        if remove:
            watchdog += ["--remove", str(remove)]
        self._command = [*watchdog, "--", *command]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.stop()  # what is left of an earlier start
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
        """The exit code; None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Wait for a command that ends by itself. Raise TimeoutExpired if it does not."""
        assert self._process is not None
        return self._process.wait(seconds)

    def request_stop(self) -> None:
        """Request the watchdog to send the end signal; return at once."""
        if self._process and self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()

    def kill(self) -> None:
        """After `request_stop`: do not wait for the end of the grace period."""
        if self.runs and self._process:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it gently, by force after its grace period; return when nothing of it is left."""
        self.request_stop()
        if self._process:
            try:
                self._process.wait(self.grace + 6)
            except subprocess.TimeoutExpired:  # the watchdog itself hangs
                self._process.kill()
                self._process.wait()

    @property
    def log_size(self) -> int:
        return self.log.stat().st_size if self.log.is_file() else 0

    def last_lines(self) -> str:
        """Return the end of the log, indented to be printed below a message."""
        if not self.log.is_file():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join(f"    {line}" for line in lines)


def rotate(log: Path) -> None:
    """Keep the log of the previous run as `NAME.log.1`."""
    if log.exists():
        os.replace(log, log.with_name(log.name + ".1"))


def end_leftover(pid: int, mark: str, end_signal: signal.Signals) -> bool:
    """End a process that an earlier run left. Return whether there was one.

    `mark` must be in its command line: a pid may belong to another process by now.
    """
    if not has_in_command_line(pid, mark):
        return False
    for number, seconds in ((end_signal, 15.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not has_in_command_line(pid, mark):
                return True
            time.sleep(0.05)
    return True


def has_in_command_line(pid: int, mark: str) -> bool:
    """Return whether a running process has `mark` in its command line."""
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
