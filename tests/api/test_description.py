"""The OpenAPI description is valid and complete: all parts have descriptions and examples."""

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
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
CAMEL = r"[a-z][a-zA-Z0-9]*"
KEBAB = r"/api/v1(/[a-z]+(-[a-z]+)*|/\{[a-z]+\})+"
SPANISH = re.compile(r"[áéíóúñ]|\b(el|la|los|las|un|una|de|en|tu|se|lo|su)\b", re.IGNORECASE)


def test_it_is_valid_openapi():
    validate(DOCUMENT)


def test_spectacular_gives_no_warnings(tmp_path):
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml")
    )


def test_it_has_a_server_and_a_description():
    info = DOCUMENT["info"]

    assert DOCUMENT["servers"] == [{"url": "/"}]
    assert 100 < len(info["description"]) < 700
    assert SPANISH.search(info["description"])
    assert "error" not in info["version"]


def test_tags_are_those_of_the_operations_in_order():
    tags = [tag["name"] for tag in SPECTACULAR_SETTINGS["TAGS"]]
    used = {tag for param in OPERATIONS for tag in param.values[2]["tags"]}

    assert used <= set(tags)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", tag) for tag in tags)
    assert [tag["name"] for tag in DOCUMENT["tags"]] == tags
    assert all(tag["description"].endswith(".") for tag in DOCUMENT["tags"])


def test_operation_ids_are_unique():
    names = [param.values[2]["operationId"] for param in OPERATIONS]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_is_described_in_full(path, method, operation):
    assert re.fullmatch(KEBAB, path)
    assert re.fullmatch(CAMEL, operation["operationId"])
    assert operation["summary"]
    assert operation["description"]
    assert not operation["summary"].endswith(".")
    assert len(operation["tags"]) == 1
    (scope,) = operation["security"][0]["oauth2"]
    assert scope in SCOPES
    assert {"400", "401", "403", "406", "429", "500", "503"} <= operation["responses"].keys()
    if "{" in path:
        assert "404" in operation["responses"]
    if method == "post":
        assert {"409", "413", "422"} <= operation["responses"].keys()
    assert ("415" in operation["responses"]) == ("requestBody" in operation)
    for parameter in operation.get("parameters", ()):
        assert parameter["description"], parameter["name"]
        if parameter["in"] == "query":
            assert re.fullmatch(CAMEL, parameter["name"])
            assert_limited(parameter["schema"], parameter["name"])


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_an_operation_has_examples_of_its_bodies(path, method, operation):
    successful = {
        status: response for status, response in operation["responses"].items() if status < "300"
    }
    assert successful
    for status, response in successful.items():
        assert response["description"]
        assert "x-correlator" in response["headers"]
        if status != "204":
            assert_has_example(response["content"]["application/json"]["schema"])
    if body := operation.get("requestBody"):
        assert list(body["content"]) == ["application/json"]
        assert_has_example(body["content"]["application/json"]["schema"])


def assert_has_example(schema):
    references = [item["$ref"] for item in schema.get("oneOf", [schema])]
    for reference in references:
        referred = SCHEMAS[reference.split("/")[-1]]
        if "oneOf" in referred:
            assert_has_example(referred)
        else:
            assert referred.get("example") is not None, reference


def test_examples_are_valid_for_their_schemas():
    examples = {name: schema for name, schema in SCHEMAS.items() if "example" in schema}
    assert len(examples) > 25

    for name, schema in examples.items():
        validator = jsonschema.Draft4Validator(
            plain(schema) | {"components": plain(DOCUMENT["components"])}
        )
        errors = [error.message for error in validator.iter_errors(schema["example"])]
        assert errors == [], name


def plain(schema):
    """Return a schema with OpenAPI's "nullable" as JSON Schema writes it."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: plain(value) for name, value in schema.items() if name != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if schema.get("nullable") is True else inner


def untyped(schema, where="#"):
    """Yield where a schema has `nullable` without `type`, which OpenAPI 3.0.3 does not count."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from untyped(item, f"{where}/{index}")
    elif isinstance(schema, dict):
        if schema.get("nullable") is True and "type" not in schema:
            yield where
        for name, value in schema.items():
            if name != "example":
                yield from untyped(value, f"{where}/{name}")


def test_what_is_nullable_has_a_type():
    assert list(untyped(DOCUMENT)) == []


def test_a_nullable_reference_without_a_type_is_found():
    """The negative control: as drf-spectacular writes it."""
    planted = {"a": {"allOf": [{"$ref": "#/b"}], "nullable": True}}

    assert list(untyped(planted)) == ["#/a"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_member_of_a_schema_has_a_description(name):
    schema = SCHEMAS[name]
    assert re.fullmatch(r"[A-Z][a-zA-Z0-9]*", name)
    assert "lowerCamelCase" not in schema.get("description", "")
    assert "Serializer" not in name

    for member, inner in schema.get("properties", {}).items():
        assert re.fullmatch(CAMEL, member), f"{name}.{member}"
        assert inner.get("description"), f"{name}.{member} has no description"
    if name.endswith("Request"):
        assert schema["additionalProperties"] is False
        for member, inner in schema["properties"].items():
            assert_limited(inner, f"{name}.{member}")


def assert_limited(schema, name):
    """Assert that a value of a request has limits."""
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


def test_every_error_code_is_in_a_response():
    described = str(DOCUMENT["components"]["responses"])
    never = {"METHOD_NOT_ALLOWED"}  # no operation returns it

    assert {code for code in CODES if f"`{code}`" not in described} == never
    assert SCHEMAS["Refusal"]["properties"]["code"][EXTENSIBLE] is True
