import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from inventory import audit
from inventory.models import Audit, Capacity
from portal import health

pytestmark = pytest.mark.django_db
READER = {"Authorization": "Bearer leer"}


@pytest.fixture(autouse=True)
def _unknown(monkeypatch, settings):
    """Nothing is known yet of whether the database writes."""
    monkeypatch.setattr(health, "_last_written", None)
    settings.METRICS_TOKEN = "leer"


def test_a_stranger_is_told_the_status_alone(client, editor, reviewer):
    for headers in ({}, {"authorization": "Bearer otra"}, {"authorization": "Bearer "}):
        assert client.get("/salud/", headers=headers).json() == {"status": "ok"}
    for person in (editor, reviewer):  # staff who may not view audits
        client.force_login(person)
        assert client.get("/salud/").json() == {"status": "ok"}


def test_without_a_token_in_the_settings_no_token_is_right(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/salud/", headers={"authorization": "Bearer "}).json() == {"status": "ok"}


def test_staff_who_may_view_audits_get_the_figures(client, reviewer):
    reviewer.user_permissions.add(Permission.objects.get(codename="view_audit"))
    client.force_login(reviewer)

    assert "inventory" in client.get("/salud/").json()


def test_health_is_ok_before_the_first_audit(client):
    response = client.get("/salud/", headers=READER)

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "inventory": {"audited_at": None, "breaches": 0, "at_risk": 0},
        "gateway": {
            "failing_orders": 0,
            "failing_since": None,
            "refused_orders": 0,
            "channel_unconfirmed": False,
            "breaker_open_since": None,
            "failures_in_a_row": 0,
            "capabilities_read_at": None,
            "ad_text_limit": 90,
            "ladas_unknown_to_gateway": [],
            "ladas_unknown_here": [],
            "silent_since": None,
        },
    }


def test_health_reports_the_last_audit_and_stays_200(client, on_sale):
    audit.run()
    Capacity.objects.filter(lada="55", day=on_sale).update(planned=7)
    audit.run()
    Audit.objects.filter(pk=audit.run().pk).update(at_risk=40)

    response = client.get("/salud/", headers=READER)

    assert response.status_code == 200
    figures = response.json()["inventory"]
    assert (figures["breaches"], figures["at_risk"]) == (1, 40)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", figures["audited_at"])


@pytest.mark.parametrize("who", ["nobody", "editor", "wrong token"])
def test_strangers_see_up_or_down_and_no_figures(client, on_sale, editor, who):
    audit.run()
    if who == "editor":
        client.force_login(editor)
    headers = {"Authorization": "Bearer otra"} if who == "wrong token" else {}

    assert client.get("/salud/", headers=headers).json() == {"status": "ok"}


@pytest.mark.parametrize(
    "fault",
    [
        "SET temp_file_limit = '64kB'",  # what a disk with less room than that does
        "SET transaction_read_only = on",  # a replica, or a server that protects itself
    ],
)
def test_health_is_503_while_the_database_reads_and_does_not_write(client, fault):
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        cursor.execute(fault)
        response = client.get("/salud/", headers=READER)
        cursor.execute("ROLLBACK TO SAVEPOINT before")

    assert response.status_code == 503
    assert response.json() == {"status": "database_unavailable"}
    assert client.get("/salud/").json() == {"status": "ok"}


def test_health_leaves_nothing_behind_and_asks_again_only_later(
    client, django_assert_max_num_queries, monkeypatch
):
    client.get("/salud/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM portal_cache WHERE cache_key = 'health'")
        assert cursor.fetchone() == (0,)

    with django_assert_max_num_queries(0):
        assert client.get("/salud/").status_code == 200
