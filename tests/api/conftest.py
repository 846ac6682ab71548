"""Fixtures: an API client of a brand, with a token, that calls the API in process."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from campaigns.models import Brand
from core.api.auto_schema import CODE_LINE
from portal.accounts import api_clients
from portal.accounts.api_clients import Credentials
from portal.accounts.models import User
from portal.api_docs import description
from portal.api_settings import SCOPES

V1 = "/api/v1"
ALL = tuple(SCOPES)


def token_of(made: Credentials, scope: str = "") -> str:
    """Request a token from the token endpoint."""
    pair = base64.b64encode(f"{made.client.client_id}:{made.secret}".encode()).decode()
    data = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    response = Client().post("/oauth2/token", data, headers={"authorization": f"Basic {pair}"})
    assert response.status_code == 200, response.content
    return response.json()["access_token"]


def everything(*app_labels: str) -> dict[str, tuple[int, int]]:
    """Return {table: (rows, sum of their hashes)} of some apps: equal where no row differs."""
    tables = [
        model._meta.db_table
        for label in app_labels
        for model in apps.get_app_config(label).get_models()
        if model._meta.managed
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(row::text, 0)), 0)"
                f" FROM {table} AS row"
                for table in tables
            )
        )
        return {table: (rows, hashes) for table, rows, hashes in cursor.fetchall()}


def refusals_of(operation: dict[str, Any]) -> set[str]:
    """Return the codes of errors that the description lists for an operation."""
    components = description.document()["components"]["responses"]
    found = set()
    for status, response in operation["responses"].items():
        if status >= "400":
            described = components[response["$ref"].rpartition("/")[2]]
            found |= set(CODE_LINE.findall(described["description"]))
    return found


def require_described(method: str, path: str, code: str) -> None:
    """Fail if an operation was refused with a code that its description does not list."""
    path = V1 + path.partition("?")[0]
    for template, methods in description.document()["paths"].items():
        pattern = re.sub(r"\{[a-z]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in methods:
            operation = methods[method.lower()]
            assert code in refusals_of(operation), f"{operation['operationId']}: {code}"
            return


class Program:
    """A client of the API with a bearer token. Responses are those of Django's test client."""

    def __init__(self, token: str) -> None:
        self.token, self.client = token, Client(raise_request_exception=True)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        header_values = {name.replace("_", "-"): value for name, value in headers.items()}
        header_values.setdefault("authorization", f"Bearer {self.token}")
        data = b"" if body is None else json.dumps(body).encode()
        response = self.client.generic(
            method, V1 + path, data, content_type="application/json", headers=header_values
        )
        if response.status_code >= 400:
            require_described(method, path, response.json()["code"])
        return response

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self("PATCH", path, body, **headers)


@pytest.fixture
def program_of() -> Callable[..., Program]:
    def make(brand: Brand, owner: User, *scopes: str) -> Program:
        made = api_clients.create(brand.pk, "Agencia", scopes or ALL, by=owner)
        return Program(token_of(made))

    return make


@pytest.fixture
def program(brand: Brand, owner: User, program_of: Callable[..., Program]) -> Program:
    """A program with all scopes."""
    return program_of(brand, owner)


@pytest.fixture
def sent_terms(terms: dict[str, Any]) -> dict[str, Any]:
    """The terms of a campaign that can be submitted, as the API represents them."""
    return {
        "name": terms["name"],
        "adText": terms["text"],
        "area": terms["area"],
        "startsOn": terms["starts_on"].isoformat(),
        "endsOn": terms["ends_on"].isoformat(),
        "volume": terms["volume"],
    }
