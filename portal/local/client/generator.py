"""Generates the Python client's operations from the OpenAPI description of the API."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from portal.local.client.types import python_type, snake_case, type_definitions

METHODS = ("get", "post", "put", "patch", "delete")
# Headers that the client sets itself: no method has an argument of these names.
CLIENT_HEADERS = {"x-correlator", "Idempotency-Key", "If-Match", "If-None-Match"}
MODULE_HEAD = '''"""Every operation of the API, generated from its OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import {typing}
from urllib.parse import quote

from llamada_perdida.http import Http

'''
CLASS_HEAD = '''
class Operations(Http):
    """The operations by name; bodies and responses have the members that the API documents."""

'''


def generate(document: Mapping[str, Any]) -> str:
    """Return the source of `llamada_perdida.operations`, formatted by ruff.

    `document` is an OpenAPI 3.0 description with the features that our API uses: no callbacks,
    discriminators, or media types other than JSON.
    """
    schemas = document["components"]["schemas"]
    body = "\n".join(type_definitions(schemas)) + "\n\n" + CLASS_HEAD
    body += "\n".join(_methods(document["paths"], schemas))
    typing = [
        name for name in ("Any", "Literal", "TypedDict", "cast") if re.search(rf"\b{name}\b", body)
    ]
    return _format(MODULE_HEAD.format(typing=", ".join(typing)) + body)


def method_names(document: Mapping[str, Any]) -> set[str]:
    """Return the name of the client's method for each operation."""
    return {
        snake_case(operation["operationId"])
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in METHODS
    }


def _format(source: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def _methods(paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    for path, operations in paths.items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                yield _method(path, method, operation, schemas)
                if method == "get" and (item_type := _item_type(operation, schemas)):
                    yield _iterator(path, operation, item_type, schemas)


def _method(
    path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> str:
    """Return the method that calls an operation once."""
    return_type = _return_type(operation, schemas)
    parameters = {parameter["name"]: parameter for parameter in operation.get("parameters", ())}
    positional = [f"{snake_case(name)}: str | int" for name in _names(operation, "path")]
    keyword_only = [_argument(parameters[name], schemas) for name in _names(operation, "query")]
    call_arguments = [json.dumps(method.upper()), "path"]
    if body := _json_schema(operation.get("requestBody", {})):
        positional.append(f"body: {python_type(body, schemas)}")
        call_arguments.append("body=body")
    if query := _names(operation, "query"):
        call_arguments.append(f"query={_query(query)}")
    if "If-Match" in parameters:
        keyword_only.append("if_match: str | None = None")
        required = parameters["If-Match"].get("required")
        etag = "if_match or self.current_etag(path)" if required else "if_match"
        call_arguments.append(f"if_match={etag}")
    if method == "post":
        keyword_only.append("idempotency_key: str | None = None")
        call_arguments.append("idempotency_key=idempotency_key")
    call = f"self.call({', '.join(call_arguments)})"
    if return_type != "None":
        call = f"return cast({json.dumps(return_type)}, {call})"
    arguments = ", ".join(["self", *positional, *(["*", *keyword_only] if keyword_only else [])])
    return (
        f"    def {snake_case(operation['operationId'])}({arguments}) -> {return_type}:\n"
        f"{_docstring(operation)}        path = {_path_expression(path)}\n        {call}\n"
    )


def _iterator(
    path: str, operation: Mapping[str, Any], item_type: str, schemas: Mapping[str, Any]
) -> str:
    """Return the method that iterates over all pages of a list operation."""
    name = snake_case(operation["operationId"])
    query = [name for name in _names(operation, "query") if name != "cursor"]
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    positional = [f"{snake_case(name)}: str | int" for name in _names(operation, "path")]
    keyword_only = [_argument(parameters[name], schemas) for name in query]
    arguments = ", ".join(["self", *positional, "*", *keyword_only])
    return (
        f"    def iter_{name.removeprefix('list_')}({arguments}) -> Iterator[{item_type}]:\n"
        f'        """Yield every item that `{name}` lists, page by page."""\n'
        f"        return self.iterate_pages({_path_expression(path)}, {_query(query)})\n"
    )


def _docstring(operation: Mapping[str, Any]) -> str:
    lines = [f"{operation['summary']}.", *str(operation.get("description", "")).splitlines()]
    if len(lines) > 1 and lines[1] == operation["summary"]:
        lines = lines[:1]
    text = "\n\n        ".join(lines)
    end = "\n        " if len(lines) > 1 else ""
    return f'        """{text}{end}"""\n'


def _argument(parameter: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    annotation = python_type(parameter["schema"], schemas).removesuffix(" | None")
    return f"{snake_case(parameter['name'])}: {annotation} | None = None"


def _query(names: list[str]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {snake_case(name)}" for name in names) + "}"


def _path_expression(path: str) -> str:
    """Return the Python expression that makes the path: an f-string if it has parameters."""
    if "{" not in path:
        return json.dumps(path)
    quoted = re.sub(
        r"\{(\w+)\}", lambda match: "{quote(str(" + snake_case(match[1]) + "), safe='')}", path
    )
    return f'f"{quoted}"'


def _names(operation: Mapping[str, Any], location: str) -> list[str]:
    """Return the names of the parameters in a location (OpenAPI's `in`: path, query)."""
    return [
        parameter["name"]
        for parameter in operation.get("parameters", ())
        if parameter["in"] == location and parameter["name"] not in CLIENT_HEADERS
    ]


def _json_schema(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON schema of a request body or response; empty if there is none."""
    return holder.get("content", {}).get("application/json", {}).get("schema", {})


def _return_type(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    for status, response in operation["responses"].items():
        if status < "300":
            schema = _json_schema(response)
            return python_type(schema, schemas) if schema else "None"
    return "None"


def _item_type(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return the type of the items of a paginated list; empty if it is none."""
    schema = _json_schema(operation["responses"].get("200", {}))
    page = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    members = page.get("properties", {})
    return python_type(members["items"]["items"], schemas) if "nextCursor" in members else ""
