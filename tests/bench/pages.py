"""Bench of the server's time for each page, beside /salud/ of the same process."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import NamedTuple

from django.core.management import call_command
from django.urls import reverse

from campaigns.models import Campaign
from tests.bench.brands import PASSWORD, drafts, in_review, reviewer, teams, terms
from tests.bench.browser import Browser, Fields, Page, WrongPage
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import percentile
from tests.bench.rows import Row
from tests.bench.web import HEALTH, web

CAMPAIGNS = 200  # of the brand whose list is measured, and as many in the reviewers' queue
BRANDS = 10
ROUNDS = 40
WARM_UP = 3  # rounds that do not count: templates are compiled, connections opened


class Visit(NamedTuple):
    """One page to measure: its request, and the status and a text that it must have."""

    name: str
    browser: Browser
    request: Callable[[], Page]
    status: int
    proof: str


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    """Measure all pages in turn, each followed by /salud/, in every round."""
    environment.reset()
    call_command("collectstatic", verbosity=0, interactive=False)
    with ExitStack() as stack:
        visits = _visits(stack)
        for _ in range(WARM_UP):
            pages = [_visit(visit) for visit in visits]
        pairs: list[list[tuple[float, float]]] = [[] for _ in visits]
        for _ in range(ROUNDS):
            for visit, taken in zip(visits, pairs, strict=True):
                taken.append((_visit(visit).seconds, visit.browser.get(HEALTH).seconds))
    for visit, taken, page in zip(visits, pairs, pages, strict=True):
        yield from _rows(visit.name, taken, page)


def _visits(stack: ExitStack) -> list[Visit]:
    """Create reservations, start the server, sign in an editor and a reviewer."""
    all_teams = teams(BRANDS)
    waiting = in_review(all_teams, CAMPAIGNS)
    own = all_teams[0]
    [*_, newest] = drafts(own, range(CAMPAIGNS - CAMPAIGNS // BRANDS))
    staff_person = reviewer()
    port = stack.enter_context(web())
    brand, staff = Browser(port), Browser(port)
    for browser, person in ((brand, own.editor), (staff, staff_person)):
        stack.callback(browser.close)
        browser.sign_in(person.email, PASSWORD)
    folio = waiting[0].folio
    slug = [own.brand.slug]
    queue = reverse("admin:campaigns_campaign_changelist")
    return [
        _get(
            f"list, 25 of {CAMPAIGNS}", brand, reverse("portal:campaigns", args=slug), newest.folio
        ),
        _get("zone step, 413 LADAs", brand, _step(newest, "zona"), 'value="999"'),
        _get("dates step, 120 days", brand, _step(newest, "fechas"), "month"),
        _get("campaign", brand, reverse("portal:campaign", args=[folio]), folio),
        _saves(brand, _step(newest, "datos")),
        _availability(brand),
        _get(f"admin queue, {CAMPAIGNS} waiting", staff, queue, folio),
    ]


def _rows(name: str, taken: list[tuple[float, float]], page: Page) -> Iterator[Row]:
    for percent in (50, 95):
        own, floor = (
            percentile([1_000 * pair[side] for pair in taken], percent) for side in (0, 1)
        )
        yield Row(f"{name}, p{percent}", own, "ms", f"GET {HEALTH}, p{percent}", floor, ROUNDS)
    if page.body:
        size = len(gzip.compress(page.body, 6))
        yield Row(f"{name}, gzip", size, "bytes", "the page as it is", len(page.body), 1)


def _visit(visit: Visit) -> Page:
    page = visit.request()
    if page.status != visit.status or visit.proof not in page.body.decode() + page.location:
        raise WrongPage(f"{visit.name}: {page.status} {page.location}")
    return page


def _get(name: str, browser: Browser, path: str, proof: str) -> Visit:
    return Visit(name, browser, lambda: browser.get(path), 200, proof)


def _step(campaign: Campaign, slug: str) -> str:
    return reverse("portal:campaign_step", args=[campaign.folio, slug])


def _saves(browser: Browser, path: str) -> Visit:
    """Return a visit that autosaves a draft, each time with another name."""
    numbers = count(1)
    found = re.search(r'name="revision" value="(\d+)"', browser.get(path).body.decode())
    assert found is not None
    revision = found[1]

    def save() -> Page:
        nonlocal revision
        fields = {"name": f"Cambio {next(numbers)}", "use": "broadcast", "revision": revision}
        saved = browser.post(path, {**fields, "action": "autosave"})
        revision = str(json.loads(saved.body)["revision"])
        return saved

    return Visit("step, autosave", browser, save, 200, "Guardado")


def _availability(browser: Browser) -> Visit:
    path, fields = reverse("portal:availability"), _fields(2)
    name = "availability, national × 7 days"
    return Visit(name, browser, lambda: browser.post(path, fields), 200, "Disponibles")


def _fields(number: int) -> Fields:
    """Return the form's fields for the terms of the n-th campaign."""
    wanted = terms(number)
    area = wanted["area"]
    return {
        "name": wanted["name"],
        "use": "broadcast",
        "text": wanted["text"],
        "scope": "nation" if area.get("nationwide") else "zones",
        "ladas": area.get("ladas", []),
        "starts_on": wanted["starts_on"].isoformat(),
        "ends_on": wanted["ends_on"].isoformat(),
        "volume": str(wanted["volume"]),
    }
