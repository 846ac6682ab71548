"""Validation of requests by the schemas of `missed-call-ads.yaml`."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator, FormatChecker, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT4

from campaigns.gateway.sandbox import errors

CONTRACT = Path(__file__).resolve().parent.parent / "missed-call-ads.yaml"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_URI = "urn:missed-call-ads"
_RANGE_KEYWORDS = {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}


class SchemaValidator:
    """Validators of the schemas of the contract, by name."""

    def __init__(self) -> None:
        with CONTRACT.open(encoding="utf-8") as file:
            document = _anchor_patterns(yaml.load(file, Loader=_LOADER))  # noqa: S506  a safe one
        registry: Registry[Any] = Registry().with_resource(_URI, DRAFT4.create_resource(document))
        self._validators = {
            # OpenAPI 3.0 describes with an early JSON Schema; draft 4 is the nearest that has a
            # validator, and like OpenAPI it does not take 5.0 for an integer.
            name: Draft4Validator(
                {"$ref": f"{_URI}#/components/schemas/{name}"},
                registry=registry,
                format_checker=FormatChecker(["date"]),
            )
            for name in document["components"]["schemas"]
        }

    def check(self, name: str, value: Any) -> None:
        """Raise the error for a value that does not match a schema.

        Errors of type and format take precedence over those of range. A member of an ad order
        that the contract does not have might be a restriction of a newer version: if nothing else
        is wrong, it is refused as an unsupported restriction.
        """
        found = sorted(self._validators[name].iter_errors(value), key=_path)
        if not found:
            return
        if name == "AdOrderDocument" and all(
            error.validator == "additionalProperties" for error in found
        ):
            raise errors.unprocessable(
                "RESTRICTION_UNSUPPORTED", f"Unsupported: {_unknown_member(found[0])}"
            )
        other_than_range = [error for error in found if error.validator not in _RANGE_KEYWORDS]
        if other_than_range:
            raise errors.invalid_argument(_format_message(other_than_range[0]))
        raise errors.out_of_range(_format_message(found[0]))


def read_json(body: bytes) -> Any:
    """Return a body as JSON. Refuse repeated members, NaN and invalid characters."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique_members, parse_constant=_refuse_constant
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise errors.invalid_argument("The body is not JSON in UTF-8") from error
    return value


def _anchor_patterns(node: Any) -> Any:
    """Replace the final `$` of patterns by `\\Z`: Python's `$` also matches before a line feed."""
    if isinstance(node, dict):
        return {
            name: re.sub(r"\$$", r"\\Z", value)
            if name == "pattern" and isinstance(value, str)
            else _anchor_patterns(value)
            for name, value in node.items()
        }
    return [_anchor_patterns(entry) for entry in node] if isinstance(node, list) else node


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is repeated")
    return members


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _path(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.absolute_path)


def _unknown_member(error: ValidationError) -> str:
    schema: Any = error.schema
    received: Any = error.instance
    names = [_path(error), min(set(received) - set(schema["properties"]))]
    return ".".join(name for name in names if name)[:120]


def _format_message(error: ValidationError) -> str:
    """Return the path and the rule, without the received value."""
    rule = error.validator
    if rule == "required":
        message = error.message
    elif rule == "additionalProperties":
        message = f"{_unknown_member(error)} is not known"
    else:
        limit = "" if rule in {"pattern", "format"} else f" {error.validator_value}"
        message = f"breaks {rule}{limit}"
    path = _path(error)
    return f"{path}: {message}"[:512] if path else message[:512]
