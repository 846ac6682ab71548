"""A client of the portal in process, and one of an API that answers as it is told."""

import json
from collections.abc import Iterator

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from llamada_perdida import Client
from portal.accounts import api_clients
from portal.api_settings import SCOPES
from portal.wsgi import application


@pytest.fixture
def lp(brand, owner) -> Iterator[Client]:
    """A client of the real portal; the test's transaction stays open between requests."""
    made = api_clients.create(brand.pk, "Agencia", list(SCOPES), by=owner)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    transport = httpx.WSGITransport(app=application)
    with Client(
        "http://localhost", made.client.client_id, made.secret, transport=transport, sleep=refuse
    ) as client:
        yield client
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def refuse(_seconds: float) -> None:
    raise AssertionError("it was to be asked once")


class Scripted:
    """An API that gives its answers in turn, and remembers what it was asked."""

    def __init__(self, *answers, tokens=()) -> None:
        self.answers, self.tokens = list(answers), list(tokens)
        self.asked: list[httpx.Request] = []
        self.tokens_asked = 0
        self.slept: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            self.tokens_asked += 1
            told = self.tokens.pop(0) if self.tokens else token()
            return give(told, request)
        self.asked.append(request)
        return give(self.answers.pop(0), request)

    def client(self, **options) -> Client:
        transport = httpx.MockTransport(self)
        return Client(
            "http://x/", "id", "secret", transport=transport, sleep=self.slept.append, **options
        )

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.asked]


def give(told, request):
    if isinstance(told, type) and issubclass(told, Exception):
        raise told("planted", request=request)
    return told


def token(seconds=3600, value="t1"):
    return httpx.Response(200, json={"access_token": value, "expires_in": seconds})


def ok(body=None, **headers):
    return httpx.Response(200, content=json.dumps(body or {}), headers=headers)


def refused(status, code="X", **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status,
        json={"status": status, "code": code, "message": "No.", "details": [{"field": "a"}]},
        headers=sent | {"x-correlator": "c-1"},
    )
