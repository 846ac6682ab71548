"""The description of the API is complete: valid OpenAPI, and each thing in it is explained."""

import re

import jsonschema
import pytest
from django.core.management import call_command
from openapi_spec_validator import validate

from core.api.errors import CODES
from core.api.schema import EXTENSIBLE
from portal.api_docs import description
from portal.api_settings import SCOPES, SPECTACULAR_SETTINGS

DOCUMENT = description.document()
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    pytest.param(path, method, told, id=told["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
]
CAMEL = r"[a-z][a-zA-Z0-9]*"
KEBAB = r"/api/v1(/[a-z]+(-[a-z]+)*|/\{[a-z]+\})+"
SPANISH = re.compile(r"[áéíóúñ]|\b(el|la|los|las|un|una|de|en|tu|se|lo|su)\b", re.IGNORECASE)


def test_it_is_valid_openapi():
    validate(DOCUMENT)


def test_spectacular_has_nothing_to_warn_of(tmp_path):
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml")
    )


def test_it_says_where_it_is_and_what_it_is_for():
    info = DOCUMENT["info"]

    assert DOCUMENT["servers"] == [{"url": "/"}]
    assert 100 < len(info["description"]) < 700
    assert SPANISH.search(info["description"])
    assert "error" not in info["version"]


def test_chapters_are_those_of_the_operations_in_order():
    listed = [tag["name"] for tag in SPECTACULAR_SETTINGS["TAGS"]]
    used = {tag for each in OPERATIONS for tag in each.values[2]["tags"]}

    assert used <= set(listed)
    assert [tag["name"] for tag in DOCUMENT["tags"]] == listed
    assert all(tag["description"].endswith(".") for tag in DOCUMENT["tags"])


def test_names_of_operations_are_their_own():
    names = [each.values[2]["operationId"] for each in OPERATIONS]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("path", "method", "told"), OPERATIONS)
def test_an_operation_is_told_in_full(path, method, told):
    assert re.fullmatch(KEBAB, path)
    assert re.fullmatch(CAMEL, told["operationId"])
    assert told["summary"]
    assert told["description"]
    assert not told["summary"].endswith(".")
    assert len(told["tags"]) == 1
    (scope,) = told["security"][0]["oauth2"]
    assert scope in SCOPES
    assert {"400", "401", "403", "406", "429", "500", "503"} <= told["responses"].keys()
    if "{" in path:
        assert "404" in told["responses"]
    if method in ("post", "patch", "put"):
        assert {"409", "413", "415", "422"} <= told["responses"].keys()
    for parameter in told.get("parameters", ()):
        assert parameter["description"], parameter["name"]
        if parameter["in"] == "query":
            assert re.fullmatch(CAMEL, parameter["name"])
            assert_limited(parameter["schema"], parameter["name"])


@pytest.mark.parametrize(("path", "method", "told"), OPERATIONS)
def test_an_operation_shows_what_it_takes_and_gives(path, method, told):
    done = {status: answer for status, answer in told["responses"].items() if status < "300"}
    assert done
    for status, answer in done.items():
        assert answer["description"]
        assert "x-correlator" in answer["headers"]
        if status != "204":
            assert_shown(answer["content"]["application/json"]["schema"])
    if body := told.get("requestBody"):
        assert list(body["content"]) == ["application/json"]
        assert_shown(body["content"]["application/json"]["schema"])


def assert_shown(schema):
    """An example fits its shape."""
    names = [each["$ref"] for each in schema.get("oneOf", [schema])]
    for name in names:
        shape = SCHEMAS[name.split("/")[-1]]
        if "oneOf" in shape:
            assert_shown(shape)
        else:
            assert shape.get("example") is not None, name


def test_examples_fit_their_shapes():
    shown = {name: shape for name, shape in SCHEMAS.items() if "example" in shape}
    assert len(shown) > 25

    for name, shape in shown.items():
        told = jsonschema.Draft4Validator(
            plain(shape) | {"components": plain(DOCUMENT["components"])}
        )
        errors = [error.message for error in told.iter_errors(shape["example"])]
        assert errors == [], name


def plain(schema):
    """Write OpenAPI's "nullable" as JSON Schema does."""
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: plain(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [told, {"type": "null"}]} if schema.get("nullable") is True else told


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_shape_is_explained_member_by_member(name):
    shape = SCHEMAS[name]
    assert re.fullmatch(r"[A-Z][a-zA-Z0-9]*", name)
    assert "lowerCamelCase" not in shape.get("description", "")
    assert "Shape" not in name

    for member, schema in shape.get("properties", {}).items():
        assert re.fullmatch(CAMEL, member), f"{name}.{member}"
        assert schema.get("description"), f"{name}.{member} is not explained"
    if name.endswith("Request"):
        assert shape["additionalProperties"] is False
        for member, schema in shape["properties"].items():
            assert_limited(schema, f"{name}.{member}")


def assert_limited(schema, name):
    """What may be sent has an end."""
    if "enum" in schema or "allOf" in schema or "$ref" in schema or "format" in schema:
        return
    kind = schema["type"]
    if kind == "string":
        assert "maxLength" in schema or re.search(r"\}\)?\??\$$", schema.get("pattern", "")), name
    elif kind == "integer":
        assert {"minimum", "maximum"} <= schema.keys(), name
    elif kind == "array":
        assert "maxItems" in schema, name
        assert_limited(schema["items"], name)


def test_every_code_of_refusal_is_told_where_it_may_come():
    told = str(DOCUMENT["components"]["responses"])
    never = {"METHOD_NOT_ALLOWED"}  # no operation answers it

    assert {code for code in CODES if f"`{code}`" not in told} == never
    assert SCHEMAS["Refusal"]["properties"]["code"][EXTENSIBLE] is True
