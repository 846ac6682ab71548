"""Clicks on short links: their kinds, and that none is lost or delays a visitor."""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from campaigns import clicks
from campaigns.models import LinkHour
from campaigns.models.link import LinkHourManager
from tests.portal.links import PHONE, approved_link, page
from tests.processes import wait_until

Kind = LinkHour.Kind


def counted(link):
    return link.clicks()


# ── kinds of clicks ──────────────────────────────────────────────────────────

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        IPHONE,
        PHONE.replace("SM-A155M", "CUBOT NOTE 50"),
        PHONE + " [FB_IAB/FB4A;FBAV/490.0.0.0;]",
        IPHONE + " Instagram 340.0.0.0 (iPhone14,5; iOS 17_5; es_MX)",
        IPHONE + " [LinkedInApp]/9.29",
        "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
        "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; es) Presto/2.12 Version/12.16",
        "Nokia2690/2.0 (10.10) Profile/MIDP-2.1",
    ],
)
def test_people_are_recognised_by_their_browsers(agent):
    assert clicks.classify("GET", {"User-Agent": agent}) is Kind.PEOPLE


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "WhatsApp/2.24.20.89 A",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "meta-externalagent/1.1",
        "Twitterbot/1.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Slack-ImgProxy (+https://api.slack.com/robots)",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        PHONE + " (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        PHONE + " (compatible; Google-InspectionTool/1.0;)",
        "Mozilla/5.0 (Macintosh) Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
        "Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 (compatible; bingbot/2.0) BingPreview/1.0b",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0.0.0 Safari/537.36",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient)",
        "curl/8.5.0",
        "Wget/1.21",
        "python-requests/2.32.0",
        "python-httpx/0.28.1",
        "Go-http-client/2.0",
        "okhttp/4.12.0",
        "Java/17.0.1",
        "axios/1.7.0",
        "Dalvik/2.1.0 (Linux; U; Android 14)",
        "GoogleImageProxy",
    ],
)
def test_programs_are_recognised_by_their_user_agents(agent):
    assert clicks.classify("GET", {"User-Agent": agent}) is Kind.BOTS


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Purpose": "prefetch"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "preview"}),
        ("GET", {"X-Moz": "prefetch"}),
    ],
)
def test_a_prefetch_is_not_counted_as_a_person(method, headers):
    assert clicks.classify(method, {"User-Agent": PHONE, **headers}) is Kind.BOTS


# ── counting ─────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_clicks_are_counted_by_hour_and_kind_and_nothing_else_is_stored(link, visitor, monkeypatch):
    def at(hour, minute):
        moment = datetime(2026, 12, 1, hour, minute, 59, 123, tzinfo=UTC)
        monkeypatch.setattr(clicks.timezone, "now", lambda: moment)

    at(5, 59)
    visitor.get(page(link))
    visitor.get(page(link))
    visitor.get(page(link), headers={"user-agent": "WhatsApp/2.24"})
    at(6, 0)
    visitor.get(page(link))

    rows = LinkHour.objects.order_by("hour", "kind").values_list("hour", "kind", "count")
    assert list(rows) == [
        (datetime(2026, 12, 1, 5, tzinfo=UTC), "bots", 1),
        (datetime(2026, 12, 1, 5, tzinfo=UTC), "people", 2),
        (datetime(2026, 12, 1, 6, tzinfo=UTC), "people", 1),
    ]
    assert counted(link) == {"people": 3, "bots": 1}
    kept = {field.name for field in LinkHour._meta.get_fields()}
    assert kept == {"id", "link", "hour", "kind", "count"}


@pytest.mark.django_db
def test_a_count_that_cannot_be_written_is_written_later_and_delays_no_response(
    link, visitor, monkeypatch
):
    add = LinkHourManager.add

    def fails(*_arguments):
        raise OperationalError("away")

    monkeypatch.setattr(LinkHourManager, "add", fails)
    assert visitor.get(page(link)).status_code == 302
    assert counted(link) == {"people": 0, "bots": 0}

    monkeypatch.setattr(LinkHourManager, "add", add)
    assert visitor.get(page(link)).status_code == 302
    assert counted(link) == {"people": 2, "bots": 0}


THREADS, EACH = 8, 40


def test_no_click_is_lost_between_counting_and_writing(monkeypatch):
    """Threads alternate as fast as they can; the writes are only added up."""
    written = Counter()
    monkeypatch.setattr(LinkHourManager, "add", lambda _rows, counts: written.update(counts))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    buffer, turns = clicks.ClickBuffer(), 2_000

    def count(_number):
        for _ in range(turns):
            buffer.add(1, Kind.PEOPLE)
            buffer.flush()

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(count, range(THREADS)))
    finally:
        sys.setswitchinterval(before)

    assert written.total() == THREADS * turns


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_to_the_last_one(link, brand, editor, reviewer, terms):
    other = approved_link(brand, editor, reviewer, terms | {"name": "Otra"})
    pages = [page(link), page(other)]

    def come(number):
        visitor = Client(headers={"user-agent": PHONE if number % 2 else "curl/8"})
        try:
            return [visitor.get(pages[turn % 2]).status_code for turn in range(EACH)]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        responses = [status for statuses in pool.map(come, range(THREADS)) for status in statuses]

    assert responses == [302] * THREADS * EACH
    half = THREADS * EACH // 4
    assert counted(link) == counted(other) == {"people": half, "bots": half}


@pytest.mark.django_db(transaction=True)
def test_processes_add_to_each_others_counts(link):
    """All write the same rows at the same time, in different orders."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    keys = [(link.pk, hour - timedelta(hours=back), kind) for back in range(5) for kind in Kind]

    def add(number):
        mixed = Random(number).sample(keys, len(keys))
        try:
            for _ in range(EACH):
                LinkHour.objects.add(dict.fromkeys(mixed, 1))
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(add, range(THREADS)))

    assert set(LinkHour.objects.values_list("count", flat=True)) == {THREADS * EACH}
    assert LinkHour.objects.count() == len(keys)


@pytest.mark.django_db(transaction=True)
def test_a_locked_count_delays_no_visitor(link, visitor):
    visitor.get(page(link))

    def come(times):
        browser = Client(headers={"user-agent": PHONE})
        try:
            return [browser.get(page(link)).status_code for _ in range(times)]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            LinkHour.objects.select_for_update().get()
            first = pool.submit(come, 1)  # it waits for the lock, behind its response
            wait_until(clicks.click_buffer._writing.locked, timeout=10)
            others = pool.submit(come, 5).result(timeout=10)
            waits = not first.done()
        first = first.result(timeout=10)

    assert (first, others, waits) == ([302], [302] * 5, True)
    assert counted(link) == {"people": 7, "bots": 0}
