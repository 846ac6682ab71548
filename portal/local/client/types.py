"""Python types for the schemas of an OpenAPI description."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def snake_case(name: str) -> str:
    """Return a name in Python's spelling: `createCampaign` becomes `create_campaign`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).replace("-", "_").lower()


def type_definitions(schemas: Mapping[str, Any]) -> Iterator[str]:
    """Yield the source of a type for each schema: a Literal, a TypedDict or a union."""
    # Literals first, as the module evaluates their names; names of objects are only annotations.
    for name, schema in sorted(schemas.items(), key=lambda row: ("enum" not in row[1], row[0])):
        if "enum" in schema:
            yield f"{_type_name(name, schemas)} = {python_type(schema, schemas)}"
        elif "properties" in schema:
            yield from _typed_dict(_type_name(name, schemas), schema, schemas)
    for name, schema in sorted(schemas.items()):
        if "oneOf" in schema:
            alternatives = " | ".join(python_type(each, schemas) for each in schema["oneOf"])
            yield f"{_type_name(name, schemas)} = {alternatives}"


def python_type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Return the annotation for a schema."""
    optional = " | None" if schema.get("nullable") else ""
    if "$ref" in schema:
        return _type_name(schema["$ref"].rpartition("/")[2], schemas) + optional
    if len(schema.get("allOf", ())) == 1:
        return python_type(schema["allOf"][0], schemas) + optional
    if "oneOf" in schema:
        return " | ".join(python_type(each, schemas) for each in schema["oneOf"]) + optional
    if schema.get("enum"):
        values = ", ".join(json.dumps(value) for value in schema["enum"] if value is not None)
        return f"Literal[{values}]{optional}"
    if schema.get("type") == "array":
        return f"list[{python_type(schema.get('items', {}), schemas)}]{optional}"
    if schema.get("type") in SCALARS:
        return SCALARS[schema["type"]] + optional
    if schema.get("type") != "object":
        return "Any"
    inner: Any = schema.get("additionalProperties")
    values_type = python_type(inner, schemas) if isinstance(inner, dict) and inner else "Any"
    return f"dict[str, {values_type}]{optional}"


def _type_name(name: str, schemas: Mapping[str, Any]) -> str:
    """Return the Python name of a schema.

    Request and response schemas of the same name are distinguished: the request's type ends in
    `Input`, that of a PATCH in `Change`.
    """
    if not name.endswith("Request"):
        return name.removesuffix("Enum").removesuffix("Shape").replace("ShapeKind", "Kind")
    base = name.removesuffix("Request").removesuffix("Shape")
    if base.startswith("Patched"):
        return base.removeprefix("Patched") + "Change"
    return f"{base}Input" if {base, f"{base}Shape"} & schemas.keys() else base


def _typed_dict(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    """Yield a TypedDict; required members stand in a base class of their own (Python 3.10)."""
    names = schema.get("required", ())
    required = {key: member for key, member in schema["properties"].items() if key in names}
    optional = {key: member for key, member in schema["properties"].items() if key not in names}
    base = "TypedDict"
    if required and optional:
        base = f"_{name}Required"
        yield from _class(base, "TypedDict", required, schemas)
    bases = base + (", total=False" if optional else "")
    yield from _class(name, bases, optional or required, schemas)


def _class(
    name: str, bases: str, members: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[str]:
    yield f"\n\nclass {name}({bases}):"
    for member, schema in members.items():
        assert member.isidentifier(), member
        yield f"    {member}: {python_type(schema, schemas)}"
