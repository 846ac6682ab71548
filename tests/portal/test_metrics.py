from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from campaigns import breaker
from campaigns.gateway.errors import Unavailable
from campaigns.models import (
    Drift,
    GatewayCapabilities,
    InboxEvent,
    ReconciliationRun,
    StreamPosition,
)
from campaigns.reports import apply, outcomes
from core.redis_connection import RedisAway
from inventory import audit, reservations
from inventory.models import Audit, Capacity
from inventory.terms import Terms
from segments.models import Lada
from tests.campaigns.reports.events import hourly, post, receive, row

pytestmark = pytest.mark.django_db
TOKEN = "una-ficha-de-prueba-con-32-letras"


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = TOKEN


def scrape(client, authorization=f"Bearer {TOKEN}"):
    return client.get("/metricas/", headers={"Authorization": authorization})


def figures(response):
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
        if not sample.labels
    }


def of_inventory(response):
    return {
        name: value for name, value in figures(response).items() if name.startswith("inventory_")
    }


def of_reports(response):
    """Return the metrics of events, each by its name and its label."""
    figures(response)
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
        if sample.name.startswith("gateway_")
    }


def hold(first, quantity):
    return reservations.hold(
        Terms(
            quantity=quantity,
            ladas=["33", "55"],
            starts_on=first,
            ends_on=first,
        ),
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(hours=1),
    )


def test_figures_are_those_of_the_last_audit_and_holds_are_counted_now(client, on_sale):
    reservations.book(hold(on_sale, 600).pk)
    hold(on_sale, 90)
    audit.run()
    Capacity.objects.filter(lada="81", day=on_sale).update(planned=7)
    last = audit.run()
    Audit.objects.filter(pk=last.pk).update(seconds=1.25, at_risk=40)
    Audit.objects.update(at=timezone.now() - timedelta(minutes=5))
    hold(on_sale, 5)

    found = of_inventory(scrape(client))

    assert 300 <= found.pop("inventory_audit_age_seconds") < 330
    assert found == {
        "inventory_holds_open": 2,
        "inventory_audit_breaches": 1,
        "inventory_audit_duration_seconds": 1.25,
        "inventory_capacity_notifications": last.capacity,
        "inventory_held_notifications": 90,
        "inventory_booked_notifications": 600,
        "inventory_at_risk_notifications": 40,
    }


def test_before_the_first_audit_it_has_no_metrics(client):
    assert of_inventory(scrape(client)) == {"inventory_holds_open": 0}


def test_the_gateway_has_metrics(client):
    for _ in range(breaker.OPENS_AFTER):
        breaker.record(Unavailable("503"))
    read_at = timezone.now() - timedelta(minutes=5)
    GatewayCapabilities.objects.create(ladas=["55", "123"], max_ad_septets=110, read_at=read_at)

    found = figures(scrape(client))

    assert found["gateway_breaker_open"] == 1
    assert found["gateway_ladas_unknown"] == Lada.objects.count() - 1 + 1
    assert 300 <= found["gateway_capabilities_age_seconds"] < 330


def test_a_scrape_makes_eight_queries(client, on_sale, django_assert_num_queries):
    audit.run()

    with django_assert_num_queries(8):
        scrape(client)


def test_events_of_the_gateway_are_counted_by_what_became_of_them(client):
    before = of_reports(scrape(client))
    post(hourly([], 1))
    post(hourly([], 1))
    post(hourly([], 2), {})
    receive(hourly([row("nadie")], 3), hourly([], 4, type="raro", stream="rara"))
    now = of_reports(scrape(client))
    changed = {name: value - before[name] for name, value in now.items()}
    assert {name: value for name, value in changed.items() if value and "age" not in name} == {
        "gateway_events_total accepted": 1,
        "gateway_events_total duplicate": 1,
        "gateway_events_total unsigned": 1,
        "gateway_events_due": 3,
    }

    InboxEvent.objects.update(received_at=timezone.now() - timedelta(minutes=5))
    assert 300 <= of_reports(scrape(client))["gateway_events_due_age_seconds"] < 330
    apply.apply_due()
    StreamPosition.objects.update(lost=7)
    after = of_reports(scrape(client))

    assert after["gateway_events_due"] == after["gateway_events_due_age_seconds"] == 0
    assert after["gateway_events_set_aside unknown_order"] == 1
    assert after["gateway_events_set_aside unknown_type"] == 1
    assert after["gateway_events_set_aside future"] == 0
    assert after["gateway_events_missing hourly-counts"] == 2
    assert after["gateway_events_lost_total hourly-counts"] == 7


def test_without_redis_the_counts_of_the_sink_are_left_out(client, monkeypatch):
    def away(_function):
        raise RedisAway

    monkeypatch.setattr(outcomes, "attempt", away)

    assert post(hourly([], 1)).status_code == 204
    assert not any(name.startswith("gateway_events_total") for name in figures(scrape(client)))


def test_differences_with_the_gateway_are_counted_by_kind(client):
    now = timezone.now()
    Drift.objects.create(kind="missing", order_id="a", resolved_at=now)
    Drift.objects.create(kind="missing", order_id="a")
    Drift.objects.create(kind="extra", order_id="b")
    ReconciliationRun.objects.create(
        kind="whole",
        began_at=now - timedelta(seconds=62),
        ended_at=now - timedelta(minutes=1),
        orders=12,
    )
    ReconciliationRun.objects.create(kind="running", ended_at=now, error="503 UNAVAILABLE: x")

    text = scrape(client).content.decode()

    assert 'reconciliation_drifts_found_total{kind="missing"} 2.0' in text
    assert 'reconciliation_drifts_open{kind="missing"} 1.0' in text
    assert 'reconciliation_drifts_open{kind="extra"} 1.0' in text
    assert 'reconciliation_drifts_open{kind="silent"} 0.0' in text
    found = figures(scrape(client))
    assert 60 <= found["reconciliation_age_seconds"] < 90  # of the one that concluded
    assert (found["reconciliation_orders"], found["reconciliation_duration_seconds"]) == (12, 2)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ñ"],
)
def test_another_token_finds_nothing(client, authorization):
    assert scrape(client, authorization).status_code == 404


def test_an_empty_token_is_refused_where_none_is_set(client, settings):
    settings.METRICS_TOKEN = ""

    assert scrape(client, "Bearer ").status_code == 404
    assert scrape(client, "").status_code == 404


def test_nothing_is_written_to_it(client):
    response = client.post("/metricas/", headers={"Authorization": f"Bearer {TOKEN}"})

    assert response.status_code == 405


def test_signed_in_staff_who_may_view_audits_read_it(client, reviewer, owner, settings):
    settings.METRICS_TOKEN = ""
    permission = Permission.objects.get(codename="view_audit")
    client.force_login(reviewer)
    assert scrape(client, "").status_code == 404

    reviewer.user_permissions.add(permission)
    assert "inventory_holds_open" in figures(scrape(client, ""))

    owner.user_permissions.add(permission)  # and is not staff
    client.force_login(owner)
    assert scrape(client, "").status_code == 404
