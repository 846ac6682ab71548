"""A client of the portal in process, and one of an API with prepared responses."""

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
        "http://localhost",
        made.client.client_id,
        made.secret,
        transport=transport,
        sleep=fail_on_pause,
    ) as client:
        yield client
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def fail_on_pause(_seconds: float) -> None:
    raise AssertionError("the client repeats a request that should succeed at once")


class ScriptedApi:
    """An API that gives its responses in turn, and records the requests and pauses."""

    def __init__(self, *responses, tokens=()) -> None:
        self.responses, self.tokens = list(responses), list(tokens)
        self.requests: list[httpx.Request] = []
        self.token_requests = 0
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/token":
            self.token_requests += 1
            return respond(self.tokens.pop(0) if self.tokens else token(), request)
        self.requests.append(request)
        return respond(self.responses.pop(0), request)

    def client(self, **options) -> Client:
        transport = httpx.MockTransport(self)
        return Client(
            "http://x/", "id", "secret", transport=transport, sleep=self.pauses.append, **options
        )

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.requests]


def respond(response, request):
    """Return a response, or raise it if it is an exception class."""
    if isinstance(response, type) and issubclass(response, Exception):
        raise response("planted", request=request)
    return response


def token(seconds=3600, value="t1"):
    return httpx.Response(200, json={"access_token": value, "expires_in": seconds})


def ok(body=None, **headers):
    return httpx.Response(200, content=json.dumps(body or {}), headers=headers)


def refused(status, code="X", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status,
        json={"status": status, "code": code, "message": "No.", "details": [{"field": "a"}]},
        headers=headers | {"x-correlator": "c-1"},
    )
