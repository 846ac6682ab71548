"""The error pages: what to do next, and a link to the start page."""

import pytest
from django.conf import settings as configured
from django.test import Client, RequestFactory

from portal.accounts.models import User
from portal.pages import error_pages


def test_the_page_of_a_server_error_makes_no_query(settings):
    """The test has no database mark, so it would fail at the first query."""
    settings.SKIN = "css/skin-otra.css"

    response = error_pages.server_error(RequestFactory().get("/"))

    assert response.status_code == 500
    assert "Probar de nuevo" in response.text
    assert 'href="/"' in response.text
    assert 'href="/static/css/skin-otra.css"' in response.text


@pytest.mark.django_db
def test_a_server_error_is_in_spanish_and_has_the_security_policy(monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError

    monkeypatch.setattr("portal.pages.help_page.access.home_brand", fail)
    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.create_user("ana@pizzas.mx"))

    response = browser.get("/ayuda/")

    assert response.status_code == 500
    assert "Algo falló de nuestro lado" in response.text
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "data",
    [
        {"login": "x" * (configured.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)},
        {f"x{number}": "1" for number in range(configured.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)},
    ],
    ids=["bytes", "fields"],
)
def test_a_request_that_is_too_large_gets_its_own_page(client, data):
    response = client.post("/entrar/", data)

    assert response.status_code == 413
    assert "Eso pesa demasiado" in response.text
    assert "envía menos" in response.text


@pytest.mark.django_db
def test_an_expired_csrf_token_gets_a_page_that_explains_how_to_go_on(editor):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(editor)

    response = browser.post("/perfil/", {"first_name": "Ana"})

    assert response.status_code == 403
    assert "copia lo que escribiste" in response.text


@pytest.mark.django_db
def test_a_foreign_host_gets_a_page_in_spanish(client):
    response = client.get("/entrar/", headers={"host": "mala.example"})

    assert response.status_code == 400
    assert "No entendimos esa solicitud" in response.text
