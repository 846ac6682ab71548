import pytest
from django.contrib.auth.models import Permission

from inventory import audit
from inventory.models import Audit, Capacity

pytestmark = pytest.mark.django_db
RECOUNTS = "/admin/inventory/audit/"


@pytest.fixture
def staff(client, reviewer):
    """A signed-in user who may view audits."""
    reviewer.user_permissions.add(Permission.objects.get(codename="view_audit"))
    client.force_login(reviewer)
    return client


@pytest.fixture
def breach(on_sale):
    """A cell with more planned than its reservations have, as the last audit found it."""
    audit.run()
    Capacity.objects.filter(lada="81", day=on_sale).update(planned=1_007)
    return audit.run()


def test_audits_are_listed_with_their_result(staff, breach):
    page = staff.get(RECOUNTS).content.decode()

    assert "1 hallazgo<" in page
    assert "Todo coincide" in page
    assert f"{breach.capacity:,}" in page


def test_those_with_findings_are_found_by_the_filter(staff, breach):
    found = staff.get(RECOUNTS, {"resultado": "hallazgos"}).context["cl"].result_list
    at_risk = staff.get(RECOUNTS, {"resultado": "riesgo"})

    assert list(found) == [breach]
    assert "Ningún recuento es así" in at_risk.content.decode()


def test_an_audit_is_displayed_with_its_breaches(staff, breach, on_sale):
    page = staff.get(f"{RECOUNTS}{breach.pk}/change/").content.decode()

    assert f"LADA 81 · {on_sale:%d/%m/%Y}" in page
    assert "Tiene 1,007 planeadas y los apartados suman 0." in page
    assert "cell_sum" in page


def test_nobody_writes_an_audit(staff, breach):
    for address in (f"{RECOUNTS}{breach.pk}/change/", f"{RECOUNTS}{breach.pk}/delete/"):
        assert staff.post(address, {"cells": 1, "post": "yes"}).status_code == 403
    assert staff.get(f"{RECOUNTS}add/").status_code == 403

    assert Audit.objects.get(pk=breach.pk).cells == breach.cells


def test_audits_need_the_view_permission(client, reviewer, breach):
    client.force_login(reviewer)

    for address in (RECOUNTS, f"{RECOUNTS}{breach.pk}/change/"):
        assert client.get(address).status_code == 403


def test_an_audit_that_does_not_exist_redirects_to_the_start(staff):
    assert staff.get(f"{RECOUNTS}1/change/").status_code == 302


def test_before_the_first_audit_the_page_has_its_time(staff):
    assert "Todavía no hay recuentos" in staff.get(RECOUNTS).content.decode()
