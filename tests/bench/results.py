"""Bench of the report of a national campaign of ninety days, also while a day is ingested."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from time import perf_counter

from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle, readiness
from campaigns.models import AdOrder, Campaign, InboxEvent
from campaigns.reports import apply, inbox
from inventory.models import Reservation
from tests import counts, statuses
from tests.bench import reports
from tests.bench.brands import PASSWORD, Team, reviewer, teams, terms
from tests.bench.browser import Browser, WrongPage
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import percentile
from tests.bench.rows import Row
from tests.bench.web import web
from tests.results import fill

DAYS = 90
ROUNDS = 20
REPORT = 300  # ms, the bar at the median
SUMS = """
    SELECT day, sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM campaigns_daycount WHERE ad_order = %(order)s GROUP BY day
    ;
    SELECT lada, sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM campaigns_daycount WHERE ad_order = %(order)s GROUP BY lada
    ;
    SELECT state_id, sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM campaigns_daycount JOIN segments_lada ON code = lada
    WHERE ad_order = %(order)s GROUP BY state_id
    ;
    SELECT extract(hour FROM hour AT TIME ZONE 'America/Mexico_City'),
        sum(inserted), sum(delivered), sum(failed), sum(no_receipt)
    FROM campaigns_hourtotal WHERE ad_order = %(order)s GROUP BY 1
"""


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    environment.reset()
    call_command("collectstatic", verbosity=0, interactive=False)
    [team] = teams(1)
    campaign = _national(team)
    order = AdOrder.objects.get(campaign=campaign)
    addresses = {
        "campaign report": reverse("portal:campaign_report", args=[campaign.folio]),
        "brand report": f"{reverse('portal:reports', args=[team.brand.slug])}"
        f"?desde={campaign.starts_on}&hasta={campaign.ends_on}",
    }
    with web() as port:
        browser = Browser(port)
        browser.sign_in(team.editor.email, PASSWORD)
        for name, address in addresses.items():
            yield from _rows(name, browser, address, order)
        with _ingesting(team):
            yield from _rows(
                "campaign report, day ingested", browser, addresses["campaign report"], order
            )
        browser.close()


def _national(team: Team) -> Campaign:
    """Return a national campaign that has been on air for ninety days, with all its counts."""
    first = readiness.first_possible_day()
    wanted = {**terms(2), "starts_on": first, "ends_on": first + timedelta(DAYS - 1)}
    draft = lifecycle.draft(team.brand.pk, wanted | {"volume": 900_000}, by=team.editor)
    lifecycle.submit(draft.pk, by=team.editor)
    lifecycle.hold_submitted()
    lifecycle.approve(draft.pk, version=1, by=reviewer())
    last = timezone.localdate() - timedelta(1)
    span = {"starts_on": last - timedelta(DAYS - 1), "ends_on": last}
    Reservation.objects.filter(reference=draft.folio).update(**span)
    statuses.put(draft.pk, "live", **span)
    counts.beat()
    campaign = Campaign.objects.get(pk=draft.pk)
    fill(campaign, span["starts_on"], span["ends_on"], with_hours=True)
    counts.make_final(span["starts_on"], last - timedelta(4))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return campaign


def _rows(name: str, browser: Browser, address: str, order: AdOrder) -> Iterator[Row]:
    pairs = [(_page(browser, address), _sums(order)) for _ in range(ROUNDS + 3)][3:]
    for percent in (50, 95):
        own, floor = (percentile([pair[side] for pair in pairs], percent) for side in (0, 1))
        bar = REPORT if percent == 50 else None
        yield Row(
            f"{name}, p{percent}", own, "ms", f"its sums in SQL, p{percent}", floor, ROUNDS, bar
        )


def _page(browser: Browser, address: str) -> float:
    page = browser.get(address)
    if page.status != 200 or b"lugares-head" not in page.body:
        raise WrongPage(f"{address}: {page.status}")
    return 1_000 * page.seconds


def _sums(order: AdOrder) -> float:
    began = perf_counter()
    with connection.cursor() as cursor:
        for statement in SUMS.split(";"):
            cursor.execute(statement, {"order": order.pk})
            cursor.fetchall()
    return 1_000 * (perf_counter() - began)


@contextmanager
def _ingesting(team: Team) -> Iterator[None]:
    """Apply a day of hourly counts of other orders in another thread, again and again."""
    hours = reports.day(reports.orders(team))
    stop = Event()

    def work() -> None:
        revision = 0
        while not stop.is_set():
            revision += 1
            for body in reports.events(hours, revision=revision):
                inbox.store(inbox.read(body), body)
            while not stop.is_set() and InboxEvent.objects.due().exists():
                apply.apply_due()
        connection.close()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
