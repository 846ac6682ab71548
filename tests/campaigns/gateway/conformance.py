"""Calls of a gateway, of which every response is checked against `missed-call-ads.yaml`.

The validation is independent of the sandbox's own code.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT4

import campaigns.gateway
from tests.processes import Sandbox

CONTRACT_FILE = Path(campaigns.gateway.__file__).parent / "missed-call-ads.yaml"
CONTRACT: dict[str, Any] = yaml.safe_load(CONTRACT_FILE.read_text())
REGISTRY: Registry[Any] = Registry().with_resource("urn:contract", DRAFT4.create_resource(CONTRACT))
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    name: str
    method: str
    path: str
    scope: str
    description: Mapping[str, Any]


def resolve(node: Any) -> Any:
    """Return what a `$ref` of the contract points to, or the node itself."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = CONTRACT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def _operations() -> Iterator[Operation]:
    for path, item in CONTRACT["paths"].items():
        for method in METHODS:
            if method in item:
                description = item[method]
                [scope] = description["security"][0]["openId"]
                name = description["operationId"]
                yield Operation(name, method.upper(), path, scope, description)


OPERATIONS = {operation.name: operation for operation in _operations()}


def schema_errors(schema: Any, value: Any) -> list[str]:
    """Return the messages of a validator for a schema of the contract."""
    if "$ref" in schema:
        schema = {"$ref": "urn:contract" + schema["$ref"]}
    validator = Draft4Validator(schema, registry=REGISTRY, format_checker=FormatChecker(["date"]))
    return [error.message for error in validator.iter_errors(value)]


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
    documented = operation.description["responses"]
    assert str(response.status_code) in documented, (response.status_code, response.text)
    expected = resolve(documented[str(response.status_code)])
    for name, header in expected["headers"].items():
        header = resolve(header)
        assert name in response.headers or not header.get("required"), name
        if name in response.headers and resolve(header["schema"])["type"] == "integer":
            assert re.fullmatch("[0-9]+", response.headers[name])
    assert response.headers["content-type"] == "application/json"
    media = expected["content"]["application/json"]
    assert schema_errors(media["schema"], response.json()) == []
    if response.status_code >= 400:
        codes = {resolve(example)["value"]["code"] for example in media["examples"].values()}
        assert response.json()["code"] in codes
        assert response.json()["status"] == response.status_code


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
