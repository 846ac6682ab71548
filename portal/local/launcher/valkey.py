"""An embedded Valkey, the Redis-compatible server: Celery's broker, kept on disk."""

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable

from portal.local.launcher import binaries, ports, state_files
from portal.local.launcher.child_process import ChildProcess, end_leftover
from portal.local.launcher.data_folder import DataFolder
from portal.local.launcher.errors import EmbeddedError

START_WAIT = 20.0  # seconds


class Valkey:
    name = "valkey"

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
        self._folder = data_folder.valkey
        self._state = self._folder / "state.json"
        self._config = self._folder / "valkey.conf"
        self._pid_file = self._folder / "valkey.pid"
        self.child: ChildProcess | None = None

    @property
    def url(self) -> str:
        notes = state_files.read(self._state)
        return f"redis://:{notes['password']}@127.0.0.1:{notes['port']}/0"

    def start(self) -> None:
        """Return when it answers. The port of before is kept while it is free."""
        if self._end_leftover():
            self._say("Valkey of an earlier run was still there: ended it.")
        notes = state_files.read(self._state)
        notes.setdefault("password", secrets.token_hex(16))
        if not ports.is_free(notes.setdefault("port", ports.find_free())):
            notes["port"] = ports.find_free()
        state_files.write(self._state, notes)
        self._launch(keep_port=False)

    def restart(self) -> None:
        """Start it again where its clients look for it."""
        self._end_leftover()
        self._launch(keep_port=True)

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def _launch(self, *, keep_port: bool) -> None:
        deadline = time.monotonic() + START_WAIT
        while True:
            notes = state_files.read(self._state)
            self._write_config(notes["port"], notes["password"])
            self.child = ChildProcess(
                "valkey",
                [str(binaries.valkey()), str(self._config)],
                log=self._data_folder.log("valkey"),
                folder=self._folder,
                remove=self._folder if self._throwaway else None,
                may_be_hurried=False,
            )
            self.child.start()
            while self.child.runs and time.monotonic() < deadline:
                if _answers(notes["port"], notes["password"]) and self.child.runs:
                    return
                time.sleep(0.03)
            self.child.stop()
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Valkey did not start in {START_WAIT:.0f} s. "
                    f"The end of {self.child.log}:\n{self.child.last_lines()}"
                )
            if not keep_port and not ports.is_free(notes["port"]):  # somebody was faster
                state_files.write(self._state, notes | {"port": ports.find_free()})
            time.sleep(0.3)

    def _write_config(self, port: int, password: str) -> None:
        """Write the settings to a 0600 file: a command line would show the password."""
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{self._folder}"',
            f'pidfile "{self._pid_file}"',
            f"appendonly {'yes' if self._durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
            "databases 64",
            "set-proc-title no",  # the path in its command line tells whose it is
        ]
        with os.fdopen(
            os.open(self._config, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w"
        ) as file:
            file.write("\n".join(lines) + "\n")

    def _end_leftover(self) -> bool:
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return False
        return end_leftover(pid, str(self._config), signal.SIGTERM)


def _answers(port: int, password: str) -> bool:
    """Say whether the server with this password is there and has loaded its data."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                if not (more := connection.recv(512)):
                    return False
                answer += more
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"
