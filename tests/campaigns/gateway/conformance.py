"""Calls of the sandbox, of which every response is checked against `missed-call-ads.yaml`.

The validation is independent of the sandbox's own code.
"""

from collections.abc import Mapping
from typing import Any

import httpx

from campaigns.gateway.conformance.contract_file import (
    OPERATIONS,
    Operation,
    resolve,
    response_errors,
)
from campaigns.gateway.http_response import GatewayResponse
from tests.processes import Sandbox


def documented_errors() -> set[tuple[str, int, str]]:
    """Return each (operation, status, code) of which the contract has an example."""
    found = set()
    for operation in OPERATIONS.values():
        for status, response in operation.description["responses"].items():
            if int(status) < 400:
                continue
            for example in resolve(response)["content"]["application/json"]["examples"].values():
                found.add((operation.name, int(status), resolve(example)["value"]["code"]))
    return found


def assert_conforms(operation: Operation, response: httpx.Response) -> None:
    """Assert that the contract has this status with these headers, body and error code."""
    received = GatewayResponse(response.status_code, response.headers, response.content)
    assert list(response_errors(operation, received)) == [], response.text


class ConformanceClient:
    """Call operations by name, with a token of any scopes, and check each response."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(trust_env=False, timeout=10)
        self._tokens: dict[tuple[str, ...], str] = {}

    def token(self, *scopes: str) -> str:
        """Return a new token with the given scopes, or with all."""
        form = {"grant_type": "client_credentials"}
        if scopes:
            form["scope"] = " ".join(scopes)
        response = self.http.post(
            self.sandbox.token_url,
            data=form,
            auth=httpx.BasicAuth(self.sandbox.client_id, self.sandbox.client_secret),
        )
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def call(
        self,
        name: str,
        *,
        order_id: str = "",
        token: str | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: str = "",
    ) -> httpx.Response:
        operation = OPERATIONS[name]
        if token is None:
            token = self._tokens.get(())
            if token is None:
                token = self._tokens[()] = self.token()
        headers = {"authorization": f"Bearer {token}", **(headers or {})}
        if content is not None:
            headers.setdefault("content-type", "application/json")
        response = self.http.request(
            operation.method,
            self.sandbox.url + operation.path.replace("{adOrderId}", order_id) + query,
            json=json,
            content=content,
            headers=headers,
        )
        assert_conforms(operation, response)
        return response
