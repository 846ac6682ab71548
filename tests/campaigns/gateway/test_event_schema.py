"""The events are described three times: by the types, as JSON Schema and in the contract."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from campaigns.gateway.conformance.contract_file import (
    CONTRACT,
    named_schema_errors,
    resolve,
)
from campaigns.gateway.conformance.received_event import event_errors
from campaigns.gateway.event_schema import DATA_MODELS, event_schema
from campaigns.gateway.events import HEARTBEAT_TYPE, Envelope, Stream

PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "gateway" / "events.schema.json"
COMPONENTS = CONTRACT["components"]["schemas"]
EVENTS = {
    name: schema
    for name, schema in COMPONENTS.items()
    if name.endswith("Event") and "allOf" in schema
}
IGNORED = {"title", "description", "format", "default", "maxLength"}  # of a pattern


def normal_form(schema: Any, root: Any) -> Any:
    """Return what a schema demands, without references and without words.

    The pattern of the contract's moments stands for `format: date-time`.
    """
    while "$ref" in schema:
        node = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        schema = node
    if "allOf" in schema:
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in schema["allOf"]:
            part = normal_form(part, root)
            merged["properties"] |= part["properties"]
            merged["required"] = sorted({*merged["required"], *part["required"]})
        return merged
    if schema.get("format") == "date-time":
        return "moment"
    form = {
        key: value
        for key, value in schema.items()
        if key not in IGNORED or (key == "maxLength" and "pattern" not in schema)
    }
    if "const" in form:
        form |= {"type": "string", "enum": [form.pop("const")]}
    if "required" in form:
        form["required"] = sorted(form["required"])
    if "properties" in form:
        form["properties"] = {
            name: normal_form(value, root) for name, value in form["properties"].items()
        }
    if "items" in form:
        form["items"] = normal_form(form["items"], root)
    return form


def by_type(schemas: list[Any], root: Any) -> dict[str, Any]:
    forms = [normal_form(schema, root) for schema in schemas]
    return {form["properties"]["type"]["enum"][0]: form for form in forms}


def test_the_published_schema_is_that_of_the_types():
    assert json.loads(PUBLISHED.read_text()) == event_schema(), (
        f"python -m campaigns.gateway.event_schema > {PUBLISHED.name}"
    )
    Draft202012Validator.check_schema(event_schema())


def test_the_contract_describes_the_events_as_the_types_do():
    contract = by_type(list(EVENTS.values()), CONTRACT)
    types = by_type(event_schema()["oneOf"], event_schema())

    assert contract == types
    assert set(types) == {stream.event_type for stream in Stream} | {HEARTBEAT_TYPE}


@pytest.mark.parametrize(
    ("component", "change"),
    [
        ("EventCount", {"maximum": 2_000_000_001}),
        ("HourlyRow", {"required": ["adOrderId", "lada", "inserted", "delivered", "failed"]}),
        ("Sequence", {"minimum": 0}),
        ("StateChange", {"properties": {}}),
    ],
)
def test_a_difference_between_the_two_is_found(component: str, change: dict[str, Any]):
    changed = copy.deepcopy(CONTRACT)
    changed["components"]["schemas"][component] |= change
    events = [changed["components"]["schemas"][name] for name in EVENTS]

    assert by_type(events, changed) != by_type(event_schema()["oneOf"], event_schema())


@pytest.mark.parametrize("name", EVENTS)
def test_the_example_of_an_event_is_read_by_all_three(name: str):
    value = resolve(CONTRACT["components"]["examples"][name])["value"]

    assert named_schema_errors("Event", value) == event_errors(value) == []
    Draft202012Validator(event_schema()).validate(value)
    envelope = Envelope.from_json(json.dumps(value).encode())
    data = DATA_MODELS[envelope.type].from_json(json.dumps(value["data"]).encode())
    assert data.to_json().keys() >= value["data"].keys()


def test_a_stream_event_without_its_sequence_is_not_an_event():
    value = copy.deepcopy(CONTRACT["components"]["examples"]["HourlyCountsEvent"]["value"])
    del value["sequence"]

    assert named_schema_errors("Event", value) != []
    assert event_errors(value) == ["sequence: is missing"]
    assert list(Draft202012Validator(event_schema()).iter_errors(value)) != []
