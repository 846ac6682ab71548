"""No line of the log holds a secret of a request, of a task or of an exception."""

import io
import json
import logging
from urllib.parse import quote

import pytest
import structlog
from celery.app import trace
from django.conf import settings as django_settings
from django.test import Client
from django.urls import get_resolver, reverse

from campaigns import lifecycle
from portal import log_lines
from tests.conftest import PASSWORD

SECRET = "secreto-9f31c7"


@pytest.fixture
def lines(monkeypatch):
    """Return a function that returns the lines which the log's own formatter has written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = django_settings.LOGGING["formatters"]["json"]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(**{k: v for k, v in formatter.items() if k != "()"})
    )
    root = logging.getLogger()
    monkeypatch.setattr(root, "level", logging.DEBUG)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


def written(lines):
    return json.dumps(lines(), ensure_ascii=False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        f"/contrasena/3-{SECRET}/",
        f"/registro/correo/{SECRET}/",
        f"/invitaciones/{SECRET}/",
        f"/{SECRET}",
        f"/api/v1/{SECRET}",
        f"/api/v1/campaigns/{SECRET}",
        f"/l/{SECRET}",
        f"/admin/{SECRET}/",
        f"/static/{SECRET}.css",
        f"/marcas/{SECRET}/campanas/",
    ],
)
def test_no_path_query_or_body_is_logged(path, lines):
    client = Client(raise_request_exception=False)

    for method in ("get", "post", "put", "options"):
        getattr(client, method)(f"{path}?client_secret={SECRET}&q=%ff{SECRET}")
    client.post(path, {"password": SECRET, "client_secret": SECRET})
    client.post(path, json.dumps({"a": SECRET}), content_type="application/json")

    assert SECRET not in written(lines)
    assert [line for line in lines() if line.get("request")]


@pytest.mark.django_db
def test_forms_and_tokens_are_not_logged(lines, editor, settings):
    client = Client(raise_request_exception=False, headers={"user-agent": SECRET})

    client.post(reverse("account_login"), {"login": f"{SECRET}@a.mx", "password": SECRET})
    client.post(reverse("account_reset_password"), {"email": f"{SECRET}@a.mx"})
    client.post(reverse("account_login"), {"login": editor.email, "password": PASSWORD})
    client.post(
        f"/oauth2/token?client_secret={SECRET}",
        {"grant_type": "client_credentials", "client_id": SECRET, "client_secret": SECRET},
    )
    client.get("/api/v1/campaigns", headers={"authorization": f"Bearer {SECRET}"})
    client.get("/", headers={"host": f"{SECRET}.mx"})
    Client(enforce_csrf_checks=True).post(f"/entrar/?next=/{SECRET}", {"login": SECRET})

    assert SECRET not in written(lines)
    assert editor.email not in written(lines)


@pytest.mark.django_db
def test_a_route_is_logged_by_its_name(lines, client, editor, draft):
    client.force_login(editor)
    client.get(reverse("portal:campaign", args=[draft.folio]))
    client.get("/no-existe/")

    requests = {line["request"] for line in lines() if "request" in line}
    assert {"GET portal:campaign", "GET ?"} <= requests
    assert draft.folio not in written(lines)


@pytest.mark.django_db
def test_the_text_of_an_exception_is_not_logged_and_its_frames_are(
    lines, editor, draft, monkeypatch
):
    def broken(*_args, **_kwargs):
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(f"cannot use {SECRET}") from error

    monkeypatch.setattr(lifecycle, "copy", broken)
    client = Client(raise_request_exception=False)
    client.force_login(editor)

    client.post(f"/api/v1/campaigns/{draft.folio}/copy")

    text = written(lines)
    assert SECRET not in text
    assert "builtins.KeyError" in text
    assert "builtins.RuntimeError" in text
    assert "in broken" in text


def test_a_task_that_fails_is_logged_without_its_text(lines):
    from django_structlog.celery.receivers import CeleryReceiver

    from portal.celery import app

    receiver = CeleryReceiver()
    error = ValueError(SECRET)
    receiver.receiver_task_failure("id-1", error)
    receiver.receiver_task_retry(reason=SECRET)
    logging.getLogger("celery.app.trace").error(
        "Task %(name)s[%(id)s] %(description)s: %(exc)s\n%(traceback)s",
        {
            "name": "campaigns.tasks.send_due",
            "id": "id-1",
            "description": "raised unexpected",
            "exc": SECRET,
            "traceback": SECRET,
        },
    )
    logging.getLogger("celery.worker.strategy").debug(
        "TaskPool: Apply %s (args:%r kwargs:%r)", SECRET, (SECRET,), {}
    )
    logging.getLogger("celery.beat").warning("trying every %g s: %s", 1.0, ConnectionError(SECRET))
    assert app and trace

    text = written(lines)
    assert SECRET not in text
    assert "campaigns.tasks.send_due" in text
    assert "id-1" in text
    assert "trying every 1.0 s: …" in text


def test_our_own_lines_name_an_exception_by_its_type(lines):
    structlog.get_logger("campaigns.teams").warning(
        "mail_lost", error=OSError(SECRET), invitation=7
    )
    logging.getLogger("any").warning(ValueError(SECRET))

    (ours, other) = lines()
    assert (ours["error"], ours["invitation"]) == ("OSError", 7)
    assert other["event"] == "ValueError"


def test_without_the_guards_the_secret_is_logged(lines, monkeypatch, rf):
    """The negative control: a handler whose lines are formatted as libraries write them."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    try:
        Client(raise_request_exception=False).get(f"/api/{quote(SECRET)}?x={SECRET}")
    finally:
        logging.getLogger().removeHandler(handler)

    assert SECRET in stream.getvalue()
    assert SECRET not in written(lines)


def test_every_route_has_a_name(rf):
    """A route without one would be logged by its pattern, which is safe too."""
    request = rf.get("/api/v1/campaigns/LP-222222/submit")
    assert log_lines.route_of(request) == "v1:campaign-submit"
    assert log_lines.route_of(rf.get("/ñ/%00")) == "?"
    assert get_resolver()
