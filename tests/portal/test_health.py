import re

import pytest

from inventory import audit
from inventory.models import Audit, Capacity

pytestmark = pytest.mark.django_db


def test_health_is_ok_before_the_first_audit(client):
    response = client.get("/salud/")

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

    response = client.get("/salud/")

    assert response.status_code == 200
    figures = response.json()["inventory"]
    assert (figures["breaches"], figures["at_risk"]) == (1, 40)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", figures["audited_at"])


def test_health_makes_one_query(client, on_sale, django_assert_num_queries):
    audit.run()

    with django_assert_num_queries(1):
        client.get("/salud/")
