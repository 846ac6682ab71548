"""The error pages: what to do next, and a link to the start page."""

import json
import logging

import pytest
from django.conf import settings as configured
from django.db import InterfaceError, InternalError, OperationalError
from django.test import Client, RequestFactory
from psycopg.errors import IdleInTransactionSessionTimeout
from structlog.stdlib import ProcessorFormatter

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


def frozen() -> InternalError:
    """Return the error of a process that was frozen inside a transaction, and goes on."""
    error = InternalError("terminating connection due to idle-in-transaction timeout")
    error.__cause__ = IdleInTransactionSessionTimeout()
    return error


@pytest.fixture
def failing(monkeypatch, editor):
    """Return a client, and a function that lets pages and API fail with an error."""

    def fail_with(error):
        def fail(*_arguments, **_options):
            raise error

        monkeypatch.setattr("portal.pages.help_page.access.home_brand", fail)
        monkeypatch.setattr("campaigns.api.brands.BrandViewSet.get_queryset", fail)

    browser = Client(raise_request_exception=False)
    browser.force_login(editor)
    return browser, fail_with


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError("restart"), InterfaceError("closed"), frozen()])
def test_a_database_that_does_not_respond_is_a_503_that_may_be_tried_again(failing, error):
    browser, fail_with = failing
    fail_with(error)

    page, answer = browser.get("/ayuda/"), browser.get("/api/v1/brands")

    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "No alcanzamos a contestar" in page.text
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "UNAVAILABLE"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/ayuda/", "/api/v1/brands"])
def test_a_server_error_is_logged_with_its_traceback(failing, path, caplog):
    browser, fail_with = failing
    fail_with(ZeroDivisionError("planted"))

    assert browser.get(path).status_code == 500

    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    as_json = next(each for each in formatters if isinstance(each, ProcessorFormatter))
    lines = [as_json.format(record) for record in caplog.records if record.name == "django.request"]
    assert "builtins.ZeroDivisionError" in json.loads(lines[0])["exception"]
    assert "planted" not in lines[0]  # the text of an exception may be anything
    assert "Traceback" in json.loads(lines[0])["exception"]


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
