"""The JSON Schema of the gateway's events, made of the types of `events`.

`python -m campaigns.gateway.event_schema > docs/gateway/events.schema.json` writes the copy that
other implementations read; a test fails while it lags behind.
"""

import json
import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from campaigns.gateway.contract_model import ContractModel
from campaigns.gateway.events import (
    HEARTBEAT_TYPE,
    Envelope,
    Heartbeat,
    HourlyCounts,
    LadaTraffic,
    OrderProgress,
    StateChange,
    Stream,
)

DATA_MODELS: dict[str, type[ContractModel]] = {
    Stream.ORDER_PROGRESS.event_type: OrderProgress,
    Stream.HOURLY_COUNTS.event_type: HourlyCounts,
    Stream.LADA_TRAFFIC.event_type: LadaTraffic,
    Stream.STATE_CHANGES.event_type: StateChange,
    HEARTBEAT_TYPE: Heartbeat,
}
"""The model of `data` by the type of the event."""


class _WithoutTitles(GenerateJsonSchema):
    """Leave out the titles, which repeat the names of the members."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def event_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an event: one of five types, each with its own data."""
    models: list[type[ContractModel]] = [Envelope, *DATA_MODELS.values()]
    _, schema = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_WithoutTitles
    )
    definitions = schema["$defs"]
    envelope = definitions.pop("Envelope")["properties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of the missed-call-ads gateway, v0.1",
        "oneOf": [_event(name, model, envelope) for name, model in DATA_MODELS.items()],
        "$defs": definitions,
    }


def _event(name: str, model: type[ContractModel], envelope: dict[str, Any]) -> dict[str, Any]:
    properties = {key: envelope[key] for key in ("specversion", "id", "source", "time")}
    properties |= {
        "type": {"const": name},
        "datacontenttype": {"const": "application/json"},
        "data": {"$ref": f"#/$defs/{model.__name__}"},
    }
    required = ["specversion", "id", "source", "type", "time", "data"]
    if name != HEARTBEAT_TYPE:
        [sequence] = [kind for kind in envelope["sequence"]["anyOf"] if kind["type"] != "null"]
        stream = next(stream for stream in Stream if stream.event_type == name)
        properties |= {"stream": {"const": stream.value}, "sequence": sequence}
        required += ["stream", "sequence"]
    return {
        "title": name,
        "type": "object",
        "properties": properties,
        "required": required,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(event_schema(), indent=2, ensure_ascii=False) + "\n")
