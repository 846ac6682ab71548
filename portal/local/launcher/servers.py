"""The two servers the portal needs: the ones of the environment, else embedded ones."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from portal.local.launcher.data_folder import DataFolder, ThrowawayDataFolder
from portal.local.launcher.postgres import Postgres
from portal.local.launcher.valkey import Valkey

__all__ = ["Postgres", "Servers", "Valkey", "throwaway"]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Servers:
    """What is embedded here, by the variable its clients read."""

    def __init__(
        self,
        data_folder: DataFolder,
        environ: Mapping[str, str],
        *,
        say: Callable[[str], None] = say,
        throwaway: bool = False,
        durable: bool = True,
    ) -> None:
        kinds: dict[str, type[Postgres] | type[Valkey]] = {
            "DATABASE_URL": Postgres,
            "REDIS_URL": Valkey,
        }
        self.by_variable: dict[str, Postgres | Valkey] = {
            variable: kind(data_folder, say=say, throwaway=throwaway, durable=durable)
            for variable, kind in kinds.items()
            if not environ.get(variable)
        }

    @property
    def urls(self) -> dict[str, str]:
        """Give the addresses of those that are embedded."""
        return {variable: server.url for variable, server in self.by_variable.items()}

    def start(self) -> None:
        for server in self.by_variable.values():
            server.start()

    def stop(self) -> None:
        for server in reversed(self.by_variable.values()):
            server.stop()


@contextmanager
def throwaway(environ: Mapping[str, str], *, durable: bool = False) -> Iterator[dict[str, str]]:
    """Give the addresses of new, empty servers that are gone at the end, data and all.

    They do not wait for the disk, as tests should not, unless they are `durable`.
    """
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not environ.get(name)]
    if not missing:
        yield {}
        return
    data_folder = ThrowawayDataFolder()
    servers = Servers(data_folder, environ, throwaway=True, durable=durable)
    try:
        servers.start()
        yield servers.urls
    finally:
        servers.stop()
        data_folder.remove()
