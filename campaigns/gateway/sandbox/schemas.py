"""The contract's own schemas, out of `missed-call-ads.yaml`, held against what was received."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator, FormatChecker, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT4

from campaigns.gateway.sandbox.refusals import (
    invalid_argument,
    out_of_range,
    unprocessable,
)

CONTRACT = Path(__file__).resolve().parent.parent / "missed-call-ads.yaml"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_URI = "urn:missed-call-ads"
_RANGE_KEYWORDS = {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}


class Schemas:
    """Validators by the name of the schema."""

    def __init__(self) -> None:
        with CONTRACT.open(encoding="utf-8") as file:
            document = _with_exact_ends(yaml.load(file, Loader=_LOADER))  # noqa: S506  a safe one
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
        """Refuse what has not the shape of a schema, by what is most wrong with it.

        A member of an ad order that the contract does not have might be a restriction of a newer
        version: where that is all that is wrong, it is refused as one.
        """
        errors = sorted(self._validators[name].iter_errors(value), key=_place)
        if not errors:
            return
        if name == "AdOrderDocument" and all(
            error.validator == "additionalProperties" for error in errors
        ):
            raise unprocessable("RESTRICTION_UNSUPPORTED", f"Unsupported: {_unknown(errors[0])}")
        shape = [error for error in errors if error.validator not in _RANGE_KEYWORDS]
        if shape:
            raise invalid_argument(_say(shape[0]))
        raise out_of_range(_say(errors[0]))


def read_json(body: bytes) -> Any:
    """Parse a body, refusing what JSON leaves open: repeated members, NaN, broken characters."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise invalid_argument("The body is not JSON in UTF-8") from error
    return value


def _with_exact_ends(node: Any) -> Any:
    """Make `$` of every pattern the very end, as ECMA 262 has it: Python's passes a line feed."""
    if isinstance(node, dict):
        return {
            name: re.sub(r"\$$", r"\\Z", value)
            if name == "pattern" and isinstance(value, str)
            else _with_exact_ends(value)
            for name, value in node.items()
        }
    return [_with_exact_ends(entry) for entry in node] if isinstance(node, list) else node


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is repeated")
    return members


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _place(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.absolute_path)


def _unknown(error: ValidationError) -> str:
    schema: Any = error.schema
    sent: Any = error.instance
    names = [_place(error), min(set(sent) - set(schema["properties"]))]
    return ".".join(name for name in names if name)[:120]


def _say(error: ValidationError) -> str:
    """Name the place and the rule; what was sent is not sent back."""
    rule = error.validator
    if rule == "required":
        said = error.message
    elif rule == "additionalProperties":
        said = f"{_unknown(error)} is not known"
    else:
        limit = "" if rule in {"pattern", "format"} else f" {error.validator_value}"
        said = f"breaks {rule}{limit}"
    place = _place(error)
    return f"{place}: {said}"[:512] if place else said[:512]
