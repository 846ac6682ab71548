"""The pages of a campaign's certificates: issue, download, accept and dispute."""

import pytest
from django.core import mail
from django.urls import reverse

from campaigns import notice_mails
from campaigns.certificates import answers, issue
from campaigns.models import Certificate, CertificateAnswer
from tests.campaigns.certificates.conftest import correct

pytestmark = pytest.mark.django_db

REASON = "Nuestro centro contó otras."


def address(name, *arguments):
    return reverse(f"portal:{name}", args=arguments)


def page(client, campaign):
    return client.get(address("certificates", campaign.folio)).content.decode()


def answer(client, certificate, **data):
    folios = (certificate.campaign.folio, certificate.folio)
    return client.post(address("answer_certificate", *folios), data)


@pytest.fixture
def web(client, editor):
    client.force_login(editor)
    return client


def test_before_it_can_be_issued_the_page_says_from_when(web, over):
    content = page(web, over)

    assert "todavía pueden cambiar" in content
    assert "Podrás pedirla desde el" in content
    assert "Emitir la constancia" not in content


def test_it_is_issued_with_a_button_once(web, final):
    assert "Emitir la constancia" in page(web, final)

    for said in ("Emitiste la constancia", "sigue vigente"):
        response = web.post(address("certificates", final.folio), follow=True)
        assert said in response.content.decode()

    [certificate] = Certificate.objects.all()
    content = page(web, final)
    assert certificate.folio in content
    assert certificate.pdf_sha256 in content
    assert "130 de 60,000 contratadas" in content
    assert "Emitir" not in content.replace("Emitida", "")


def test_one_that_cannot_be_issued_is_refused_with_the_reason(web, over):
    response = web.post(address("certificates", over.folio), follow=True)

    assert "todavía pueden cambiar" in response.content.decode()
    assert not Certificate.objects.exists()


def test_the_file_is_the_bytes_that_were_issued(web, certificate):
    folios = (certificate.campaign.folio, certificate.folio)

    response = web.get(address("certificate_file", *folios))

    assert response.content == bytes(certificate.pdf)
    assert response["Content-Type"] == "application/pdf"
    assert certificate.folio in response["Content-Disposition"]


def test_the_file_of_another_campaign_is_not_found(web, certificate, draft, brand, editor):
    other = type(draft).objects.create(brand=brand, name="Otra", created_by=editor)

    response = web.get(address("certificate_file", other.folio, certificate.folio))

    assert response.status_code == 404


def test_it_is_accepted_with_a_button(web, certificate, final):
    content = page(web, final)
    for label in ("Sí, aceptar", "Entregadas según tus cuentas", "Motivo"):
        assert label in content

    response = answer(web, certificate, action="accept")

    assert response["Location"] == address("certificates", final.folio)
    assert CertificateAnswer.objects.get().kind == "accepted"
    content = page(web, final)
    assert "Aceptada" in content
    assert "Sí, aceptar" not in content
    assert "objetar" not in content.replace("no se puede objetar", "")


def test_it_is_disputed_with_a_form_and_the_page_says_until_when(web, certificate, final):
    response = answer(web, certificate, action="dispute", claimed="59,870", reason=REASON)

    assert response.status_code == 302
    dispute = CertificateAnswer.objects.get()
    assert (dispute.kind, dispute.claimed, dispute.reason) == ("disputed", 59_870, REASON)
    content = page(web, final)
    assert "59,870" in content
    assert REASON in content
    assert "A más tardar el" in content


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"claimed": "", "reason": REASON}, "Entregadas según tus cuentas"),
        ({"claimed": "muchas", "reason": REASON}, "Escribe un número entero"),
        ({"claimed": "-5", "reason": REASON}, "Entregadas según tus cuentas"),
        ({"claimed": "9999999999", "reason": REASON}, "Escribe cuántas"),
        ({"claimed": "5", "reason": ""}, "Motivo"),
        ({"claimed": "5", "reason": "x" * 501}, "Motivo"),
    ],
)
def test_a_dispute_that_is_refused_is_displayed_with_what_was_written(
    web, certificate, data, error
):
    response = answer(web, certificate, action="dispute", **data)

    content = response.content.decode()
    assert response.status_code == 422
    assert error in content
    assert "error-summary" in content
    assert all(value in content for value in data.values())
    assert not CertificateAnswer.objects.exists()


def test_the_answer_of_staff_and_the_correction_are_on_the_page(
    web, certificate, final, editor, settler
):
    dispute = answers.dispute(certificate.pk, reason=REASON, claimed=140, by=editor)
    correct(final)
    assert "Emitir la corrección" in page(web, final)

    outcome = answers.Outcome.CORRECTED
    answers.rule(dispute.pk, outcome=outcome, reason="Tenías razón.", by=settler)

    content = page(web, final)
    newer = issue.current(final)
    assert f"la sustituye {newer.folio}" in content
    assert "Tenías razón." in content
    assert "Se corrige: otra la sustituye" in content
    assert "se corrigieron las cuentas finales" in content


def test_a_viewer_reads_and_downloads_and_changes_nothing(client, viewer, certificate, final):
    client.force_login(viewer)

    content = page(client, final)

    assert certificate.folio in content
    assert "Sí, aceptar" not in content
    assert client.post(address("certificates", final.folio)).status_code == 404
    assert answer(client, certificate, action="accept").status_code == 404
    assert not CertificateAnswer.objects.exists()


def test_notice_page_and_mail_say_the_same(web, certificate, final, editor, owner, settler):
    answers.dispute(certificate.pk, reason=REASON, claimed=140, by=editor)
    title = f"Constancia de entrega objetada: {certificate.folio}"

    notice_mails.send_due()

    listed = web.get(address("notices")).content.decode()
    assert title in listed
    [mailed] = [each for each in mail.outbox if each.to == [settler.email]]
    assert mailed.subject == f"{title}: {final.name}"
    assert REASON in mailed.body
    assert f"/admin/campaigns/certificate/{certificate.pk}/change/" in mailed.body
    [to_owner] = [each for each in mail.outbox if each.to == [owner.email] and REASON in each.body]
    assert address("certificates", final.folio) in to_owner.body


def test_the_campaign_page_leads_to_it(web, final):
    content = web.get(address("campaign", final.folio)).content.decode()

    assert address("certificates", final.folio) in content
