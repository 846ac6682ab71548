"""An embedded Valkey, a Redis-compatible server: Celery's broker, kept on disk."""

import os
import secrets
import signal
import socket
import time

from portal.local.launcher import binaries, ports, state_files
from portal.local.launcher.child_process import ChildProcess, end_leftover
from portal.local.launcher.data_folder import DataFolder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.readiness import Patience, wait_until_ready

RETRY_FOR = 20.0  # seconds in which a server that ends at its start is started again


class Valkey:
    """The Valkey server of a data folder."""

    name = "valkey"

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
        self._folder = data_folder.valkey
        self._state_file = self._folder / "state.json"
        self._config = self._folder / "valkey.conf"
        self._pid_file = self._folder / "valkey.pid"
        self.child: ChildProcess | None = None

    @property
    def url(self) -> str:
        state = state_files.read(self._state_file)
        return f"redis://:{state['password']}@127.0.0.1:{state['port']}/0"

    def start(self) -> None:
        """Start it and wait until it responds. It keeps its port while that is free."""
        if self._end_leftover():
            self._patience.report("Valkey of an earlier run was still there: ended it.")
        state = state_files.read(self._state_file)
        state.setdefault("password", secrets.token_hex(16))
        if not ports.is_free(state.setdefault("port", ports.find_free())):
            state["port"] = ports.find_free()
        state_files.write(self._state_file, state)
        self._launch(keep_port=False)

    def restart(self) -> None:
        """Start it again on the same port."""
        self._end_leftover()
        self._launch(keep_port=True)

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def _launch(self, *, keep_port: bool) -> None:
        deadline = time.monotonic() + RETRY_FOR
        while True:
            state = state_files.read(self._state_file)
            self._write_config(state["port"], state["password"])
            self.child = ChildProcess(
                "valkey",
                [str(binaries.valkey()), str(self._config)],
                log=self._data_folder.log("valkey"),
                folder=self._folder,
                remove=self._folder if self._throwaway else None,
                can_be_killed=False,
            )
            self.child.start()
            if self._wait_until_ready(self.child, state["port"], state["password"]):
                return
            self.child.stop()
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Valkey ended at each start for {RETRY_FOR:.0f} s. "
                    f"The end of {self.child.log}:\n{self.child.last_lines()}"
                )
            if not keep_port and not ports.is_free(state["port"]):  # another process took it
                state_files.write(self._state_file, state | {"port": ports.find_free()})
            time.sleep(0.3)

    def _wait_until_ready(self, child: ChildProcess, port: int, password: str) -> bool:
        return wait_until_ready(
            child,
            lambda: _is_ready(port, password),
            condition=f"a reply at 127.0.0.1:{port}",
            patience=self._patience,
            interval=0.03,
        )

    def _write_config(self, port: int, password: str) -> None:
        """Write the settings to a file of mode 0600: a command line would show the password."""
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
            "set-proc-title no",  # end_leftover looks for the path in its command line
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


def _is_ready(port: int, password: str) -> bool:
    """Return whether the server accepts this password and has loaded its data."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            reply = b""
            while reply.count(b"\r\n") < 2:
                if not (more := connection.recv(512)):
                    return False
                reply += more
    except OSError:
        return False
    return reply == b"+OK\r\n+PONG\r\n"
