# ruff: noqa: E501 (one bad request a line)
"""The token endpoint returns OAuth 2 errors and supports client credentials only."""

import base64

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken

from portal.accounts import api_clients
from tests.api.conftest import token_of

TOKEN = "/oauth2/token"


@pytest.mark.parametrize(
    ("data", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "everything"}, 400, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "webhooks:manage"}, 400, "invalid_scope"),
    ],
)  # fmt: skip
def test_the_token_endpoint_returns_oauth_errors(brand, owner, data, status, error):
    made = api_clients.create(brand.pk, "Agencia", ["campaigns:read"], by=owner)
    pair = base64.b64encode(f"{made.client.client_id}:{made.secret}".encode()).decode()

    response = Client().post(TOKEN, data, headers={"authorization": f"Basic {pair}"})

    assert (response.status_code, response.json()["error"]) == (status, error)
    assert not AccessToken.objects.exists()
    assert token_of(made)


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_a_wrong_secret_gets_no_token(brand, owner, secret):
    made = api_clients.create(brand.pk, "Agencia", ["campaigns:read"], by=owner)
    pair = base64.b64encode(f"{made.client.client_id}:{secret}".encode()).decode()

    response = Client().post(
        TOKEN, {"grant_type": "client_credentials"}, headers={"authorization": f"Basic {pair}"}
    )

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert not AccessToken.objects.exists()
