"""The public page that verifies certificates: for everybody, without names, and limited."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.certificates import issue
from core.api import throttles
from tests.campaigns.certificates.conftest import correct

pytestmark = pytest.mark.django_db

FORM = "/constancia/"


@pytest.fixture(autouse=True)
def _own_counts(monkeypatch):
    """Count apart from other tests, which come from the same address."""
    count, apart = throttles.count_request, uuid.uuid4().hex
    monkeypatch.setattr(
        throttles, "count_request", lambda who, *more: count(f"{apart}-{who}", *more)
    )


@pytest.fixture
def visitor():
    return Client()


def test_the_form_is_for_everybody(visitor):
    response = visitor.get(FORM)

    assert response.status_code == 200
    assert "SHA-256" in response.content.decode()
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies


def test_a_folio_leads_to_its_page_as_people_write_it(visitor, certificate):
    entered = {"folio": f" {certificate.folio.lower()} ", "huella": certificate.pdf_sha256}

    response = visitor.get(FORM, entered, follow=True)

    page = reverse("portal:verify_certificate", args=[certificate.folio])
    assert response.redirect_chain == [(f"{page}?huella={certificate.pdf_sha256}", 302)]
    assert "byte por byte" in response.content.decode()


def test_it_displays_what_was_certified_and_no_person(visitor, certificate, final, editor):
    response = visitor.get(f"{FORM}{certificate.folio}/")

    content = response.content.decode()
    for expected in (
        "Vigente",
        "Tienda",
        final.folio,
        "130 de 60,000 contratadas",
        certificate.pdf_sha256,
        certificate.content_sha256,
    ):
        assert expected in content
    for person in (str(editor), editor.email, "revision@telefonica.mx", final.name, final.text):
        assert person not in content
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("entered", "said"),
    [("f" * 64, "La huella no coincide"), ("f" * 63, "Eso no es una huella")],
)
def test_a_hash_that_does_not_match_is_refused(visitor, certificate, entered, said):
    response = visitor.get(f"{FORM}{certificate.folio}/", {"huella": entered})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert "byte por byte" not in response.content.decode()


def test_one_that_was_replaced_says_by_which(visitor, certificate, final, editor):
    correct(final)
    newer = issue.issue(final.pk, by=editor).certificate

    content = visitor.get(f"{FORM}{certificate.folio}/").content.decode()

    assert "Ya no vale" in content
    assert reverse("portal:verify_certificate", args=[newer.folio]) in content
    assert "Vigente" not in content


def test_an_unknown_folio_is_not_found(visitor, db):
    response = visitor.get(f"{FORM}CE-22222222/")

    assert response.status_code == 404
    assert "No emitimos ninguna constancia" in response.content.decode()


def test_what_is_no_folio_is_refused_where_it_stands(visitor, db):
    response = visitor.get(FORM, {"folio": "LP-123 <b>", "huella": "x"})

    content = response.content.decode()
    assert response.status_code == 422
    assert "Un folio de constancia es" in content
    assert "LP-123 &lt;b&gt;" in content


def test_an_address_looks_up_so_many_a_minute(visitor, certificate, settings):
    settings.VERIFICATIONS_A_MINUTE = 3
    page = f"{FORM}{certificate.folio}/"

    found = [visitor.get(page).status_code for _turn in range(4)]

    assert found == [200, 200, 200, 429]
    refused = visitor.get(f"{FORM}CE-22222222/")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert visitor.get(page, REMOTE_ADDR="10.1.2.3").status_code == 200


def test_it_is_read_only(visitor, certificate):
    assert visitor.post(f"{FORM}{certificate.folio}/").status_code == 405
