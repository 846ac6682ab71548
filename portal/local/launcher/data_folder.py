"""The folders in which an embedded run keeps its data."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from portal.local.launcher import state_files
from portal.local.launcher.errors import EmbeddedError

CHECKOUT = Path(__file__).resolve().parents[3]
NAME = "llamada-perdida"
# Raised when data of earlier versions cannot be used any more, as when migrations start anew.
LAYOUT = 2


class DataFolder:
    """The folders of one embedded run: everything but PostgreSQL's data is under `path`.

    PostgreSQL refuses to run as root, so root runs it as the user `nobody`, who must be able
    to reach the data: it is under `path` if every user may traverse all parents of `path`,
    else in a folder under /var/tmp whose name is made from `path`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.postgres_user = "nobody" if os.geteuid() == 0 else None
        self.postgres = self.path / "postgres"
        if self.postgres_user and not is_reachable_by_all(self.path):
            digest = hashlib.sha256(str(self.path).encode()).hexdigest()[:12]
            self.postgres = Path("/var/tmp") / f"{NAME}-{digest}"  # noqa: S108 (checked in make)
        self.valkey = self.path / "valkey"
        self.logs = self.path / "logs"

    def make(self) -> None:
        """Create what is missing.

        Raise EmbeddedError if the data is of another layout or a folder of another user.
        """
        layout_file = self.path / "layout.json"
        is_new = not any(
            (folder / "state.json").exists() for folder in (self.postgres, self.valkey)
        )
        for folder in (self.path, self.postgres, self.valkey, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise EmbeddedError(f"{folder} belongs to another user. Remove it, or ask them.")
            reached_by_nobody = self.postgres_user and folder in (self.path, self.postgres)
            folder.chmod(0o711 if reached_by_nobody else 0o700)
        if is_new:
            state_files.write(layout_file, {"layout": LAYOUT})
        elif state_files.read(layout_file).get("layout") != LAYOUT:
            raise EmbeddedError(
                f"The data in {self.path} is of another version of the portal, which this one "
                "cannot use. Delete it with `make clean`, and start again."
            )

    def log(self, name: str) -> Path:
        """Return the path of a process's log."""
        return self.logs / f"{name}.log"

    def remove(self) -> None:
        """Delete everything."""
        for folder in (self.postgres, self.path):
            shutil.rmtree(folder, ignore_errors=True)


def checkout_data_folder() -> DataFolder:
    """Return the data folder of this checkout: `.data/`, or the folder that EMBEDDED_DATA names."""
    return DataFolder(Path(os.environ.get("EMBEDDED_DATA") or CHECKOUT / ".data"))


def is_reachable_by_all(path: Path) -> bool:
    """Return whether every user may traverse all parents of `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents if parent.exists())


class ThrowawayDataFolder(DataFolder):
    """A temporary data folder for tests and checks, deleted when its servers end.

    A lock that this process holds as long as it lives marks the folder as being in use.
    """

    def __init__(self) -> None:
        folder = Path(tempfile.gettempdir())
        if os.geteuid() == 0 and not is_reachable_by_all(folder / "x"):
            folder = Path("/var/tmp")  # noqa: S108 (mkdtemp below makes a new folder)
        delete_abandoned(folder)
        super().__init__(Path(tempfile.mkdtemp(prefix=f"{NAME}-{os.getuid()}-", dir=folder)))
        self.make()
        draft = self.path / "lock.new"
        self._lock = os.open(draft, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        draft.rename(self.path / "lock")  # so that it is never seen unlocked

    def remove(self) -> None:
        super().remove()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def delete_abandoned(folder: Path) -> None:
    """Delete the throw-away folders of this user whose process was killed."""
    for data_folder in folder.glob(f"{NAME}-{os.getuid()}-*"):
        with contextlib.suppress(OSError):
            if data_folder.is_symlink() or data_folder.stat().st_uid != os.geteuid():
                continue
            lock = os.open(data_folder / "lock", os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(data_folder, ignore_errors=True)
            finally:
                os.close(lock)
