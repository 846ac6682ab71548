"""Runs the whole portal: servers, sandbox gateway, web, worker and beat."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from portal.local.launcher import environment, ports, programs
from portal.local.launcher.child_process import rotate
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.lock import Lock
from portal.local.launcher.prepare import prepare
from portal.local.launcher.servers import Servers
from portal.local.launcher.supervisor import Supervisor

STOP_ORDER = ("web", "beat", "worker", "urgent-worker", "sandbox", "valkey", "postgres")
NAMES = {"DATABASE_URL": "PostgreSQL", "REDIS_URL": "Valkey (Redis-compatible)"}
TRAFFIC = "10000000"  # notifications of the sandbox gateway on a mean day
PORT_WAIT = 10.0  # seconds for the processes of a killed run to release the port


class StopRequested(BaseException):
    """The run is to stop: Ctrl-C, SIGTERM, or the end of the terminal."""


def report(text: str) -> None:
    """Print a line; print nothing more if standard output is closed (`make run | head`)."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def step(name: str) -> Iterator[None]:
    """Report how long a step took."""
    started = time.monotonic()
    yield
    report(f"  {name:<36} {time.monotonic() - started:5.1f} s")


class Run:
    """One embedded run, from its start to its end."""

    def __init__(self, data_folder: DataFolder) -> None:
        self._data_folder = data_folder
        self._user_env = environment.user_environment()
        self._supervisor = Supervisor(report)
        self._stopping = False

    def __call__(self) -> int:
        """Run until a stop is requested (return 0) or the run cannot go on (return 1)."""
        port = self._port()
        self._data_folder.make()
        lock = Lock(self._data_folder.path / "lock")
        lock.acquire(f"the portal at http://127.0.0.1:{port}/")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        code = 0
        try:
            _check_port(port, wait=PORT_WAIT if lock.was_killed else 0)
            self._start(port)
            self._supervisor.watch()
        except StopRequested:
            report("\nStopping. Ctrl-C again hurries.")
        except EmbeddedError as error:
            self._stopping = True
            report(f"\n{error}")
            code = 1
        finally:
            self._stopping = True
            self._supervisor.stop(STOP_ORDER)
            lock.release()
        report("Stopped." if code else "Stopped. The data is kept for the next run.")
        return code

    def _port(self) -> int:
        port = self._user_env.get("PORT") or "8000"
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {port!r}.")
        return int(port)

    def _start(self, port: int) -> None:
        report("Starting Llamada Perdida.")
        started = time.monotonic()
        data_folder = self._data_folder
        urls = self._start_servers()
        embeds_gateway = not self._user_env.get("GATEWAY_URL")
        sandbox = environment.sandbox_ports(data_folder, choose=embeds_gateway)
        env = environment.complete(self._user_env | urls, data_folder, port=port, sandbox=sandbox)
        started_programs: list[programs.Program] = []
        if embeds_gateway:
            started_programs += self._start_programs(
                [
                    programs.sandbox(
                        data_folder,
                        env,
                        sandbox.contract,
                        portal_port=port,
                        options=["--traffic", env.get("SANDBOX_TRAFFIC", TRAFFIC)],
                    )
                ]
            )
        else:
            report(f"  {'sandbox gateway':<36} none (GATEWAY_URL is set)")
        prepare(data_folder, env, report)
        started_programs += self._start_programs(
            [
                programs.web(data_folder, env, port),
                programs.worker(data_folder, env),
                programs.urgent_worker(data_folder, env),
                programs.beat(data_folder, env),
            ]
        )
        for program in started_programs:
            with step(program.name):
                program.wait_until_ready(report)
        for program in started_programs:
            program.check_is_running()
        self._print_summary(port, env, time.monotonic() - started)

    def _start_servers(self) -> dict[str, str]:
        servers = Servers(self._data_folder, self._user_env, report=report)
        for variable, name in NAMES.items():
            if server := servers.by_variable.get(variable):
                rotate(self._data_folder.log(server.name))
                self._supervisor.add(server)
                with step(name):
                    server.start()
            else:
                report(f"  {name:<36} yours ({variable} is set)")
        return servers.urls

    def _start_programs(self, group: list[programs.Program]) -> list[programs.Program]:
        """Start programs in parallel, as each takes a second or more, and return them."""
        for program in group:
            self._supervisor.add(program)
            program.start()
        return group

    def _print_summary(self, port: int, env: dict[str, str], seconds: float) -> None:
        logs = self._data_folder.logs
        with contextlib.suppress(ValueError):
            logs = logs.relative_to(CHECKOUT)
        address = f"http://127.0.0.1:{port}/"
        lines = [f"Portal     {address}", f"Admin      {address}admin/"]
        if env["EMBEDDED"] == "1":  # else there are no demo people
            lines += ["Sign in    marca@demo.mx     a brand"]
            lines += ["           revision@demo.mx  a reviewer"]
            lines += [f"Password   {env['DEMO_PASSWORD']}  (both)"]
        lines += [f"Logs       {logs}/"]
        report(f"\nReady in {seconds:.0f} s.\n")
        for line in lines:
            report(f"  {line}")
        report("\nCtrl-C stops everything; the data is kept.\n")

    def _request_stop(self, *_: object) -> None:
        if self._stopping:
            self._supervisor.hurry()
        else:
            self._stopping = True
            raise StopRequested


def _check_port(port: int, wait: float) -> None:
    """Raise EmbeddedError if the web port is still taken after `wait` seconds."""
    deadline = time.monotonic() + wait
    while not ports.is_free(port):
        if time.monotonic() >= deadline:
            other = port + 1 if port < 65535 else port - 1
            raise EmbeddedError(
                f"Port {port} of 127.0.0.1 is taken by another program (or not allowed). "
                f"Choose another one: PORT={other} make run"
            )
        time.sleep(0.2)
