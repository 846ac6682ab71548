"""The base class of the JSON objects of the contract."""

import datetime as dt
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic import ValidationError as PydanticError
from pydantic.alias_generators import to_camel

MAX_REPORTED_ERRORS = 5


class ContractMismatch(ValueError):
    """Received JSON does not have the shape that the contract describes."""


class ContractModel(BaseModel):
    """An immutable JSON object of the contract, with lowerCamelCase members.

    Types are not converted: "5" and true are not integers. Members that this version does not
    know are ignored, because a newer gateway may send more.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        # A trailing underscore is for names that Python keeps to itself, such as `from`.
        alias_generator=lambda name: to_camel(name.rstrip("_")),
        validate_by_name=True,
        serialize_by_alias=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def from_json(cls, content: bytes) -> Self:
        """Return the object that JSON text describes.

        Raise ContractMismatch, which names each wrong member by its path, such as
        `goal.daily.0.count`, and does not repeat what was received.
        """
        try:
            return cls.model_validate_json(content, by_alias=True, by_name=False)
        except PydanticError as error:
            raise ContractMismatch(_describe(error)) from error

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object, as `json.dumps` takes it."""
        return self.model_dump(mode="json")


def _describe(error: PydanticError) -> str:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    messages = [
        ": ".join(filter(None, [".".join(map(str, detail["loc"])), detail["msg"]]))
        for detail in details
    ]
    return "; ".join(messages[:MAX_REPORTED_ERRORS])


def _parse_date(value: Any) -> Any:
    """Parse `YYYY-MM-DD` only: pydantic also reads "1767225600", even when strict."""
    if not isinstance(value, str):
        return value
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise ValueError("Input should be a day, as YYYY-MM-DD")
    return day


def _parse_instant(value: Any) -> Any:
    """Parse RFC 3339 only, for the same reason."""
    try:
        return dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("Input should be a moment, as in RFC 3339") from None


CalendarDate = Annotated[dt.date, BeforeValidator(_parse_date)]
"""A day, as `YYYY-MM-DD`."""

Instant = Annotated[AwareDatetime, BeforeValidator(_parse_instant)]
"""A moment with its zone, as in RFC 3339."""

StringSet = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
"""A list of strings whose order does not matter; always written in ascending order."""
