"""How long the server takes for each page, beside /salud/ of the same process."""

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
from tests.bench.ground import Ground
from tests.bench.rounds import percentile
from tests.bench.rows import Row
from tests.bench.web import HEALTH, web

CAMPAIGNS = 200  # of the brand whose list is measured, and as many in the reviewers' queue
BRANDS = 10
ROUNDS = 40
WARM_UP = 3  # rounds that do not count: templates are compiled, connections opened


class Visit(NamedTuple):
    """One page to measure: how to ask for it, and what shows that it is the right one."""

    name: str
    browser: Browser
    ask: Callable[[], Page]
    status: int
    proof: str


def measure(ground: Ground) -> Iterator[Row]:
    """Go round all pages, each followed by /salud/; every page over the same set of rounds."""
    ground.fresh()
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
    """Fill the book, start the server, sign in a brand's person and a reviewer."""
    whose = teams(BRANDS)
    waiting = in_review(whose, CAMPAIGNS)
    own = whose[0]
    [*_, newest] = drafts(own, range(CAMPAIGNS - CAMPAIGNS // BRANDS))
    staff_person = reviewer()
    port = stack.enter_context(web())
    brand, staff = Browser(port), Browser(port)
    for browser, person in ((brand, own.editor), (staff, staff_person)):
        stack.callback(browser.close)
        browser.sign_in(person.email, PASSWORD)
    sent = waiting[0].folio
    slug = [own.brand.slug]
    queue = reverse("admin:campaigns_campaign_changelist")
    return [
        _get(
            f"list, 25 of {CAMPAIGNS}", brand, reverse("portal:campaigns", args=slug), newest.folio
        ),
        _get("zone step, 413 LADAs", brand, _step(newest, "zona"), 'value="999"'),
        _get("dates step, 120 days", brand, _step(newest, "fechas"), "month"),
        _get("campaign", brand, reverse("portal:campaign", args=[sent]), sent),
        _saves(brand, _step(newest, "datos")),
        _availability(brand),
        _get(f"admin queue, {CAMPAIGNS} waiting", staff, queue, sent),
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
    page = visit.ask()
    if page.status != visit.status or visit.proof not in page.body.decode() + page.location:
        raise WrongPage(f"{visit.name}: {page.status} {page.location}")
    return page


def _get(name: str, browser: Browser, path: str, proof: str) -> Visit:
    return Visit(name, browser, lambda: browser.get(path), 200, proof)


def _step(campaign: Campaign, slug: str) -> str:
    return reverse("portal:campaign_step", args=[campaign.folio, slug])


def _saves(browser: Browser, path: str) -> Visit:
    """Autosave a draft, each time with another name."""
    numbers = count(1)
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(path).body.decode())
    assert seen is not None
    last = seen[1]

    def save() -> Page:
        nonlocal last
        fields = {"name": f"Cambio {next(numbers)}", "use": "broadcast", "seen": last}
        saved = browser.post(path, {**fields, "action": "autosave"})
        last = json.loads(saved.body)["seen"]
        return saved

    return Visit("step, autosave", browser, save, 200, "Guardado")


def _availability(browser: Browser) -> Visit:
    path, fields = reverse("portal:availability"), _fields(2)
    name = "availability, national × 7 days"
    return Visit(name, browser, lambda: browser.post(path, fields), 200, "Disponibles")


def _fields(number: int) -> Fields:
    """Give the form's fields for the terms of the n-th campaign."""
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
