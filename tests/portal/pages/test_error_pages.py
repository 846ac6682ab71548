"""What somebody reads when it does not work: what to do next, and a way home."""

import pytest
from django.conf import settings as configured
from django.test import Client, RequestFactory

from portal.accounts.models import User
from portal.pages import error_pages


def test_a_failure_of_ours_asks_the_database_nothing(settings):
    """No mark of a database: the test would fail at the first query."""
    settings.SKIN = "css/skin-otra.css"

    answer = error_pages.server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert "Probar de nuevo" in answer.text
    assert 'href="/"' in answer.text
    assert 'href="/static/css/skin-otra.css"' in answer.text


@pytest.mark.django_db
def test_a_page_that_fails_is_answered_in_spanish_and_with_the_policy(monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr("portal.pages.help_page.access.home_brand", fail)
    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.create_user("ana@pizzas.mx"))

    answer = browser.get("/ayuda/")

    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.text
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [
        {"login": "x" * (configured.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)},
        {f"x{number}": "1" for number in range(configured.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)},
    ],
    ids=["bytes", "fields"],
)
def test_what_is_too_big_is_told_as_such(client, sent):
    answer = client.post("/entrar/", sent)

    assert answer.status_code == 413
    assert "Eso pesa demasiado" in answer.text
    assert "envía menos" in answer.text


@pytest.mark.django_db
def test_a_form_of_yesterday_says_how_to_send_it_again(editor):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(editor)

    answer = browser.post("/perfil/", {"first_name": "Ana"})

    assert answer.status_code == 403
    assert "copia lo que escribiste" in answer.text


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_answered_in_spanish(client):
    answer = client.get("/entrar/", headers={"host": "mala.example"})

    assert answer.status_code == 400
    assert "No entendimos esa solicitud" in answer.text
