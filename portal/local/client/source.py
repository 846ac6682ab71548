"""The Python client's operations, written from the OpenAPI description: names, types, methods."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

PATH = settings.BASE_DIR / "client" / "llamada_perdida" / "operations.py"
METHODS = ("get", "post", "put", "patch", "delete")
LEFT_OUT = {"x-correlator", "Idempotency-Key", "If-Match", "If-None-Match"}  # the client's own
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
HEAD = '''"""Every operation of the API. Made from its description by `make client`: do not edit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import {typing}
from urllib.parse import quote

from llamada_perdida.http import Http

'''
CLASS = '''
class Operations(Http):
    """The operations by name; bodies and answers have the members that the API documents."""

'''


def write(document: Mapping[str, Any]) -> str:
    """Give the module's source, in the form of the house."""
    body = "\n".join(_types(document)) + "\n\n" + CLASS + "\n".join(_methods(document))
    typing = [
        name for name in ("Any", "Literal", "TypedDict", "cast") if re.search(rf"\b{name}\b", body)
    ]
    source = HEAD.format(typing=", ".join(typing)) + body
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(PATH), "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def snake(name: str) -> str:
    """Give a name as Python writes it: createCampaign is create_campaign."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).replace("-", "_").lower()


def type_name(name: str, schemas: Mapping[str, Any]) -> str:
    """Give the Python name of a shape: what is sent and shown alike is told apart."""
    if not name.endswith("Request"):
        return name.removesuffix("Enum").removesuffix("Shape").replace("ShapeKind", "Kind")
    base = name.removesuffix("Request").removesuffix("Shape")
    if base.startswith("Patched"):
        return base.removeprefix("Patched") + "Change"
    return f"{base}Input" if {base, f"{base}Shape"} & schemas.keys() else base


def _types(document: Mapping[str, Any]) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    # Names of values first: those of objects are only looked up by type checkers.
    for name, schema in sorted(schemas.items(), key=lambda row: ("enum" not in row[1], row[0])):
        shown = type_name(name, schemas)
        if "enum" in schema:
            yield f"{shown} = {_type(schema, schemas)}"
        elif "properties" in schema:
            yield from _typed_dict(shown, schema, schemas)
    for name, schema in sorted(schemas.items()):
        if "oneOf" in schema:
            kinds = " | ".join(_type(each, schemas) for each in schema["oneOf"])
            yield f"{type_name(name, schemas)} = {kinds}"


def _typed_dict(shown: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    needed = schema.get("required", ())
    always = {name: each for name, each in schema["properties"].items() if name in needed}
    rest = {name: each for name, each in schema["properties"].items() if name not in needed}
    base = "TypedDict"
    if always and rest:
        base = f"_{shown}Always"
        yield from _class(base, "TypedDict", always, schemas)
    yield from _class(shown, base + (", total=False" if rest else ""), rest or always, schemas)


def _class(
    name: str, base: str, members: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[str]:
    yield f"\n\nclass {name}({base}):"
    for member, schema in members.items():
        assert member.isidentifier(), member
        yield f"    {member}: {_type(schema, schemas)}"


def _type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    optional = " | None" if schema.get("nullable") else ""
    if "$ref" in schema:
        return type_name(schema["$ref"].rpartition("/")[2], schemas) + optional
    if len(schema.get("allOf", ())) == 1:
        return _type(schema["allOf"][0], schemas) + optional
    if "oneOf" in schema:
        return " | ".join(_type(each, schemas) for each in schema["oneOf"]) + optional
    if schema.get("enum"):
        values = ", ".join(json.dumps(each) for each in schema["enum"] if each is not None)
        return f"Literal[{values}]{optional}"
    if schema.get("type") == "array":
        return f"list[{_type(schema.get('items', {}), schemas)}]{optional}"
    if schema.get("type") in SCALARS:
        return SCALARS[schema["type"]] + optional
    return "dict[str, Any]" if schema.get("type") == "object" else "Any"


def _methods(document: Mapping[str, Any]) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _method(path, method, methods[method], schemas)
                if method == "get" and (item := _item(methods[method], schemas)):
                    yield _iterator(path, methods[method], item, schemas)


def _method(
    path: str, method: str, described: Mapping[str, Any], schemas: Mapping[str, Any]
) -> str:
    gives = _gives(described, schemas)
    names = {each["name"]: each for each in described.get("parameters", ())}
    positional = [f"{snake(each)}: str | int" for each in _in(described, "path")]
    if body := _json(described.get("requestBody", {})):
        positional.append(f"body: {_type(body, schemas)}")
    named = [_argument(names[each], schemas) for each in _in(described, "query")]
    passed = ["body=body"] if body else []
    if query := _in(described, "query"):
        passed.append(f"query={_query(query)}")
    if "If-Match" in names:
        named.append("if_match: str | None = None")
        tag = "if_match or self.tag(path)" if names["If-Match"].get("required") else "if_match"
        passed.append(f"if_match={tag}")
    if method == "post":
        named.append("idempotency_key: str | None = None")
        passed.append("idempotency_key=idempotency_key")
    call = f"self.call({', '.join([json.dumps(method.upper()), 'path', *passed])})"
    result = call if gives == "None" else f"return cast({json.dumps(gives)}, {call})"
    arguments = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    return (
        f"    def {snake(described['operationId'])}({arguments}) -> {gives}:\n"
        f"{_docstring(described)}        path = {_path(path)}\n        {result}\n"
    )


def _iterator(
    path: str, described: Mapping[str, Any], item: str, schemas: Mapping[str, Any]
) -> str:
    name = snake(described["operationId"])
    query = [each for each in _in(described, "query") if each != "cursor"]
    names = {each["name"]: each for each in described["parameters"]}
    positional = [f"{snake(each)}: str | int" for each in _in(described, "path")]
    named = [_argument(names[each], schemas) for each in query]
    arguments = ", ".join(["self", *positional, "*", *named])
    return (
        f"    def iter_{name.removeprefix('list_')}({arguments}) -> Iterator[{item}]:\n"
        f'        """Each one that `{name}` lists, page by page."""\n'
        f"        return self.each({_path(path)}, {_query(query)})\n"
    )


def _docstring(described: Mapping[str, Any]) -> str:
    lines = [f"{described['summary']}.", *str(described.get("description", "")).splitlines()]
    if len(lines) > 1 and lines[1] == described["summary"]:
        lines = lines[:1]
    told = "\n\n        ".join(lines)
    end = "\n        " if len(lines) > 1 else ""
    return f'        """{told}{end}"""\n'


def _argument(parameter: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    kind = _type(parameter["schema"], schemas).removesuffix(" | None")
    return f"{snake(parameter['name'])}: {kind} | None = None"


def _query(names: list[str]) -> str:
    return "{" + ", ".join(f"{json.dumps(each)}: {snake(each)}" for each in names) + "}"


def _path(path: str) -> str:
    if "{" not in path:
        return json.dumps(path)
    filled = re.sub(
        r"\{(\w+)\}", lambda name: "{quote(str(" + snake(name[1]) + "), safe='')}", path
    )
    return f'f"{filled}"'


def _in(described: Mapping[str, Any], where: str) -> list[str]:
    return [
        each["name"]
        for each in described.get("parameters", ())
        if each["in"] == where and each["name"] not in LEFT_OUT
    ]


def _json(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    return holder.get("content", {}).get("application/json", {}).get("schema", {})


def _gives(described: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    for status, answer in described["responses"].items():
        if status < "300":
            schema = _json(answer)
            return _type(schema, schemas) if schema else "None"
    return "None"


def _item(described: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Give the type of the items of a list that comes in pages; empty for what is none."""
    schema = _json(described["responses"].get("200", {}))
    page = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    members = page.get("properties", {})
    return _type(members["items"]["items"], schemas) if "nextCursor" in members else ""
