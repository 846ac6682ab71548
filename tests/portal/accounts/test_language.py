import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from campaigns import lifecycle, notice_mails
from campaigns.models import Event
from portal.accounts.language import COOKIE
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/idioma/"


def test_a_stranger_reads_spanish_and_may_choose_english():
    client = Client(headers={"accept-language": "en"})
    page = client.get(reverse("account_login"))
    assert page["Content-Language"] == "es-mx"
    assert "Iniciar sesión" in page.content.decode()

    response = client.post(PAGE, {"language": "en", "next": "/entrar/"})

    assert response["Location"] == "/entrar/"
    page = client.get("/entrar/")
    assert page["Content-Language"] == "en"
    assert 'lang="en"' in page.content.decode()
    assert "Sign in" in page.content.decode()


@pytest.mark.parametrize("language", ["", "fr", "EN", "es", "../en", "x" * 300])
def test_another_language_is_refused_and_changes_nothing(client, editor, language):
    client.force_login(editor)
    response = client.post(PAGE, {"language": language})

    assert response.status_code == 422
    assert "Elige uno de los dos." in response.content.decode()
    assert COOKIE not in response.cookies
    editor.refresh_from_db()
    assert editor.language == "es-mx"


@pytest.mark.parametrize("cookie", ["fr", "en-us; x", "%00", "en" * 500])
def test_a_broken_cookie_counts_as_none(client, cookie):
    client.cookies[COOKIE] = cookie
    assert client.get("/entrar/")["Content-Language"] == "es-mx"


@pytest.mark.parametrize("target", ["https://malo.mx/", "//malo.mx", "/\\malo.mx", "javascript:x"])
def test_it_returns_to_pages_of_the_portal_only(client, target):
    response = client.post(PAGE, {"language": "en", "next": target})
    assert response["Location"] == "/"


def test_a_person_has_their_language_wherever_they_sign_in(editor):
    first = Client()
    first.force_login(editor)
    first.post(PAGE, {"language": "en"})
    editor.refresh_from_db()
    assert editor.language == "en"

    other = Client()
    other.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})
    assert other.get(reverse("portal:profile"))["Content-Language"] == "en"


def test_a_mail_is_in_the_language_of_who_gets_it(owner, editor, approved):
    type(owner).objects.filter(pk=owner.pk).update(language="en")

    notice_mails.send_due()

    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert subjects[owner.email].startswith("Approved")
    assert subjects[editor.email].startswith("Aprobada")


def test_records_stay_in_the_language_of_the_portal(campaign_in_review, editor):
    lifecycle.withdraw(campaign_in_review.pk, by=editor)
    with translation.override("en"):
        lifecycle.submit(campaign_in_review.pk, by=editor)
        lifecycle.hold_submitted()
    assert "Approved" not in Event.objects.last().comment


def test_the_next_request_of_a_thread_has_its_own_language(client):
    english = Client()
    english.cookies[COOKIE] = "en"
    for _round in range(2):
        assert english.get("/entrar/")["Content-Language"] == "en"
        assert client.get("/entrar/")["Content-Language"] == settings.LANGUAGE_CODE
