"""Short links over HTTP: redirects, errors, and the page about the destination."""

from datetime import datetime, time, timedelta

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.db import OperationalError
from django.test import Client, override_settings
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import Campaign, Link, LinkHour
from campaigns.models.link import LinkManager
from tests import statuses
from tests.portal.links import PHONE, URL, approved_link, page

STOPPED = [s for s in Campaign.Status if s not in (*Link.REDIRECTING, Campaign.Status.FINISHED)]


@pytest.fixture
def own_host():
    """Short links at the root of their own host."""
    with override_settings(
        SHORT_LINK_DOMAIN="lp.mx", ALLOWED_HOSTS=[*configured.ALLOWED_HOSTS, "lp.mx"]
    ):
        yield "lp.mx"


# ── the redirect ─────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_visitor_is_redirected_and_nothing_is_stored_on_the_way(link, visitor):
    response = visitor.get(page(link))

    assert (response.status_code, response["Location"]) == (302, URL)
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response.content == b""
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize(("host", "path"), [("testserver", "/l/{}"), ("lp.mx", "/{}")])
def test_a_redirect_takes_one_query_and_another_to_count(
    link, own_host, host, path, django_assert_num_queries
):
    visitor = Client(headers={"user-agent": PHONE, "host": host})

    with django_assert_num_queries(2) as queries:
        response = visitor.get(path.format(link.code))

    assert response.status_code == 302
    assert [query["sql"].split()[0] for query in queries.captured_queries] == ["SELECT", "INSERT"]


@pytest.mark.django_db
def test_query_and_path_of_the_request_do_not_change_the_target(link, visitor):
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
def test_head_gets_the_response_of_get(link, visitor):
    response = visitor.head(page(link))

    assert (response.status_code, response["Location"]) == (302, URL)
    assert link.clicks() == {"people": 0, "bots": 1}


# ── without a redirect ───────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize("status", STOPPED)
def test_a_campaign_that_is_not_live_gets_the_response_of_an_unknown_code(link, visitor, status):
    statuses.put(link.campaign_id, status)
    unknown = visitor.get("/l/zzzzz")

    for address in (page(link), f"{page(link)}+"):
        response = visitor.get(address)
        assert response.status_code == 404
        assert response.content == unknown.content
        assert response["Cache-Control"] == "no-store"
        assert "tienda.mx" not in response.content.decode()
    assert LinkHour.objects.count() == 0


@pytest.mark.django_db
def test_a_paused_campaign_redirects_again_once_it_is_resumed(link, visitor, editor):
    lifecycle.schedule(link.campaign_id)
    lifecycle.pause(link.campaign_id, by=editor)
    paused = visitor.get(page(link))
    lifecycle.resume(link.campaign_id, by=editor)

    assert paused.status_code == 404
    assert "no está disponible" in paused.content.decode()
    assert visitor.get(page(link)).status_code == 302


def day(campaign, after):
    """Return noon of a day so many days after a campaign's last one."""
    noon = datetime.combine(campaign.ends_on + timedelta(after), time(12))
    return timezone.make_aware(noon)


@pytest.fixture
def on_air(link):
    lifecycle.schedule(link.campaign_id)
    return Campaign.objects.get(pk=link.campaign_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "after", "status"), [(30, 1, 302), (30, 30, 302), (30, 31, 404), (0, 1, 404)]
)
def test_a_campaign_that_ended_redirects_late_readers(
    link, on_air, visitor, settings, time_machine, days, after, status
):
    settings.LINK_DAYS_AFTER_END = days
    time_machine.move_to(day(on_air, after))
    lifecycle.advance_due()
    on_air.refresh_from_db()
    assert on_air.status == Campaign.Status.FINISHED

    assert visitor.get(page(link)).status_code == status
    assert visitor.get(f"{page(link)}+").status_code == (200 if status == 302 else 404)


@pytest.mark.django_db
def test_a_campaign_paused_at_its_end_does_not_redirect(
    link, on_air, visitor, editor, time_machine
):
    lifecycle.pause(on_air.pk, by=editor)
    time_machine.move_to(day(on_air, 1))
    lifecycle.advance_due()

    on_air.refresh_from_db()
    assert on_air.status == Campaign.Status.FINISHED
    assert visitor.get(page(link)).status_code == 404


@pytest.mark.django_db
def test_the_destination_of_a_draft_is_never_a_target(link, visitor):
    Campaign.objects.filter(pk=link.campaign_id).update(destination="https://mala.mx")

    assert visitor.get(page(link))["Location"] == URL
    assert "mala.mx" not in visitor.get(f"{page(link)}+").content.decode()


@pytest.mark.django_db
def test_a_malformed_code_costs_no_query(visitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        for path in ("/l/aeiou", "/l/bcdf", "/l/bcdfgh", "/l/bcd%66%2e", "/l/"):
            assert visitor.get(path).status_code == 404


@pytest.mark.django_db
def test_an_outage_of_the_database_is_503(link, visitor, monkeypatch):
    def away(*_arguments):
        raise OperationalError("away")

    monkeypatch.setattr(LinkManager, "resolve", away)

    response = visitor.get(page(link))

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Intenta de nuevo" in response.content.decode()


# ── the page that shows the target ───────────────────────────────────────────


@pytest.mark.django_db
def test_a_plus_displays_the_target_and_counts_nothing(link, visitor):
    response = visitor.get(f"{page(link)}+")
    text = response.content.decode()

    assert response.status_code == 200
    assert "tienda.mx" in text
    assert "https://tienda.mx/promo?a=1&amp;b=2" in text
    assert "Tienda" in text
    assert response["Cache-Control"] == "no-store"
    assert LinkHour.objects.count() == 0


@pytest.mark.django_db
def test_the_target_displays_a_unicode_name_in_both_forms(brand, editor, reviewer, terms, visitor):
    link = approved_link(brand, editor, reviewer, terms, "https://pаypal.mx/x")  # a Cyrillic а

    text = visitor.get(f"{page(link)}+").content.decode()

    assert "xn--pypal-4ve.mx" in text
    assert "Se lee <b>pаypal.mx</b>" in text


# ── a host of its own ────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_links_are_at_the_root_of_their_own_host(link, visitor, own_host):
    visitor = Client(headers={"user-agent": PHONE, "host": own_host})

    assert visitor.get(f"/{link.code}")["Location"] == URL
    assert visitor.get(f"/{link.code.upper()}")["Location"] == URL
    assert visitor.get(f"/{link.code}+").status_code == 200
    assert visitor.post(f"/{link.code}").status_code == 405
    assert "frame-ancestors 'none'" in visitor.get("/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_the_host_of_links_has_nothing_else(campaign_in_review, editor, own_host):
    visitor = Client(headers={"host": own_host})
    visitor.force_login(editor)

    for path in ("/", "/entrar/", "/admin/", "/salud/", f"/campanas/{campaign_in_review.folio}/"):
        response = visitor.get(path)
        assert response.status_code == 404, path
        assert "no está disponible" in response.content.decode()


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
