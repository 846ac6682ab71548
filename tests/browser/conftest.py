"""Debian's Chromium on the portal as it is deployed: gunicorn, hashed static files, strict CSP."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from portal.accounts.models import User
from tests.processes import Celery, Sandbox, Web

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop of its own

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--metrics-recording-only",
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    browser = os.environ.get("CHROMIUM") or which("chromium")
    assert browser, "no chromium: `make test` installs it"
    return {"executable_path": browser, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {
        "locale": "es-MX",
        "timezone_id": "America/Mexico_City",
        "viewport": {"width": 1366, "height": 800},
    }


IDLE_READINGS = 6  # in a row: a request is idle between two of its queries


@pytest.fixture(scope="session")
def web_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One web process for the session, on the session's database."""
    web = Web(tmp_path_factory.mktemp("web"))
    yield web
    web.stop()


@pytest.fixture
def web(web_process: Web, transactional_db: None, browser: Browser) -> Iterator[Web]:
    """The web process on this test's rows. It is idle before they are deleted.

    A page saves its form when it is left, so every page is left first.
    """
    yield web_process
    for context in browser.contexts:
        for page in context.pages:
            page.goto("about:blank")
    deadline, idle = time.monotonic() + 5, 0
    while idle < IDLE_READINGS and time.monotonic() < deadline:
        idle = 0 if _is_busy() else idle + 1
        time.sleep(0.05)


def _is_busy() -> bool:
    """Return whether another session of this database runs a query or has a transaction open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        return cursor.fetchone() is not None


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "gateway") as sandbox:
        yield sandbox


@pytest.fixture
def workers(gateway: Sandbox, transactional_db: None) -> Iterator[None]:
    """A Celery worker and beat on this test's database and sandbox."""
    started = [Celery("worker", gateway), Celery("beat", gateway)]
    yield
    for process in started:
        process.stop()


@pytest.fixture
def sign_in(web: Web) -> Callable[[BrowserContext, User], None]:
    """Return a function that signs a user in by a cookie, for tests of other pages."""

    def sign(context: BrowserContext, user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.clear_cookies()
        context.add_cookies([{"name": name, "value": value, "url": web.url}])

    return sign


@pytest.fixture
def browser_reports(page: Page) -> list[str]:
    """What the browser reports: breaches of the CSP, script errors, files that are missing."""
    reports: list[str] = []
    page.on("console", lambda m: reports.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: reports.append(str(error)))
    return reports
