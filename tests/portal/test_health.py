import re

import pytest
from django.contrib.auth.models import Permission

from inventory import audit
from inventory.models import Audit, Capacity

pytestmark = pytest.mark.django_db
TOKEN = {"authorization": "Bearer una-clave"}


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = "una-clave"


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
    response = client.get("/salud/", headers=TOKEN)

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "inventory": {"audited_at": None, "breaches": 0, "at_risk": 0},
    }


def test_health_reports_the_last_audit_and_stays_200(client, on_sale):
    audit.run()
    Capacity.objects.filter(lada="55", day=on_sale).update(planned=7)
    audit.run()
    Audit.objects.filter(pk=audit.run().pk).update(at_risk=40)

    response = client.get("/salud/", headers=TOKEN)

    assert response.status_code == 200
    figures = response.json()["inventory"]
    assert (figures["breaches"], figures["at_risk"]) == (1, 40)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", figures["audited_at"])


def test_health_makes_one_query(client, on_sale, django_assert_num_queries):
    audit.run()

    with django_assert_num_queries(1):
        client.get("/salud/", headers=TOKEN)
