"""Where an embedded run keeps its data, and what it remembers between runs."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
NAME = "llamada-perdida"


class EmbeddedError(Exception):
    """The embedded run cannot go on; the message says why and what to do."""


class Home:
    """The folders of one embedded run: everything but PostgreSQL's data is under `path`.

    PostgreSQL refuses to run as root, so root runs it as `nobody`, whose data must stand
    where nobody can reach it: in place if all parents can be traversed, else in a folder
    under /var/tmp named after `path`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.postgres_user = "nobody" if os.geteuid() == 0 else None
        self.postgres = self.path / "postgres"
        if self.postgres_user and not may_be_reached(self.path):
            digest = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
            self.postgres = Path("/var/tmp") / f"{NAME}-{digest}"  # noqa: S108 (checked in make)
        self.valkey = self.path / "valkey"
        self.logs = self.path / "logs"

    def make(self) -> None:
        """Create what is missing. Raise EmbeddedError if a folder belongs to another."""
        for folder in (self.path, self.postgres, self.valkey, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise EmbeddedError(f"{folder} belongs to another user. Remove it, or ask them.")
            reached_by_nobody = self.postgres_user and folder in (self.path, self.postgres)
            folder.chmod(0o711 if reached_by_nobody else 0o700)

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def remove(self) -> None:
        for folder in (self.postgres, self.path):
            shutil.rmtree(folder, ignore_errors=True)


def of_checkout() -> Home:
    """Give the home of this checkout: `.data/`, or the folder EMBEDDED_DATA names."""
    return Home(Path(os.environ.get("EMBEDDED_DATA") or CHECKOUT / ".data"))


def may_be_reached(path: Path) -> bool:
    """Say whether every user may traverse all parents of `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents if parent.exists())


class ThrowawayHome(Home):
    """A home of its own for tests and checks, gone when its servers end.

    A lock held for as long as this process lives tells a home in use from a leftover.
    """

    def __init__(self) -> None:
        folder = Path(tempfile.gettempdir())
        if os.geteuid() == 0 and not may_be_reached(folder / "x"):
            folder = Path("/var/tmp")  # noqa: S108 (mkdtemp below makes a new folder)
        sweep(folder)
        super().__init__(Path(tempfile.mkdtemp(prefix=f"{NAME}-{os.getuid()}-", dir=folder)))
        self.make()
        draft = self.path / "lock.new"
        self._lock = os.open(draft, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        draft.rename(self.path / "lock")  # never to be seen unlocked

    def remove(self) -> None:
        super().remove()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def sweep(folder: Path) -> None:
    """Delete the throw-away homes of this user whose owner was killed."""
    for home in folder.glob(f"{NAME}-{os.getuid()}-*"):
        with contextlib.suppress(OSError):
            if home.is_symlink() or home.stat().st_uid != os.geteuid():
                continue
            lock = os.open(home / "lock", os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(home, ignore_errors=True)
            finally:
                os.close(lock)


def read_notes(path: Path) -> dict[str, Any]:
    """Give what was remembered, or nothing if it cannot be read."""
    try:
        notes = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def write_notes(path: Path, notes: dict[str, Any]) -> None:
    """Remember in a 0600 file, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(notes, file)
    draft.replace(path)


def is_free(port: int) -> bool:
    """Say whether 127.0.0.1:port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
