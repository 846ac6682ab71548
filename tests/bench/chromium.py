"""Debian's Chromium on a slowed processor, and its figures of a page: paints, shifts, keys."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import which
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from campaigns.models import Campaign
from portal.accounts.models import User
from tests.bench.brands import PASSWORD

SLOWED = 4  # times: a telephone of the middle class
SETTLED = 400  # milliseconds after which a page that has loaded draws no more

_QUIET = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
_QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
_SIZE = {"width": 1366, "height": 800}
#: Runs before the page's own scripts, on every page.
_WATCH = """
window.seen = { paint: 0, shift: 0, keys: [] };
const watch = (type, record, more = {}) =>
  new PerformanceObserver((list) => list.getEntries().forEach(record))
    .observe({ type, buffered: true, ...more });
watch("largest-contentful-paint", (entry) => { seen.paint = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
watch("event", (entry) => { if (entry.interactionId) seen.keys.push(entry.duration); },
  { durationThreshold: 16 });
"""


class NoBrowser(Exception):
    """There is no Chromium on this machine: apt-get install chromium."""


class Window:
    """The browser of one user: each page is opened in a new context, with empty caches."""

    def __init__(self, browser: Browser, url: str, *, slowed: int = SLOWED) -> None:
        self.url = url
        self.browser = browser
        self._slowed = slowed
        self._cookies: list[Any] = []

    def sign_in(self, user: User) -> None:
        """Sign in on the page; later pages are opened as this user."""
        with self.open("/entrar/", slowed=1) as page:
            page.get_by_label("Correo").fill(user.email)
            page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
            page.get_by_label("Contraseña", exact=True).press("Enter")
            page.wait_for_url(lambda url: "/entrar/" not in url)
            self._cookies = page.context.cookies()

    @contextmanager
    def open(self, path: str, *, slowed: int | None = None) -> Iterator[Page]:
        """Load a page with nothing in the caches, and wait until it has settled."""
        context = self.browser.new_context(
            locale="es-MX", timezone_id="America/Mexico_City", viewport=_SIZE
        )
        context.add_cookies(self._cookies)
        context.add_init_script(_WATCH)
        page = context.new_page()
        tool = context.new_cdp_session(page)
        tool.send("Emulation.setCPUThrottlingRate", {"rate": slowed or self._slowed})
        response = page.goto(self.url + path)
        assert response is not None
        assert response.status == 200, f"{path}: {response.status}"
        page.wait_for_timeout(SETTLED)
        yield page
        context.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium for the block. Raises NoBrowser."""
    program = os.environ.get("CHROMIUM") or which("chromium")
    if not program:
        raise NoBrowser("no chromium: `make test` installs it, CHROMIUM names another one")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop of its own
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_QUIET)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def paint(page: Page) -> float:
    """Return the milliseconds from the click on a link to the largest paint of its page."""
    return float(page.evaluate("seen.paint"))


def shift(page: Page) -> float:
    """Return the layout shift of the page, as the Layout Instability API counts it."""
    return float(page.evaluate("seen.shift"))


def longest(page: Page, act: Callable[[Page], None]) -> float:
    """Return the longest time, in milliseconds, from a key or click of `act` to the next paint.

    The Event Timing API reports steps of 8 ms and nothing below 16 ms, which counts as 16.
    """
    page.evaluate("seen.keys.length = 0")
    act(page)
    page.wait_for_timeout(SETTLED)
    return float(max([16, *page.evaluate("seen.keys")]))


def step(campaign: Campaign, slug: str) -> str:
    return f"/campanas/{campaign.folio}/editar/{slug}/"
