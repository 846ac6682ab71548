"""The whole portal on this machine: servers, sandbox gateway, web, worker and beat."""

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

STOP_ORDER = ("web", "beat", "worker", "sandbox", "valkey", "postgres")
NAMES = {"DATABASE_URL": "PostgreSQL", "REDIS_URL": "Valkey (Redis-compatible)"}
PORT_WAIT = 10.0  # seconds that what a killed run left has to give back its port


class Asked(BaseException):
    """Somebody asked the run to stop: Ctrl-C, SIGTERM, or the end of the terminal."""


def say(text: str) -> None:
    """Print; go on in silence if nobody reads any more (`make run | head`)."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def step(name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"  {name:<36} {time.monotonic() - started:5.1f} s")


class Run:
    def __init__(self, data_folder: DataFolder) -> None:
        self._data_folder = data_folder
        self._user_env = environment.of_user()
        self._supervisor = Supervisor(say)
        self._stopping = False

    def __call__(self) -> int:
        """Run until asked to stop (0) or until something cannot go on (1)."""
        port = self._port()
        self._data_folder.make()
        lock = Lock(self._data_folder.path / "lock")
        lock.take(f"the portal at http://127.0.0.1:{port}/")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)
        code = 0
        try:
            _check_port(port, wait=PORT_WAIT if lock.was_killed else 0)
            self._start(port)
            self._supervisor.watch()
        except Asked:
            say("\nStopping. Ctrl-C again hurries.")
        except EmbeddedError as error:
            self._stopping = True
            say(f"\n{error}")
            code = 1
        finally:
            self._stopping = True
            self._supervisor.stop(STOP_ORDER)
            lock.release()
        say("Stopped." if code else "Stopped. The data is kept for the next run.")
        return code

    def _port(self) -> int:
        said = self._user_env.get("PORT") or "8000"
        if not said.isdigit() or not 0 < int(said) < 65536:
            raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {said!r}.")
        return int(said)

    def _start(self, port: int) -> None:
        say("Starting Llamada Perdida.")
        started = time.monotonic()
        data_folder = self._data_folder
        urls = self._start_servers()
        embeds_gateway = not self._user_env.get("GATEWAY_URL")
        sandbox_port = environment.sandbox_port(data_folder, choose=embeds_gateway)
        env = environment.complete(
            self._user_env | urls, data_folder, port=port, sandbox_port=sandbox_port
        )
        begun = []
        if embeds_gateway:
            begun += self._begin([programs.sandbox(data_folder, env, sandbox_port)])
        else:
            say(f"  {'sandbox gateway':<36} none (GATEWAY_URL is set)")
        prepare(data_folder, env, say)
        begun += self._begin(
            [
                programs.web(data_folder, env, port),
                programs.worker(data_folder, env),
                programs.beat(data_folder, env),
            ]
        )
        for program in begun:
            with step(program.name):
                program.wait_until_ready()
        for program in begun:
            program.check_it_runs()
        self._welcome(port, env, time.monotonic() - started)

    def _start_servers(self) -> dict[str, str]:
        servers = Servers(self._data_folder, self._user_env, say=say)
        for variable, name in NAMES.items():
            if server := servers.by_variable.get(variable):
                rotate(self._data_folder.log(server.name))
                self._supervisor.keep(server)
                with step(name):
                    server.start()
            else:
                say(f"  {name:<36} yours ({variable} is set)")
        return servers.urls

    def _begin(self, begun: list[programs.Program]) -> list[programs.Program]:
        """Start them side by side: each takes a second or more to come up."""
        for program in begun:
            self._supervisor.keep(program)
            program.start()
        return begun

    def _welcome(self, port: int, env: dict[str, str], seconds: float) -> None:
        logs = self._data_folder.logs
        with contextlib.suppress(ValueError):
            logs = logs.relative_to(CHECKOUT)
        address = f"http://127.0.0.1:{port}/"
        lines = [f"Portal     {address}", f"Admin      {address}admin/"]
        if env["EMBEDDED"] == "1":  # otherwise no demo people were made
            lines += ["Sign in    marca@demo.mx     a brand"]
            lines += ["           revision@demo.mx  a reviewer"]
            lines += [f"Password   {env['DEMO_PASSWORD']}  (both)"]
        lines += [f"Logs       {logs}/"]
        say(f"\nReady in {seconds:.0f} s.\n")
        for line in lines:
            say(f"  {line}")
        say("\nCtrl-C stops everything; the data is kept.\n")

    def _ask(self, *_: object) -> None:
        if self._stopping:
            self._supervisor.hurry()
        else:
            self._stopping = True
            raise Asked


def _check_port(port: int, wait: float) -> None:
    """Raise EmbeddedError, before anything starts, if the web port is taken."""
    deadline = time.monotonic() + wait
    while not ports.is_free(port):
        if time.monotonic() >= deadline:
            other = port + 1 if port < 65535 else port - 1
            raise EmbeddedError(
                f"Port {port} of 127.0.0.1 is taken by another program (or not allowed). "
                f"Choose another one: PORT={other} make run"
            )
        time.sleep(0.2)
