"""The portal's own processes: their commands, and how each shows that it is ready."""

import http.client
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from portal.local.launcher import environment
from portal.local.launcher.child_process import ChildProcess, rotate
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.readiness import Patience, wait_until_ready
from portal.local.launcher.servers import report


class Program:
    """One process of the portal, with the same methods as a server."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        data_folder: DataFolder,
        env: Mapping[str, str],
        *,
        ready_url: str = "",  # responds with 200 when it is ready
        ready_text: str = "",  # or the text in its log when it is ready, where it logs at INFO
        grace: float = 10,  # seconds to end by itself when it is stopped
    ) -> None:
        self.name = name
        self.ready_url = ready_url
        self.ready_text = ready_text if env.get("LOG_LEVEL", "INFO") in ("INFO", "DEBUG") else ""
        self._start_timeout = environment.start_timeout(env)
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

    def wait_until_ready(self, report: Callable[[str], None] = report) -> None:
        """Raise EmbeddedError with the end of its log if it ends or makes no progress."""
        condition = f"a response at {self.ready_url}" if self.ready_url else "its log to say so"
        patience = Patience(self._start_timeout, report)
        if not wait_until_ready(
            self.child, self._is_ready, condition=condition, patience=patience, interval=0.1
        ):
            self.check_is_running()

    def check_is_running(self) -> None:
        """Raise EmbeddedError with the end of its log if it has ended."""
        if not self.child.runs:
            raise EmbeddedError(
                f"{self.name} ended with code {self.child.exit_code}. "
                f"The end of {self.child.log}:\n{self.child.last_lines()}"
            )

    def _is_ready(self) -> bool:
        if self.ready_url:
            return _responds_with_200(self.ready_url)
        return not self.ready_text or self.ready_text in self.child.log.read_text(errors="replace")

    def stop(self) -> None:
        self.child.stop()


def sandbox(
    data_folder: DataFolder,
    env: Mapping[str, str],
    port: int,
    *,
    portal_port: int,
    options: Sequence[str] = (),
) -> Program:
    """The sandbox gateway, which sends its events to the portal, signed with the first secret.

    Its control port is that of SANDBOX_CONTROL_URL.
    """
    folder = data_folder.path / "sandbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Program(
        "sandbox",
        [
            *("-m", "campaigns.gateway.sandbox", "--port", str(port), "--data", str(folder)),
            *("--control-port", env["SANDBOX_CONTROL_URL"].rpartition(":")[2]),
            *("--events-url", f"http://127.0.0.1:{portal_port}{environment.EVENTS_PATH}"),
            *options,
        ],
        data_folder,
        {**env, "GATEWAY_EVENT_SECRET": env["GATEWAY_EVENT_SECRETS"].split(",")[0]},
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
        grace=15,  # a task that is cut off is repeated: the rows are the queue
    )


def urgent_worker(data_folder: DataFolder, env: Mapping[str, str]) -> Program:
    """Return the worker that only stops ads, so that no other work is before it."""
    command = [_celery(), "-A", "portal", "worker", "--queues", "urgent", "--pool", "solo"]
    return Program(
        "urgent-worker",
        [*command, "--hostname", "urgent@%h", "--loglevel", "INFO"],
        data_folder,
        env,
        ready_text=" ready.",
        grace=15,
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
    """Return the path of the script: the settings recognise a worker by its name."""
    return str(Path(sys.executable).with_name("celery"))


def _responds_with_200(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
