"""Real processes for tests: the sandbox gateway, Celery and the web server."""

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
from datetime import datetime
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
    """A process ended, or did not report that it is ready in time."""

    def __init__(self, exit_code: int | None, output: str) -> None:
        super().__init__(f"exit code {exit_code}: {output}")
        self.exit_code = exit_code
        self.output = output


EVENT_SECRET = "whsec_bm90IGEgcmVhbCBzZWNyZXQsIG9ubHkgZm9yIHRlc3Rz"


class Sandbox:
    """A sandbox gateway in its own process, on free ports, with its state in `folder`.

    `restart` keeps ports and state. Requests are not rate-limited unless `options` replaces
    `NO_RATE_LIMIT`; with no options the contract's limits apply.
    """

    NO_RATE_LIMIT = ("--requests-per-second", "100000", "--burst", "100000")

    def __init__(
        self,
        folder: Path,
        *,
        options: Sequence[str] = NO_RATE_LIMIT,
        client_id: str = "portal",
        client_secret: str = "not a real secret",  # noqa: S107
        python_options: Sequence[str] = (),
        events_url: str = "",
        event_secret: str = EVENT_SECRET,
    ) -> None:
        self.folder = folder
        self.events_url = events_url
        self.event_secret = event_secret
        self.client_id = client_id
        self.client_secret = client_secret
        self.url = ""
        self.token_url = ""
        self.control_url = ""
        self._options = tuple(options)
        self._python_options = tuple(python_options)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None, "the sandbox is not running"
        return self._process.pid

    @property
    def stderr(self) -> str:
        """Return what it wrote to stderr since its first start."""
        return (self.folder / "stderr.txt").read_text()

    def start(self, *, timeout: float = 60.0, options: Sequence[str] | None = None) -> None:
        """Start it and wait until it is ready; a second start takes the ports of the first.

        `options` replace those that it had.
        """
        assert self._process is None, "the sandbox is running"
        self._options = self._options if options is None else tuple(options)
        self.folder.mkdir(parents=True, exist_ok=True)
        port, control_port = (urlsplit(url).port or 0 for url in (self.url, self.control_url))
        command = [sys.executable, *self._python_options, "-m", "campaigns.gateway.sandbox"]
        command += ["--port", str(port), "--control-port", str(control_port)]
        command += ["--data", str(self.folder / "state"), *self._options]
        credentials = {
            "GATEWAY_CLIENT_ID": self.client_id,
            "GATEWAY_CLIENT_SECRET": self.client_secret,
            "GATEWAY_EVENT_SECRET": self.event_secret,
        }
        if self.events_url:
            command += ["--events-url", self.events_url]
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
        readable, _, _ = select.select([process.stdout], [], [], timeout)
        ready = READY.fullmatch(process.stdout.readline()) if readable else None
        if ready is None:
            raise DidNotStart(self.kill(), self.stderr)
        self.url, self.token_url, self.control_url = ready.groups()

    def stop(self) -> int | None:
        """Send SIGTERM; return the exit code, or None if it was not running."""
        return self._terminate(signal.SIGTERM)

    def kill(self) -> int | None:
        """Send SIGKILL; return as `stop`."""
        return self._terminate(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it if it is running, and start it on the same ports and state."""
        self.stop()
        self.start()

    def _terminate(self, number: signal.Signals) -> int | None:
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
        """Return a new client of it; the caller closes the client."""
        return GatewayClient(
            self.url, self.token_url, self.client_id, self.client_secret, **options
        )

    def inject_fault(self, kind: str, **options: Any) -> None:
        """Switch a fault on: `inject_fault("drop_after_commit", times=1, operation="putAdOrder")`.

        Kinds and options are those of `campaigns/gateway/sandbox/faults.py`.
        """
        self.control_request("POST", "/faults", {"kind": kind, **options})

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self.control_request("DELETE", "/faults")

    def ledger(self, order_id: str | None = None) -> list[dict[str, Any]]:
        """Return all recorded changes, oldest first, or those of one order."""
        query = "" if order_id is None else "?" + urlencode({"order_id": order_id})
        return list(self.control_request("GET", f"/ledger{query}"))

    def set_clock(self, *, days: float = 0, seconds: float = 0) -> dict[str, Any]:
        """Set its clock ahead of real time by an offset, which may be negative."""
        return dict(
            self.control_request("POST", "/clock", {"offset_seconds": days * 86_400 + seconds})
        )

    def set_speed(self, speed: float) -> None:
        """Set how many seconds of its clock pass in one of real time."""
        self.control_request("POST", "/clock", {"speed": speed})

    def now(self) -> datetime:
        """Return the time of its clock."""
        return datetime.fromisoformat(self.control_request("GET", "/clock")["now"])

    def set_traffic(
        self, per_day: int | None = None, *, seed: int | None = None, on: bool = True
    ) -> None:
        """Switch traffic on or off, with eligible notifications on a mean day."""
        changes = {"per_day": per_day, "seed": seed, "on": on}
        given = {name: value for name, value in changes.items() if value is not None}
        self.control_request("POST", "/traffic", given)

    def begin_advance(self, to: datetime) -> None:
        """Begin to simulate up to a moment of its clock."""
        self.control_request("POST", "/advance", {"to": to.isoformat()})

    def advance_status(self) -> dict[str, Any]:
        """Return `running`, `now`, `to`, and what the advance has made so far."""
        return dict(self.control_request("GET", "/advance"))

    def advance(self, to: datetime, *, timeout: float = 120.0) -> dict[str, Any]:
        """Simulate up to a moment of its clock; return the status at the end."""
        self.begin_advance(to)
        wait_until(lambda: not self.advance_status()["running"], timeout=timeout, interval=0.05)
        return self.advance_status()

    def counts(self, order_id: str | None = None) -> list[dict[str, Any]]:
        """Return `inserted`, `delivered`, `failed` and `no_receipt` by order, from its ledger."""
        query = "" if order_id is None else "?" + urlencode({"order_id": order_id})
        return list(self.control_request("GET", f"/counts{query}"))

    def hour_counts(self, order_id: str | None = None) -> list[dict[str, Any]]:
        """Return the ledger's counts by order, hour and LADA."""
        query = {"grain": "hour"} | ({} if order_id is None else {"order_id": order_id})
        return list(self.control_request("GET", "/counts?" + urlencode(query)))

    def insertions(self) -> list[dict[str, Any]]:
        """Return what was inserted of each generation and content of an order, and when."""
        return list(self.control_request("GET", "/insertions"))

    def events(self) -> dict[str, Any]:
        """Return the number of `pending` events and the newest sequence of each of `streams`."""
        return dict(self.control_request("GET", "/events"))

    def wait_until_pushed(self, *, timeout: float = 60.0) -> None:
        """Wait until all events have been accepted."""
        wait_until(lambda: self.events()["pending"] == 0, timeout=timeout, interval=0.05)

    def heartbeat(self) -> None:
        """Have it push a heartbeat now."""
        self.control_request("POST", "/heartbeat", {})

    def set_counts(self, order_id: str, **counts: int) -> None:
        """Set `inserted`, `delivered`, `failed` or `no_receipt` of an order."""
        self.control_request("POST", "/orders", {"order_id": order_id, **counts})

    def reject(self, order_id: str, reason: str) -> None:
        """Move an accepted order to REJECTED."""
        self.control_request("POST", "/orders", {"order_id": order_id, "rejected": reason})

    def lose_state(self) -> None:
        """Delete its orders and the rest of its state, but not the ledger."""
        self.control_request("POST", "/reset", {})

    def reset(self) -> None:
        """Delete all state: orders, ledger, faults, tokens and the clock's offset."""
        self.control_request("POST", "/reset", {"everything": True})

    def control_request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request to the control port and return the JSON of its response."""
        address = urlsplit(self.control_url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = json.loads(response.read())
        finally:
            connection.close()
        assert response.status in {200, 202}, data
        return data


class Celery:
    """A Celery worker or beat in its own process group, on the test's own database and sandbox."""

    ARGUMENTS: ClassVar[Mapping[str, Sequence[str]]] = {
        "worker": ("worker", "--concurrency", "1", "--without-gossip", "--without-mingle"),
        "urgent-worker": (
            *("worker", "--queues", "urgent", "--pool", "solo", "--hostname", "urgent@%h"),
            *("--without-gossip", "--without-mingle"),
        ),
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
    def output(self) -> str:
        return Path(self._log.name).read_text()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop_with(self, number: signal.Signals, *, timeout: float) -> int:
        """Send a signal and return the exit code. Raise TimeoutExpired after `timeout` seconds."""
        self._process.send_signal(number)
        return self._process.wait(timeout=timeout)

    def freeze(self) -> None:
        """Stop it and its children where they are, until they are killed or go on."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it and its children go on after `freeze`."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Send SIGKILL to it and its children."""
        self._terminate(signal.SIGKILL)

    def stop(self) -> None:
        self._terminate(signal.SIGTERM)

    def _terminate(self, number: signal.Signals) -> None:
        _terminate_group(self._process, number)
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
        """Start it and wait until it responds; a second start takes the same port."""
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
            wait_until(self._is_healthy, timeout=60, interval=0.05)
        except AssertionError:
            self.stop()
            raise DidNotStart(self._process.returncode, self.output) from None

    def kill(self) -> None:
        """Send SIGKILL to it and its workers."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    @property
    def output(self) -> str:
        return Path(self._log.name).read_text()

    def _is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.url}/salud/", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        _terminate_group(self._process, signal.SIGTERM)
        self._log.close()


def _celery() -> str:
    """Return the path of the script: the settings recognise a worker by its name."""
    return str(Path(sys.executable).with_name("celery"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _terminate_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process and its children, and SIGKILL after 30 seconds."""
    if process.poll() is None:
        os.killpg(process.pid, number)
    with process:
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def wait_until(condition: Any, *, timeout: float = 5.0, interval: float = 0.01) -> None:
    """Poll until a condition holds; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not hold within {timeout} s"
        time.sleep(interval)
