"""An embedded PostgreSQL: set up once, started and stopped with its run."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from portal.local.launcher import binaries, ports, state_files
from portal.local.launcher.child_process import ChildProcess, end_leftover
from portal.local.launcher.data_folder import DataFolder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.readiness import Patience, wait_until_ready

USER = "llamada"
DATABASE = "llamada_perdida"
RETRY_FOR = 20.0  # seconds in which a server that ends at its start is started again
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
    """The PostgreSQL server of a data folder."""

    name = "postgres"

    def __init__(
        self,
        data_folder: DataFolder,
        *,
        patience: Patience,
        throwaway: bool = False,  # its data is deleted when it ends
        durable: bool = True,  # off: a crash of the machine may lose data
    ) -> None:
        self._data_folder = data_folder
        self._patience = patience
        self._throwaway = throwaway
        self._durable = durable
        self._data = data_folder.postgres / "data"
        self._state_file = data_folder.postgres / "state.json"
        self._bin = Path()
        self.child: ChildProcess | None = None

    @property
    def url(self) -> str:
        state = state_files.read(self._state_file)
        return f"postgres://{USER}:{state['password']}@127.0.0.1:{state['port']}/{DATABASE}"

    def start(self) -> None:
        """Start it and wait until it accepts connections. It keeps its port while that is free."""
        self._bin = binaries.postgres(self._data_folder)
        if end_leftover(self._postmaster_pid(), str(self._data), signal.SIGINT):
            self._patience.report("PostgreSQL of an earlier run was still there: ended it.")
        state = state_files.read(self._state_file)
        state.setdefault("password", secrets.token_hex(16))
        if not ports.is_free(state.setdefault("port", ports.find_free())):
            state["port"] = ports.find_free()
        state_files.write(self._state_file, state)
        if not self._data.is_dir():
            self._create(state["password"])
        self._check_version()
        self._launch(keep_port=False)

    def restart(self) -> None:
        """Start it again on the same port."""
        end_leftover(self._postmaster_pid(), str(self._data), signal.SIGINT)
        self._launch(keep_port=True)

    def _launch(self, *, keep_port: bool) -> None:
        deadline = time.monotonic() + RETRY_FOR
        while True:
            port = state_files.read(self._state_file)["port"]
            self.child = self._server(port)
            self.child.start()
            if self._wait_until_ready(self.child, port):
                return
            self.child.stop()
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL ended at each start for {RETRY_FOR:.0f} s. "
                    f"The end of {self.child.log}:\n{self.child.last_lines()}"
                )
            if not keep_port and not ports.is_free(port):  # another process took it
                state_files.write(
                    self._state_file,
                    state_files.read(self._state_file) | {"port": ports.find_free()},
                )
            time.sleep(0.3)

    def _server(self, port: int) -> ChildProcess:
        settings = SETTINGS | {"port": str(port)}
        if not self._durable:
            settings |= UNDURABLE_SETTINGS
        return self._child(
            [str(self._bin / "postgres"), "-D", str(self._data)]
            + [word for key, value in settings.items() for word in ("-c", f"{key}={value}")],
            end_signal="INT",  # a fast shutdown: ends sessions, loses nothing
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
            can_be_killed=False,
        )

    def _wait_until_ready(self, child: ChildProcess, port: int) -> bool:
        """Return whether it accepts connections; False if it ended before.

        pg_ctl's status is not used: a dead server can look alive to it.
        """
        command = [str(self._bin / "pg_isready"), "-q", "-t", "2"]
        command += ["-h", "127.0.0.1", "-p", str(port), "-d", DATABASE, "-U", USER]

        def is_ready() -> bool:
            # Its own file as well: another server may respond on a port taken meanwhile.
            status = [line.strip() for line in self._postmaster_lines()[7:8]]
            return status == ["ready"] and subprocess.run(command, check=False).returncode == 0

        return wait_until_ready(
            child,
            is_ready,
            condition=f"connections at 127.0.0.1:{port}",
            patience=self._patience,
            interval=0.03,
        )

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def _create(self, password: str) -> None:
        """Create the cluster and its database in a draft folder, which is renamed when complete."""
        self._delete_drafts()
        # A name of its own: the watchdog of an earlier attempt may still be deleting its folder.
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
        self._delete_drafts()

    def _delete_drafts(self) -> None:
        """Delete what earlier attempts left."""
        for draft in self._data_folder.postgres.glob("*.new-*"):
            shutil.rmtree(draft, ignore_errors=True)

    def _run(self, command: list[str]) -> None:
        child = self._child(command)
        child.start()
        try:
            code = child.wait(max(120, self._patience.seconds))
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
        created_by = (self._data / "PG_VERSION").read_text().strip()
        version = binaries.postgres_version(self._bin)
        if created_by != str(version):
            raise EmbeddedError(
                f"The data in {self._data} was created by PostgreSQL {created_by}, "
                f"this is {version}. "
                "Dump and load it with that version, or start again with `make clean`."
            )

    def _postmaster_lines(self) -> list[str]:
        """Return postmaster.pid: pid, folder, start, port, sockets, address, memory, status."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _postmaster_pid(self) -> int:
        """Return the pid of the server that uses this data, 0 if there is none."""
        first = "".join(self._postmaster_lines()[:1])
        return int(first) if first.isdigit() else 0
