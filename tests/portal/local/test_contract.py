"""Changes that break clients are found; others are allowed."""

import copy
from difflib import unified_diff
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command

from portal.api_docs import description
from portal.local import contract


def document():
    """Return a small description that has one of each thing that can be changed."""
    return {
        "openapi": "3.0.3",
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "security": [{"oauth2": ["things:read"]}, {"session": []}],
                    "parameters": [
                        {"in": "query", "name": "q", "schema": {"type": "string", "maxLength": 9}},
                        {
                            "in": "query",
                            "name": "size",
                            "allowEmptyValue": True,
                            "schema": {"type": "integer", "minimum": 1, "maximum": 100},
                        },
                    ],
                    "responses": {
                        "200": {
                            "headers": {"ETag": {}},
                            "content": {"application/json": {"schema": ref("Things")}},
                        },
                        "404": {},
                    },
                },
                "post": {
                    "operationId": "createThing",
                    "security": [{"oauth2": ["things:write"]}],
                    "requestBody": {
                        "required": False,
                        "content": {"application/json": {"schema": ref("NewThing")}},
                    },
                    "responses": {
                        "201": {"content": {"application/json": {"schema": ref("Thing")}}}
                    },
                },
                "delete": {"operationId": "dropThings", "responses": {"204": {}}},
            }
        },
        "components": {
            "schemas": {
                "Things": {
                    "type": "object",
                    "required": ["items"],
                    "properties": {"items": {"type": "array", "items": ref("Thing")}},
                },
                "Thing": {
                    "type": "object",
                    "required": ["id", "status"],
                    "properties": {
                        "id": {"type": "string"},
                        "size": {"type": "integer"},
                        "status": {"allOf": [ref("Status")], "description": "x"},
                        "kind": {"type": "string", "enum": ["a"], "x-extensible": True},
                        "parent": {"allOf": [ref("Thing")], "nullable": True},
                    },
                },
                "Status": {"type": "string", "enum": ["new", "old"]},
                "NewThing": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$"},
                        "use": {"type": "string", "enum": ["x", "y"]},
                        "size": {"type": "number", "nullable": True},
                        "day": {"type": "string"},
                        "tags": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
                    },
                },
            }
        },
    }


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


GET, POST = "paths|/things|get", "paths|/things|post"
THING = "components|schemas|Thing"
NEW = "components|schemas|NewThing"
RESPONSE = f"{GET}|responses|200"

# A change of the description, and a part of the message about it.
DROP = object()
CHANGES = {
    "a path is gone": ("paths", "/things", DROP, "GET /things: the operation is gone"),
    "an operation is gone": ("paths|/things", "delete", DROP, "DELETE /things: the operation is"),
    "another operationId": (GET, "operationId", "getThings", "operationId was listThings"),
    "another scope": (GET, "security", [{"oauth2": ["all"]}], "needs ['all'] and needed"),
    "one more scope": (
        GET,
        "security",
        [{"oauth2": ["things:read", "more"]}],
        "GET /things: needs ['things:read', 'more']",
    ),
    "a status is gone": (f"{GET}|responses", "404", DROP, "status 404 is gone"),
    "a success is new": (f"{GET}|responses", "202", {}, "status 202 is new"),
    "a header is gone": (RESPONSE, "headers", {}, "the header ETag is gone"),
    "a response of another type": (RESPONSE, "content", {"text/csv": {}}, "is no application/json"),
    "a member is gone": (f"{THING}|properties", "size", DROP, ".size: is gone"),
    "a required member is gone": (f"{THING}|properties", "id", DROP, ".id: is gone"),
    "a member may be missing": (THING, "required", ["id"], ".status: may be missing now"),
    "a member may be null": (f"{THING}|properties|id", "nullable", True, ".id: may be null now"),
    "a member of another type": (f"{THING}|properties|id", "type", "integer", "was string and"),
    "an integer may be a fraction": (f"{THING}|properties|size", "type", "number", "was integer"),
    "a member of another format": (f"{THING}|properties|id", "format", "uuid", "had the format"),
    "a closed enumeration grows": (
        "components|schemas|Status",
        "enum",
        ["new", "old", "odd"],
        ".status: may be odd now",
    ),
    "an enumeration is dropped": ("components|schemas|Status", "enum", DROP, "may be any value"),
    "an open enumeration is closed": (
        f"{THING}|properties|kind",
        "x-extensible",
        DROP,
        "not x-ext",
    ),
    "a parameter is gone": (f"{GET}", "parameters", [], "q in query: the parameter is gone"),
    "a parameter is required": (f"{GET}|parameters", 0, {"required": True}, "is required now"),
    "a required parameter is new": (
        f"{POST}",
        "parameters",
        [{"in": "header", "name": "If-Match", "required": True, "schema": {}}],
        "If-Match in header: a required parameter is new",
    ),
    "a parameter may not be empty": (
        f"{GET}|parameters",
        1,
        {"allowEmptyValue": False},
        "may not be empty any more",
    ),
    "a lower maximum": (
        f"{GET}|parameters",
        1,
        {"schema": {"type": "integer", "maximum": 50}},
        "maximum was 100 and is 50",
    ),
    "a higher minimum": (
        f"{GET}|parameters",
        1,
        {"schema": {"type": "integer", "minimum": 2}},
        "minimum was 1 and is 2",
    ),
    "a body is required": (f"{POST}|requestBody", "required", True, "a body is required now"),
    "no body any more": (POST, "requestBody", DROP, "takes no body any more"),
    "a body of another type": (f"{POST}|requestBody", "content", {}, "takes no application/json"),
    "a new required member": (
        NEW,
        "required",
        ["name", "size"],
        "POST /things, body.size: is required now",
    ),
    "a member is not taken": (f"{NEW}|properties", "use", DROP, ".use: is not taken any more"),
    "a value is not taken": (f"{NEW}|properties|use", "enum", ["x"], "may not be y any more"),
    "only some values": (f"{NEW}|properties|day", "enum", ["x"], "must be one of x now"),
    "a narrower pattern": (f"{NEW}|properties|name", "pattern", "^a$", "pattern was ^[a-z]+$"),
    "a new pattern": (f"{NEW}|properties|day", "pattern", "^a$", "pattern was None and is ^a$"),
    "a new format": (f"{NEW}|properties|day", "format", "date", "had the format None"),
    "a new length": (f"{NEW}|properties|day", "maxLength", 5, "maxLength was None and is 5"),
    "a shorter list": (f"{NEW}|properties|tags", "maxItems", 4, "maxItems was 5 and is 4"),
    "items of another type": (f"{NEW}|properties|tags", "items", {"type": "integer"}, "tags[]"),
    "no null any more": (f"{NEW}|properties|size", "nullable", DROP, "may not be null any more"),
    "a narrower number": (f"{NEW}|properties|size", "type", "integer", "was number and is"),
}
ALLOWED = {
    "a new path": ("paths", "/others", {"get": {"responses": {}}}),
    "a new operation": ("paths|/things", "patch", {"responses": {}}),
    "a new error status": (f"{GET}|responses", "422", {}),
    "a new member of a response": (f"{THING}|properties", "more", {"type": "string"}),
    "a member that is sure now": (THING, "required", ["id", "status", "size"]),
    "a smaller enumeration": ("components|schemas|Status", "enum", ["new"]),
    "an open enumeration grows": (f"{THING}|properties|kind", "enum", ["a", "b"]),
    "never null now": (f"{THING}|properties|parent", "nullable", False),
    "a higher maximum": (f"{GET}|parameters|0|schema", "maxLength", 20),
    "no maximum": (f"{GET}|parameters|0|schema", "maxLength", DROP),
    "a new optional member": (f"{NEW}|properties", "more", {"type": "string"}),
    "a member that may be left out": (NEW, "required", []),
    "one more value": (f"{NEW}|properties|use", "enum", ["x", "y", "z"]),
    "no pattern": (f"{NEW}|properties|name", "pattern", DROP),
    "null as well": (f"{NEW}|properties|day", "nullable", True),
    "another description": (f"{NEW}|properties|day", "description", "A day."),
    "a new optional parameter": (
        POST,
        "parameters",
        [{"in": "query", "name": "dry", "schema": {"type": "boolean"}}],
    ),
}


def changed(path, name, value):
    new = document()
    container = new
    for step in path.split("|"):
        container = container[int(step)] if isinstance(container, list) else container[step]
    if value is DROP:
        del container[name]
    elif isinstance(container, list):
        container[name] = container[name] | value
    else:
        container[name] = value
    return new


@pytest.mark.parametrize("what", CHANGES)
def test_a_breaking_change_is_reported(what):
    path, name, value, message = CHANGES[what]

    found = contract.breaking_changes(document(), changed(path, name, value))

    assert any(message in line for line in found), found


@pytest.mark.parametrize("what", ALLOWED)
def test_a_compatible_change_is_allowed(what):
    assert contract.breaking_changes(document(), changed(*ALLOWED[what])) == []


def test_an_unchanged_description_breaks_nothing():
    assert contract.breaking_changes(document(), document()) == []
    assert contract.breaking_changes(description.document(), description.document()) == []


def test_a_new_status_of_campaigns_breaks_clients():
    new = copy.deepcopy(description.document())
    new["components"]["schemas"]["CampaignStatus"]["enum"].append("on_hold")

    found = contract.breaking_changes(description.document(), new)

    assert any("listCampaigns" in line or "status: may be on_hold now" in line for line in found)


def test_the_published_description_is_what_is_served():
    published = description.PUBLISHED

    assert published.exists(), "run `make contract` to publish the description"
    old, served = published.read_text(), description.as_yaml().decode()
    changes = list(unified_diff(old.splitlines(), served.splitlines(), lineterm="", n=1))
    assert not changes, "\n".join(["run `make contract`:", *changes[:20]])


def test_an_incompatible_description_is_published_only_on_request(tmp_path, monkeypatch):
    published = tmp_path / "api" / "openapi-v1.yaml"
    monkeypatch.setattr(description, "PUBLISHED", published)
    call_command("publish_contract", stdout=StringIO())
    assert yaml.safe_load(published.read_text()) == description.document()
    older = yaml.safe_load(published.read_text())
    older["paths"]["/api/v1/gone"] = {"get": {"responses": {}}}
    published.write_text(yaml.safe_dump(older))

    with pytest.raises(CommandError, match="GET /api/v1/gone: the operation is gone"):
        call_command("publish_contract")
    assert "/api/v1/gone" in published.read_text()

    call_command("publish_contract", "--break", stdout=StringIO())
    assert published.read_bytes() == description.as_yaml()
