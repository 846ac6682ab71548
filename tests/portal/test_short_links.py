"""Following short links over HTTP: who is sent where, what is told, and what is counted."""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.db import OperationalError, connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from campaigns import clicks, lifecycle
from campaigns.models import Campaign, Link, LinkHour
from campaigns.models.link import LinkHourManager, LinkManager
from tests.processes import wait_until

URL = "https://tienda.mx/promo?a=1&b=2"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155M) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
Kind = LinkHour.Kind


def lead(brand, editor, reviewer, terms, url=URL):
    """Make an approved campaign that leads to a page; give its link."""
    draft = lifecycle.draft(brand.pk, terms | {"destination": url}, by=editor)
    saved = lifecycle.insert_link(draft.pk, revision=draft.revision, by=editor)
    lifecycle.submit(saved.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(saved.pk, version=1, by=reviewer)
    return Link.objects.get(campaign=saved)


@pytest.fixture
def link(brand, editor, reviewer, terms):
    return lead(brand, editor, reviewer, terms)


@pytest.fixture
def visitor():
    return Client(headers={"user-agent": PHONE})


def page(link):
    return reverse("portal:short_link", args=[link.code])


def counted(link):
    return link.clicks()


@pytest.fixture
def own_host():
    """Links at the root of a host of their own."""
    with override_settings(
        SHORT_LINK_DOMAIN="lp.mx", ALLOWED_HOSTS=[*configured.ALLOWED_HOSTS, "lp.mx"]
    ):
        yield "lp.mx"


# ── the redirect ─────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_visitor_is_sent_on_and_nothing_is_kept_on_the_way(link, visitor):
    answer = visitor.get(page(link))

    assert (answer.status_code, answer["Location"]) == (302, URL)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.content == b""
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(("host", "path"), [("testserver", "/l/{}"), ("lp.mx", "/{}")])
def test_the_redirect_asks_one_query_and_counts_with_another(
    link, own_host, host, path, django_assert_num_queries
):
    visitor = Client(headers={"user-agent": PHONE, "host": host})

    with django_assert_num_queries(2) as asked:
        answer = visitor.get(path.format(link.code))

    assert answer.status_code == 302
    assert [query["sql"].split()[0] for query in asked.captured_queries] == ["SELECT", "INSERT"]


@pytest.mark.django_db
def test_what_comes_with_the_address_leads_nowhere_else(link, visitor):
    for query in ("url=https://mala.mx", "next=//mala.mx", "https://mala.mx"):
        assert visitor.get(f"{page(link)}?{query}")["Location"] == URL
    for path in (f"{page(link)}/https://mala.mx", "/l//mala.mx", "/l/https://mala.mx"):
        assert visitor.get(path).status_code == 404
    with_host = visitor.get(page(link), headers={"x-forwarded-host": "mala.mx"})
    assert with_host["Location"] == URL


@pytest.mark.django_db
def test_a_code_in_capitals_is_the_same_code(link, visitor):
    assert visitor.get(page(link).replace(link.code, link.code.upper()))["Location"] == URL


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_link_is_only_read(link, visitor, method):
    assert getattr(visitor, method)(page(link)).status_code == 405
    assert LinkHour.objects.count() == 0


@pytest.mark.django_db
def test_head_is_answered_as_get_is(link, visitor):
    answer = visitor.head(page(link))

    assert (answer.status_code, answer["Location"]) == (302, URL)
    assert counted(link) == {"people": 0, "bots": 1}


# ── where it leads nowhere ───────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize("status", [s for s in Campaign.Status if s not in Link.LEADS])
def test_a_campaign_that_is_not_under_way_tells_no_more_than_an_unknown_code(link, visitor, status):
    Campaign.objects.filter(pk=link.campaign_id).update(status=status)
    unknown = visitor.get("/l/zzzzz")

    for address in (page(link), f"{page(link)}+"):
        answer = visitor.get(address)
        assert answer.status_code == 404
        assert answer.content == unknown.content
        assert answer["Cache-Control"] == "no-store"
        assert "tienda.mx" not in answer.content.decode()
    assert LinkHour.objects.count() == 0


@pytest.mark.django_db
def test_a_paused_campaign_leads_again_once_it_goes_on(link, visitor, editor):
    lifecycle.schedule(link.campaign_id)
    lifecycle.pause(link.campaign_id, by=editor)
    paused = visitor.get(page(link))
    lifecycle.resume(link.campaign_id, by=editor)

    assert paused.status_code == 404
    assert "no está disponible" in paused.content.decode()
    assert visitor.get(page(link)).status_code == 302


@pytest.mark.django_db
def test_what_a_draft_says_is_never_led_to(link, visitor):
    Campaign.objects.filter(pk=link.campaign_id).update(destination="https://mala.mx")

    assert visitor.get(page(link))["Location"] == URL
    assert "mala.mx" not in visitor.get(f"{page(link)}+").content.decode()


@pytest.mark.django_db
def test_no_code_costs_a_query_unless_it_may_be_one(visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        for path in ("/l/aeiou", "/l/bcdf", "/l/bcdfgh", "/l/bcd%66%2e", "/l/"):
            assert visitor.get(path).status_code == 404


@pytest.mark.django_db
def test_a_database_that_is_away_is_told_as_busy(link, visitor, monkeypatch):
    def away(*_arguments):
        raise OperationalError("away")

    monkeypatch.setattr(LinkManager, "target_of", away)

    answer = visitor.get(page(link))

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Intenta de nuevo" in answer.content.decode()


# ── the page that shows the target ───────────────────────────────────────────


@pytest.mark.django_db
def test_a_plus_shows_the_target_and_counts_nothing(link, visitor):
    answer = visitor.get(f"{page(link)}+")
    told = answer.content.decode()

    assert answer.status_code == 200
    assert "tienda.mx" in told
    assert "https://tienda.mx/promo?a=1&amp;b=2" in told
    assert "Tienda" in told
    assert answer["Cache-Control"] == "no-store"
    assert LinkHour.objects.count() == 0


@pytest.mark.django_db
def test_the_target_tells_a_name_with_other_letters(brand, editor, reviewer, terms, visitor):
    link = lead(brand, editor, reviewer, terms, "https://pаypal.mx/x")  # a Cyrillic а

    told = visitor.get(f"{page(link)}+").content.decode()

    assert "xn--pypal-4ve.mx" in told
    assert "Se lee <b>pаypal.mx</b>" in told


# ── a host of its own ────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_links_live_at_the_root_of_their_own_host(link, visitor, own_host):
    visitor = Client(headers={"user-agent": PHONE, "host": own_host})

    assert visitor.get(f"/{link.code}")["Location"] == URL
    assert visitor.get(f"/{link.code.upper()}")["Location"] == URL
    assert visitor.get(f"/{link.code}+").status_code == 200
    assert visitor.post(f"/{link.code}").status_code == 405
    assert "frame-ancestors 'none'" in visitor.get("/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_nothing_else_lives_at_the_host_of_links(campaign_in_review, editor, own_host):
    visitor = Client(headers={"host": own_host})
    visitor.force_login(editor)

    for path in ("/", "/entrar/", "/admin/", "/salud/", f"/campanas/{campaign_in_review.folio}/"):
        answer = visitor.get(path)
        assert answer.status_code == 404, path
        assert "no está disponible" in answer.content.decode()


@pytest.mark.django_db
def test_the_portals_root_is_no_place_for_links(link, visitor, own_host):
    assert visitor.get(f"/{link.code}").status_code == 404


@pytest.mark.parametrize(
    ("domain", "errors"),
    [
        ("lp.mx", []),
        ("127.0.0.1/l", []),
        ("movistar.mx/l", []),
        ("l2.movistar.mx", []),
        ("LP.mx", ["portal.E010"]),
        ("lp.mx/", ["portal.E010"]),
        ("lp.mx/x", ["portal.E010"]),
        ("lp.mx:8000", ["portal.E010"]),
        ("https://lp.mx", ["portal.E010"]),
        ("mi-lp.mx", ["portal.E010"]),
        ("", ["portal.E010"]),
        ("campanas.movistar.com.mx", ["portal.E010"]),
    ],
)
def test_a_domain_that_the_channel_cannot_carry_is_refused(settings, domain, errors):
    settings.SHORT_LINK_DOMAIN = domain

    assert [found.id for found in run_checks() if found.id == "portal.E010"] == errors


@pytest.mark.parametrize(
    ("domain", "public"), [("127.0.0.1/l", False), ("localhost", False), ("lp.mx", True)]
)
def test_a_deployed_domain_is_a_public_name(settings, domain, public):
    settings.SHORT_LINK_DOMAIN = domain

    found = {error.id for error in run_checks(include_deployment_checks=True)}

    assert ("portal.E011" in found) is not public


# ── who is counted as what ───────────────────────────────────────────────────

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
def test_people_are_told_by_their_browsers(agent):
    assert clicks.kind_of("GET", {"User-Agent": agent}) is Kind.PEOPLE


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
def test_programs_are_told_by_what_they_say_of_themselves(agent):
    assert clicks.kind_of("GET", {"User-Agent": agent}) is Kind.BOTS


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
def test_who_only_looks_ahead_is_no_person(method, headers):
    assert clicks.kind_of(method, {"User-Agent": PHONE, **headers}) is Kind.BOTS


# ── counting ─────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_clicks_are_counted_by_hour_and_kind_and_nothing_else_is_kept(link, visitor, monkeypatch):
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
def test_a_count_that_cannot_be_written_harms_nobody_and_is_written_later(
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
    """Threads take turns as fast as they can; what is written is only added up."""
    written = Counter()
    monkeypatch.setattr(LinkHourManager, "add", lambda _rows, counts: written.update(counts))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    tally, turns = clicks.Tally(), 2_000

    def count(_number):
        for _ in range(turns):
            tally.add(1, Kind.PEOPLE)
            tally.write()

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(count, range(THREADS)))
    finally:
        sys.setswitchinterval(before)

    assert written.total() == THREADS * turns


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_to_the_last_one(link, brand, editor, reviewer, terms):
    other = lead(brand, editor, reviewer, terms | {"name": "Otra"})
    pages = [page(link), page(other)]

    def come(number):
        visitor = Client(headers={"user-agent": PHONE if number % 2 else "curl/8"})
        try:
            return [visitor.get(pages[turn % 2]).status_code for turn in range(EACH)]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [status for statuses in pool.map(come, range(THREADS)) for status in statuses]

    assert answers == [302] * THREADS * EACH
    half = THREADS * EACH // 4
    assert counted(link) == counted(other) == {"people": half, "bots": half}


@pytest.mark.django_db(transaction=True)
def test_processes_add_to_each_others_counts(link):
    """All write the same rows at the same time, in whatever order they met them."""
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
def test_a_locked_count_keeps_no_visitor_waiting(link, visitor):
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
            first = pool.submit(come, 1)  # it waits for the lock, behind its answer
            wait_until(clicks.tally._writing.locked, patience=10)
            others = pool.submit(come, 5).result(timeout=10)
            waits = not first.done()
        first = first.result(timeout=10)

    assert (first, others, waits) == ([302], [302] * 5, True)
    assert counted(link) == {"people": 7, "bots": 0}
