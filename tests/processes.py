"""Real processes for tests: started, asked, killed and started again, by their own pid."""

import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlencode, urlsplit

import httpx

from campaigns.gateway.client import GatewayClient
from tests.servers import child_environment

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"gateway sandbox ready: url=(\S+) token_url=(\S+)(?: control=(\S+))?\n")


class DidNotStart(Exception):
    """A process ended, or stayed silent, instead of saying that it is ready."""

    def __init__(self, exit_code: int | None, said: str) -> None:
        super().__init__(f"exit code {exit_code}: {said}")
        self.exit_code = exit_code
        self.said = said


class Sandbox:
    """A sandbox gateway in its own process, on free ports, with its state in `folder`.

    `restart` keeps ports and state, so whoever has its address finds it again. The pace is
    unlimited unless `options` says otherwise: give `CONTRACT_PACE` for the contract's.
    """

    NO_PACE = ("--requests-per-second", "100000", "--burst", "100000")
    CONTRACT_PACE = ("--requests-per-second", "10", "--burst", "20")

    def __init__(
        self,
        folder: Path,
        *,
        options: Sequence[str] = NO_PACE,
        client_id: str = "portal",
        client_secret: str = "not a real secret",  # noqa: S107
        python_options: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.client_id = client_id
        self.client_secret = client_secret
        self.url = ""
        self.token_url = ""
        self.control = ""
        self._options = tuple(options)
        self._python_options = tuple(python_options)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None, "the sandbox is not running"
        return self._process.pid

    @property
    def stderr(self) -> str:
        """What it has complained of, over all its lives."""
        return (self.folder / "stderr.txt").read_text()

    def start(self, *, patience: float = 60.0) -> None:
        """Start it, on the ports it had before if it had any, and wait until it is ready."""
        assert self._process is None, "the sandbox is running"
        self.folder.mkdir(parents=True, exist_ok=True)
        port, control_port = (urlsplit(url).port or 0 for url in (self.url, self.control))
        command = [sys.executable, *self._python_options, "-m", "campaigns.gateway.sandbox"]
        command += ["--port", str(port), "--control-port", str(control_port)]
        command += ["--data", str(self.folder / "state"), *self._options]
        credentials = {
            "GATEWAY_CLIENT_ID": self.client_id,
            "GATEWAY_CLIENT_SECRET": self.client_secret,
        }
        with (self.folder / "stderr.txt").open("a") as stderr:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | credentials,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        self._process = process
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], patience)
        ready = READY.fullmatch(process.stdout.readline()) if readable else None
        if ready is None:
            raise DidNotStart(self.kill(), self.stderr)
        self.url, self.token_url, self.control = ready.group(1), ready.group(2), ready.group(3)

    def stop(self) -> int | None:
        """Ask it to end, and give its exit code; None if it was not running."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int | None:
        """End it at once, as a power cut does."""
        return self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start it again on its ports and its state, ending it first if it runs."""
        self.stop()
        self.start()

    def _end(self, number: signal.Signals) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        with process:
            process.send_signal(number)
            try:
                return process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                raise

    def client(self, **options: Any) -> GatewayClient:
        """Give a client of it. Whoever asks closes it."""
        return GatewayClient(
            self.url, self.token_url, self.client_id, self.client_secret, **options
        )

    def faults(self, kind: str, **options: Any) -> None:
        """Make something go wrong: `faults("drop_after_commit", times=1, operation="putAdOrder")`.

        Kinds and options are those of `campaigns/gateway/sandbox/faults.py`.
        """
        self.ask("POST", "/faults", {"kind": kind, **options})

    def clear_faults(self) -> None:
        """Let everything go right again."""
        self.ask("DELETE", "/faults")

    def ledger(self, order_id: str | None = None) -> list[dict[str, Any]]:
        """Give every effect that it ever had, the oldest first, or those on one order."""
        query = "" if order_id is None else "?" + urlencode({"order_id": order_id})
        return list(self.ask("GET", f"/ledger{query}"))

    def clock(self, *, days: float = 0, seconds: float = 0) -> dict[str, Any]:
        """Set its clock this far ahead of real time; behind, if negative."""
        return dict(self.ask("POST", "/clock", {"offset_seconds": days * 86_400 + seconds}))

    def counts(self, order_id: str, **counts: int) -> None:
        """Set what is `inserted`, `delivered`, `failed`, `no_receipt` of an order."""
        self.ask("POST", "/orders", {"order_id": order_id, **counts})

    def reject(self, order_id: str, reason: str) -> None:
        """Have it refuse an order that it had accepted."""
        self.ask("POST", "/orders", {"order_id": order_id, "rejected": reason})

    def lose_state(self) -> None:
        """Have it lose its orders and the rest of its state. The ledger stays."""
        self.ask("POST", "/reset", {})

    def reset(self) -> None:
        """Have it be as new: no orders, ledger, faults, tokens, and the right time."""
        self.ask("POST", "/reset", {"everything": True})

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the control port."""
        address = urlsplit(self.control)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        assert response.status == 200, answer
        return answer


class Celery:
    """A Celery worker or beat in its own process group, on the test's own database and sandbox."""

    ARGUMENTS: ClassVar[Mapping[str, Sequence[str]]] = {
        "worker": ("worker", "--concurrency", "1", "--without-gossip", "--without-mingle"),
        "beat": ("beat",),
    }

    def __init__(self, program: str, gateway: Sandbox, **environment: str) -> None:
        self._log = (gateway.folder / f"{program}-{time.monotonic_ns()}.log").open("w")
        self._process = subprocess.Popen(
            [_celery(), "-A", "portal", *self.ARGUMENTS[program]],
            cwd=ROOT,
            env=child_environment()
            | {
                "GATEWAY_URL": gateway.url,
                "GATEWAY_TOKEN_URL": gateway.token_url,
                "GATEWAY_CLIENT_ID": gateway.client_id,
                "GATEWAY_CLIENT_SECRET": gateway.client_secret,
            }
            | environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def said(self) -> str:
        return Path(self._log.name).read_text()

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def ended_by(self, number: signal.Signals, *, within: float) -> int:
        """Ask it to end; give its exit code. Raises TimeoutExpired after so many seconds."""
        self._process.send_signal(number)
        return self._process.wait(timeout=within)

    def kill(self) -> None:
        """End it and its children at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        _end_group(self._process, number)
        self._log.close()


class Web:
    """The portal under gunicorn, on the test's own database, with its hashed static files."""

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        env = child_environment() | {
            "PORTAL_URL": self.url,
            "STATIC_ROOT": str(folder / "static"),
            "DATABASE_POOL": "1",
        }
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            cwd=ROOT,
            env=env,
            check=True,
            timeout=120,
        )
        self._log = (folder / "web.log").open("w")
        self._env = env | environment
        self.start()

    def start(self) -> None:
        """Start it, or start it again where it was, after its end."""
        bind = self.url.removeprefix("http://")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "portal.wsgi"),
                *("--workers", "1", "--bind", bind),
            ],
            cwd=ROOT,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until(self._answers, patience=60, pause=0.05)
        except AssertionError:
            self.stop()
            raise DidNotStart(self._process.returncode, self.said) from None

    def kill(self) -> None:
        """End it and its workers at once, whatever they are doing."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    @property
    def said(self) -> str:
        return Path(self._log.name).read_text()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/salud/", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        _end_group(self._process, signal.SIGTERM)
        self._log.close()


def _celery() -> str:
    """Give the script: settings tell a worker by its name."""
    return str(Path(sys.executable).with_name("celery"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """End a process and its children, at once if they do not end when asked."""
    if process.poll() is None:
        os.killpg(process.pid, number)
    with process:
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_until(condition: Any, *, patience: float = 5.0, pause: float = 0.01) -> None:
    """Wait for something that another process brings about, no longer than it takes."""
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until, "it did not come about in time"
        time.sleep(pause)
