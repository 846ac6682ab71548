"""The two servers that the portal needs: those of the environment, else embedded ones."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from portal.local.launcher.data_folder import DataFolder, ThrowawayDataFolder
from portal.local.launcher.environment import start_timeout
from portal.local.launcher.postgres import Postgres
from portal.local.launcher.readiness import Patience
from portal.local.launcher.valkey import Valkey

__all__ = ["Postgres", "Servers", "Valkey", "throwaway"]

VARIABLES: Mapping[str, type[Postgres] | type[Valkey]] = {
    "DATABASE_URL": Postgres,
    "REDIS_URL": Valkey,
}


def report(text: str) -> None:
    """Print a line on standard error."""
    print(text, file=sys.stderr, flush=True)


class Servers:
    """The embedded servers, by the variable that their clients read.

    None is embedded for a variable that `environ` sets.
    """

    def __init__(
        self,
        data_folder: DataFolder,
        environ: Mapping[str, str],
        *,
        report: Callable[[str], None] = report,
        throwaway: bool = False,
        durable: bool = True,
    ) -> None:
        patience = Patience(start_timeout(environ), report)
        self.by_variable: dict[str, Postgres | Valkey] = {
            variable: server(data_folder, patience=patience, throwaway=throwaway, durable=durable)
            for variable, server in VARIABLES.items()
            if not environ.get(variable)
        }

    @property
    def urls(self) -> dict[str, str]:
        """The URLs of the embedded servers, by variable."""
        return {variable: server.url for variable, server in self.by_variable.items()}

    def start(self) -> None:
        for server in self.by_variable.values():
            server.start()

    def stop(self) -> None:
        for server in reversed(self.by_variable.values()):
            server.stop()


@contextmanager
def throwaway(environ: Mapping[str, str], *, durable: bool = False) -> Iterator[dict[str, str]]:
    """Yield the URLs of new, empty servers, which are deleted with their data at the end.

    They do not wait for the disk, which is faster for tests, unless they are `durable`.
    """
    if all(environ.get(variable) for variable in VARIABLES):
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
