"""Certificates in the admin: read-only, issued with a button, disputes answered in time."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.certificates import answers, issue
from campaigns.models import Certificate, DisputeRuling, Membership
from tests.campaigns.certificates.conftest import (
    DAY,
    certificate,
    correct,
    final,
    over,
    settler,
)
from tests.counts import at

__all__ = ["certificate", "final", "over", "settler"]

pytestmark = pytest.mark.django_db

LIST = reverse("admin:campaigns_certificate_changelist")
REASON = "Contamos otras."


def address(name, pk):
    return reverse(f"admin:campaigns_certificate_{name}", args=[pk])


@pytest.fixture
def dispute(certificate, editor):
    return answers.dispute(certificate.pk, reason=REASON, claimed=140, by=editor)


@pytest.fixture
def staff(settler):
    client = Client()
    client.force_login(settler)
    return client


def test_staff_issue_one_from_the_page_of_its_campaign(staff, final):
    page = reverse("admin:campaigns_campaign_change", args=[final.pk])
    assert address("issue", final.pk) in staff.get(page).content.decode()

    response = staff.post(address("issue", final.pk), follow=True)

    found = Certificate.objects.get()
    assert response.redirect_chain[-1][0] == address("change", found.pk)
    content = response.content.decode()
    assert "La marca ya lo sabe" in content
    assert found.pdf_sha256 in content
    assert address("issue", final.pk) not in staff.get(page).content.decode()
    assert address("change", found.pk) in staff.get(page).content.decode()


def test_one_that_cannot_be_issued_is_refused_with_the_reason(staff, over):
    response = staff.post(address("issue", over.pk), follow=True)

    assert "todavía pueden cambiar" in response.content.decode()
    assert not Certificate.objects.exists()


def test_disputes_are_on_the_index_until_answered(staff, settler, dispute, time_machine):
    index = staff.get(reverse("admin:index")).content.decode()
    assert "1 constancia objetada espera respuesta" in index
    assert "La primera vence el" in index
    assert "ya venció" not in index

    time_machine.move_to(at(dispute.due_on + DAY, 1), tick=False)
    staff = Client()  # the other session has ended
    staff.force_login(settler)

    assert "1 ya venció" in staff.get(reverse("admin:index")).content.decode()
    listed = staff.get(LIST, {"estado": "objetadas"}).content.decode()
    assert dispute.certificate.folio in listed
    assert "Objetada, venció el" in listed


def test_nothing_is_on_the_index_without_disputes(staff, certificate):
    assert "objetada" not in staff.get(reverse("admin:index")).content.decode()
    assert certificate.folio not in staff.get(LIST, {"estado": "objetadas"}).content.decode()


def test_a_dispute_is_answered_with_its_facts_in_sight(staff, dispute, certificate):
    page = address("rule", certificate.pk)
    content = staff.get(page).content.decode()
    for expected in (REASON, "130", "140", "Las cuentas de hoy son las de la constancia"):
        assert expected in content

    response = staff.post(page, {"outcome": "kept", "reason": "Coinciden."}, follow=True)

    assert response.redirect_chain[-1][0] == address("change", certificate.pk)
    assert DisputeRuling.objects.get().reason == "Coinciden."
    assert "Coinciden." in response.content.decode()
    assert staff.get(page).status_code == 404


def test_a_correction_is_issued_with_the_answer(staff, dispute, certificate, final):
    correct(final)
    page = address("rule", certificate.pk)
    assert "se corrigieron las cuentas finales" in staff.get(page).content.decode()

    staff.post(page, {"outcome": "corrected", "reason": "Tenías razón."})

    assert issue.current(final).replaces == certificate
    assert DisputeRuling.objects.get().outcome == "corrected"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"outcome": "", "reason": "x"}, "Elige qué pasa"),
        ({"outcome": "kept", "reason": " "}, "Escribe el motivo"),
        ({"outcome": "corrected", "reason": "Va."}, "ya tiene las cuentas de hoy"),
    ],
)
def test_an_answer_that_is_refused_is_displayed_with_what_was_written(
    staff, dispute, certificate, data, error
):
    response = staff.post(address("rule", certificate.pk), data)

    assert response.status_code == 422
    assert error in response.content.decode()
    assert not DisputeRuling.objects.exists()
    assert Certificate.objects.count() == 1


def test_it_is_not_answered_by_who_belongs_to_the_brand(
    staff, dispute, certificate, settler, brand
):
    Membership.objects.create(brand=brand, user=settler, role=Membership.Role.VIEWER)

    response = staff.post(address("rule", certificate.pk), {"outcome": "kept", "reason": "x"})

    assert "Perteneces a esta marca" in response.content.decode()
    assert not DisputeRuling.objects.exists()


def test_staff_download_the_bytes_that_were_issued(staff, certificate):
    assert staff.get(address("file", certificate.pk)).content == bytes(certificate.pdf)


@pytest.mark.parametrize("name", ["change", "file", "rule", "issue"])
def test_other_staff_reach_nothing(reviewer, dispute, certificate, name):
    client = Client()
    client.force_login(reviewer)
    pk = certificate.campaign_id if name == "issue" else certificate.pk

    response = client.post(address(name, pk), {"outcome": "kept", "reason": "x"})

    assert response.status_code == 403
    assert not DisputeRuling.objects.exists()
    page = reverse("admin:campaigns_campaign_change", args=[certificate.campaign_id])
    assert certificate.folio not in client.get(page).content.decode()


def test_the_list_reads_no_file_and_takes_as_many_queries_for_more_rows(
    staff, certificate, final, editor
):
    staff.get(LIST)  # what every first request reads
    with CaptureQueriesContext(connection) as one:
        staff.get(LIST)
    correct(final)
    issue.issue(final.pk, by=editor)

    with CaptureQueriesContext(connection) as two:
        content = staff.get(LIST).content.decode()

    assert "Sustituida" in content
    assert len(two) == len(one)
    assert not any('"campaigns_certificate"."pdf",' in each["sql"] for each in two)
