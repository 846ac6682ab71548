"""The operations and schemas of `missed-call-ads.yaml`, and whether a response is as it says."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT4

from campaigns.gateway.conformance.received_event import event_errors
from campaigns.gateway.http_response import GatewayResponse

CONTRACT_FILE = Path(__file__).resolve().parent.parent / "missed-call-ads.yaml"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CONTRACT: dict[str, Any] = yaml.load(CONTRACT_FILE.read_text(), Loader=_LOADER)  # noqa: S506
METHODS = ("get", "put", "post", "delete", "patch")
MAX_REPORTED_ERRORS = 5
PAGE_OF_EVENTS = {"$ref": "#/components/schemas/DeliveryReportPage"}
_URI = "urn:contract"
_REGISTRY: Registry[Any] = Registry().with_resource(_URI, DRAFT4.create_resource(CONTRACT))


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    name: str
    method: str
    path: str
    scope: str
    description: Mapping[str, Any]

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.description


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
    """Return the messages of a validator for a schema of the contract, each with its path."""
    if "$ref" in schema:
        schema = {"$ref": _URI + schema["$ref"]}
    validator = Draft4Validator(schema, registry=_REGISTRY, format_checker=FormatChecker(["date"]))
    errors = []
    for error in validator.iter_errors(value):
        path = ".".join(map(str, error.absolute_path))
        message = error.message if len(error.message) <= 200 else f"breaks {error.validator}"
        errors.append(f"{path}: {message}" if path else message)
    return errors[:MAX_REPORTED_ERRORS]


def _body_errors(schema: Any, data: Any) -> list[str]:
    """Return the messages for a body; the events of a page are read by their types."""
    if schema != PAGE_OF_EVENTS or not isinstance(data, dict):
        return schema_errors(schema, data)
    items = data.get("items")
    if not isinstance(items, list):
        return schema_errors(schema, data)
    errors = schema_errors(schema, data | {"items": []})
    errors += [message for item in items for message in event_errors(item)]
    return errors[:MAX_REPORTED_ERRORS]


def named_schema_errors(name: str, value: Any) -> list[str]:
    """Return the messages for a schema of `components`."""
    return schema_errors({"$ref": f"#/components/schemas/{name}"}, value)


def read_json(response: GatewayResponse) -> Any:
    """Return the JSON of a response, or None if it is not JSON."""
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        return None


def header_errors(expected: Mapping[str, Any], response: GatewayResponse) -> Iterator[str]:
    """Yield each header that is missing or not as described."""
    for name, header in expected.get("headers", {}).items():
        header = resolve(header)
        value = response.headers.get(name)
        if value is None:
            if header.get("required"):
                yield f"the header {name} is missing"
        elif resolve(header["schema"])["type"] == "integer" and not re.fullmatch("[0-9]+", value):
            yield f"the header {name} is not a number of seconds"


def response_errors(operation: Operation, response: GatewayResponse) -> Iterator[tuple[str, str]]:
    """Yield each deviation of a response: the part of it that deviates, and a message.

    The parts are `status`, `headers`, `media type`, `body` and `error body`.
    """
    status = response.status
    documented = operation.description["responses"].get(str(status))
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json":
        yield "media type", f"the media type is {media_type or 'missing'}"
    if documented is None:
        yield "status", f"{operation.name} has no response {status}"
        return
    expected = resolve(documented)
    for message in header_errors(expected, response):
        yield "headers", message
    media = expected["content"]["application/json"]
    data = read_json(response)
    part = "body" if status < 400 else "error body"
    for message in _body_errors(media["schema"], data):
        yield part, message
    if status >= 400 and isinstance(data, dict):
        codes = {resolve(example)["value"]["code"] for example in media["examples"].values()}
        if data.get("code") not in codes:
            yield part, f"{operation.name} has no code {data.get('code')} with {status}"
        if data.get("status") != status:
            yield part, "its member status differs from the status of the response"
