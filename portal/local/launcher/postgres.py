"""An embedded PostgreSQL: made once, started and stopped with its run."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from portal.local.launcher import binaries, ports, state_files
from portal.local.launcher.child_process import ChildProcess, end_leftover
from portal.local.launcher.data_folder import DataFolder
from portal.local.launcher.errors import EmbeddedError

USER = "llamada"
DATABASE = "llamada_perdida"
START_WAIT = 20.0  # seconds; recovery after a kill took 2.5
BUILTIN_LOCALES_SINCE = 17  # PostgreSQL's own C.UTF-8, the same on every system
CONNECTIONS = 200
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": str(CONNECTIONS),
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
UNDURABLE_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postgres:
    name = "postgres"

    def __init__(
        self,
        data_folder: DataFolder,
        *,
        say: Callable[[str], None],
        throwaway: bool = False,  # its data is deleted when it ends
        durable: bool = True,  # off: a crash of the machine may lose data
    ) -> None:
        self._data_folder = data_folder
        self._say = say
        self._throwaway = throwaway
        self._durable = durable
        self._data = data_folder.postgres / "data"
        self._state = data_folder.postgres / "state.json"
        self._bin = Path()
        self.child: ChildProcess | None = None

    @property
    def url(self) -> str:
        notes = state_files.read(self._state)
        return f"postgres://{USER}:{notes['password']}@127.0.0.1:{notes['port']}/{DATABASE}"

    def start(self) -> None:
        """Return when it answers. The port of before is kept while it is free."""
        self._bin = binaries.postgres(self._data_folder)
        if end_leftover(self._postmaster_pid(), str(self._data), signal.SIGINT):
            self._say("PostgreSQL of an earlier run was still there: ended it.")
        notes = state_files.read(self._state)
        notes.setdefault("password", secrets.token_hex(16))
        if not ports.is_free(notes.setdefault("port", ports.find_free())):
            notes["port"] = ports.find_free()
        state_files.write(self._state, notes)
        if not self._data.is_dir():
            self._create(notes["password"])
        self._check_version()
        self._launch(keep_port=False)

    def restart(self) -> None:
        """Start it again where its clients look for it."""
        end_leftover(self._postmaster_pid(), str(self._data), signal.SIGINT)
        self._launch(keep_port=True)

    def _launch(self, *, keep_port: bool) -> None:
        deadline = time.monotonic() + START_WAIT
        while True:
            port = state_files.read(self._state)["port"]
            self.child = self._server(port)
            self.child.start()
            if self._becomes_ready(port, deadline):
                return
            self.child.stop()
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL did not start in {START_WAIT:.0f} s. "
                    f"The end of {self.child.log}:\n{self.child.last_lines()}"
                )
            if not keep_port and not ports.is_free(port):  # somebody was faster
                state_files.write(
                    self._state, state_files.read(self._state) | {"port": ports.find_free()}
                )
            time.sleep(0.3)

    def _server(self, port: int) -> ChildProcess:
        settings = SETTINGS | {"port": str(port)}
        if not self._durable:
            settings |= UNDURABLE_SETTINGS
        return self._child(
            [str(self._bin / "postgres"), "-D", str(self._data)]
            + [word for key, value in settings.items() for word in ("-c", f"{key}={value}")],
            end_signal="INT",  # a fast shutdown: waits for nobody, loses nothing
            grace=30,
            remove=self._data_folder.postgres if self._throwaway else None,
        )

    def _child(
        self,
        command: list[str],
        *,
        end_signal: str = "TERM",
        grace: float = 5,
        remove: Path | None = None,
    ) -> ChildProcess:
        env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return ChildProcess(
            "postgres",
            command,
            log=self._data_folder.log("postgres"),
            env=env | {"LC_ALL": "C", "TZ": "UTC"},
            folder=self._data_folder.postgres,
            user=self._data_folder.postgres_user,
            end_signal=end_signal,
            grace=grace,
            remove=remove,
            may_be_hurried=False,
        )

    def _becomes_ready(self, port: int, deadline: float) -> bool:
        """Wait for it; pg_ctl's status is no proof, a dead server can look alive to it."""
        asks = [str(self._bin / "pg_isready"), "-q", "-t", "2"]
        asks += ["-h", "127.0.0.1", "-p", str(port), "-d", DATABASE, "-U", USER]
        while self.child and self.child.runs and time.monotonic() < deadline:
            # Its own file as well: another server may answer on a port taken meanwhile.
            if (
                [line.strip() for line in self._postmaster_lines()[7:8]] == ["ready"]
                and subprocess.run(asks, check=False).returncode == 0
                and self.child.runs
            ):
                return True
            time.sleep(0.03)
        return False

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def _create(self, password: str) -> None:
        """Make the cluster and its database aside, and give it its name when it is whole."""
        self._sweep()
        # A name of its own: the attempt before may still be tidying up behind itself.
        attempt = self._data_folder.postgres / f"attempt.new-{secrets.token_hex(4)}"
        attempt.mkdir(mode=0o711)
        draft, password_file = attempt / "data", attempt / "password"
        draft.mkdir(mode=0o700)
        with os.fdopen(os.open(password_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(password)
        if user := self._data_folder.postgres_user:
            shutil.chown(draft, user)
            shutil.chown(password_file, user)
        builtin = binaries.postgres_version(self._bin) >= BUILTIN_LOCALES_SINCE
        command = [str(self._bin / "initdb"), "-D", str(draft), "-U", USER]
        command += ["--locale-provider=builtin"] if builtin else []
        command += ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=scram-sha-256"]
        command += [f"--pwfile={password_file}", "--data-checksums", "--no-instructions"]
        command += [] if self._durable else ["--no-sync"]
        self._run(command)
        statement = f"CREATE DATABASE {DATABASE};"
        single = 'echo "$1" | "$0" --single -D "$2" template1'
        self._run(["/bin/sh", "-c", single, str(self._bin / "postgres"), statement, str(draft)])
        draft.rename(self._data)
        self._sweep()

    def _sweep(self) -> None:
        """Remove what attempts left; one that is still being ended may leave more behind."""
        for left in self._data_folder.postgres.glob("*.new-*"):
            shutil.rmtree(left, ignore_errors=True)

    def _run(self, command: list[str]) -> None:
        child = self._child(command)
        child.start()
        try:
            code = child.wait(120)
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            child.stop()
        if code:
            raise EmbeddedError(
                f"PostgreSQL could not be set up: {command[0]} ended with {code}. "
                f"The end of {child.log}:\n{child.last_lines()}"
            )

    def _check_version(self) -> None:
        made_by = (self._data / "PG_VERSION").read_text().strip()
        have = binaries.postgres_version(self._bin)
        if made_by != str(have):
            raise EmbeddedError(
                f"The data in {self._data} was made by PostgreSQL {made_by}, here is {have}. "
                "Dump and load it with that version, or begin anew with `make clean`."
            )

    def _postmaster_lines(self) -> list[str]:
        """Give postmaster.pid: number, folder, start, port, sockets, address, memory, status."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _postmaster_pid(self) -> int:
        """Give the number of the server that has this data, 0 if there is none."""
        first = "".join(self._postmaster_lines()[:1])
        return int(first) if first.isdigit() else 0
