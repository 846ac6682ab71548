"""The portal's own processes: what starts each, and how it shows that it is ready."""

import http.client
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from portal.local.launcher.child_process import ChildProcess, rotate
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError

READY_WAIT = 30.0  # seconds


class Program:
    """One process of the portal, with the same verbs as a server."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        data_folder: DataFolder,
        env: Mapping[str, str],
        *,
        ready_url: str = "",  # answers 200 when it is
        ready_text: str = "",  # or is in its log, where it logs at INFO
        grace: float = 10,  # seconds to end by itself
    ) -> None:
        self.name = name
        self.ready_url = ready_url
        self.ready_text = ready_text if env.get("LOG_LEVEL", "INFO") in ("INFO", "DEBUG") else ""
        self.child = ChildProcess(
            name,
            [sys.executable, *command],
            log=data_folder.log(name),
            env=env,
            folder=CHECKOUT,
            grace=grace,
        )

    def start(self) -> None:
        rotate(self.child.log)
        self.child.start()

    def restart(self) -> None:
        self.child.start()

    def wait_until_ready(self) -> None:
        """Raise EmbeddedError with the end of its log if it dies or does not answer."""
        deadline = time.monotonic() + READY_WAIT
        while time.monotonic() < deadline:
            self.check_it_runs()
            if self._is_ready():
                return
            time.sleep(0.1)
        where = f"at {self.ready_url}" if self.ready_url else "in its log"
        raise self._trouble(f"did not show that it is ready {where} in {READY_WAIT:.0f} s")

    def check_it_runs(self) -> None:
        if not self.child.runs:
            raise self._trouble(f"ended with code {self.child.exit_code}")

    def _is_ready(self) -> bool:
        if self.ready_url:
            return _answers_200(self.ready_url)
        return not self.ready_text or self.ready_text in self.child.log.read_text(errors="replace")

    def _trouble(self, what: str) -> EmbeddedError:
        return EmbeddedError(
            f"{self.name} {what}. The end of {self.child.log}:\n{self.child.last_lines()}"
        )

    def stop(self) -> None:
        self.child.stop()


def sandbox(data_folder: DataFolder, env: Mapping[str, str], port: int) -> Program:
    folder = data_folder.path / "sandbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Program(
        "sandbox",
        ["-m", "campaigns.gateway.sandbox", "--port", str(port), "--data", str(folder)],
        data_folder,
        env,
        ready_url=f"http://127.0.0.1:{port}/healthz",
    )


def web(data_folder: DataFolder, env: Mapping[str, str], port: int) -> Program:
    command = ["-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--no-control-socket"]
    return Program(
        "web",
        command,
        data_folder,
        {"DATABASE_POOL": "1", **env},
        ready_url=f"http://127.0.0.1:{port}/salud/",
    )


def worker(data_folder: DataFolder, env: Mapping[str, str]) -> Program:
    return Program(
        "worker",
        [_celery(), "-A", "portal", "worker", "--concurrency", "2", "--loglevel", "INFO"],
        data_folder,
        env,
        ready_text=" ready.",
        grace=15,  # a task that is cut off is done again: the rows are the queue
    )


def beat(data_folder: DataFolder, env: Mapping[str, str]) -> Program:
    return Program(
        "beat",
        [_celery(), "-A", "portal", "beat", "--loglevel", "INFO"],
        data_folder,
        env,
        ready_text="beat: Starting",
    )


def _celery() -> str:
    """Give the script: settings tell a worker by its name."""
    return str(Path(sys.executable).with_name("celery"))


def _answers_200(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
