"""pytest plugin (`-p tests.servers`): real servers for the tests, made and removed here.

Where DATABASE_URL or REDIS_URL is set, that server is used and none is started for it.
"""

import os
import time
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.foreground import test_environment
from portal.local.launcher.servers import throwaway


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start the servers before pytest-django reads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:  # the servers are the controller's; each worker has a Redis database of its own
        parts = urlsplit(os.environ["REDIS_URL"])
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = parts._replace(path=f"/{number}").geturl()
    else:
        stack = ExitStack()
        early_config.add_cleanup(stack.close)
        try:
            urls = stack.enter_context(throwaway(os.environ))
        except EmbeddedError as error:
            raise pytest.UsageError(str(error)) from error
        os.environ.update(test_environment(os.environ) | urls)
    return (yield)


def is_gone(pid: int, *, within: float = 10.0) -> bool:
    """Poll until no such process runs (a zombie counts as gone)."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except ProcessLookupError:
            return True
        except OSError:  # gone in between, or another system than Linux
            pass
        time.sleep(0.05)
    return False


def child_environment() -> dict[str, str]:
    """Return the environment for a process that uses the test's own database.

    Playwright's loop makes the tests allow Django under it; a process of its own has no such loop.
    """
    from django.db import connection

    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return own | {"DATABASE_URL": url}
