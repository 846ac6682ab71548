from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from campaigns import breaker
from campaigns.gateway.errors import Unavailable
from campaigns.models import GatewayCapabilities
from inventory import audit, reservations
from inventory.models import Audit, Capacity
from inventory.terms import Terms
from segments.models import Lada

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

    found = figures(scrape(client))

    assert 300 <= found.pop("inventory_audit_age_seconds") < 330
    assert found == {
        "gateway_breaker_open": 0,
        "gateway_ladas_unknown": 0,
        "inventory_holds_open": 2,
        "inventory_audit_breaches": 1,
        "inventory_audit_duration_seconds": 1.25,
        "inventory_capacity_notifications": last.capacity,
        "inventory_held_notifications": 90,
        "inventory_booked_notifications": 600,
        "inventory_at_risk_notifications": 40,
    }


def test_before_the_first_audit_it_has_no_metrics(client):
    assert figures(scrape(client)) == {
        "gateway_breaker_open": 0,
        "gateway_ladas_unknown": 0,
        "inventory_holds_open": 0,
    }


def test_the_gateway_has_metrics(client):
    for _ in range(breaker.OPENS_AFTER):
        breaker.record(Unavailable("503"))
    read_at = timezone.now() - timedelta(minutes=5)
    GatewayCapabilities.objects.create(ladas=["55", "123"], max_ad_septets=110, read_at=read_at)

    found = figures(scrape(client))

    assert found["gateway_breaker_open"] == 1
    assert found["gateway_ladas_unknown"] == Lada.objects.count() - 1 + 1
    assert 300 <= found["gateway_capabilities_age_seconds"] < 330


def test_a_scrape_reads_three_rows(client, on_sale, django_assert_num_queries):
    audit.run()

    with django_assert_num_queries(3):
        scrape(client)


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
