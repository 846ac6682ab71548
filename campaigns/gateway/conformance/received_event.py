"""Whether a value is an event of the contract.

By the types of `events`, which a test holds equal to the contract's schemas: they read a thousand
rows in the time in which a validator of JSON Schema reads ten.
"""

import json
from typing import Any

from campaigns.gateway.contract_model import ContractMismatch
from campaigns.gateway.event_schema import DATA_MODELS
from campaigns.gateway.events import HEARTBEAT_TYPE, TYPE_PREFIX, Envelope


def event_errors(value: Any) -> list[str]:
    """Return what is wrong with an event, or nothing."""
    try:
        envelope = Envelope.from_json(json.dumps(value).encode())
        model = DATA_MODELS.get(envelope.type)
        if model is None:
            return [f"type: {envelope.type} is unknown"]
        model.from_json(json.dumps(value.get("data")).encode())
    except ContractMismatch as error:
        return [str(error)]
    errors = []
    if envelope.type != HEARTBEAT_TYPE:
        if envelope.stream != envelope.type.removeprefix(TYPE_PREFIX):
            errors.append(f"stream: {envelope.stream} is not that of the type")
        if envelope.sequence is None:
            errors.append("sequence: is missing")
    if value.get("datacontenttype", "application/json") != "application/json":
        errors.append("datacontenttype: is not application/json")
    return errors
