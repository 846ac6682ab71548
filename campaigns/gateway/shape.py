"""Read received JSON member by member, and say which one has not the contract's shape."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)


class ContractMismatch(ValueError):
    """What was received has not the shape of the contract."""


def take(data: Any, name: str, kind: type[T]) -> T:
    """Give a member that must be there and be of exactly this kind: `true` is no number."""
    if not isinstance(data, dict):
        raise ContractMismatch(f"{name}: not inside an object")
    value = data.get(name)
    if type(value) is not kind:
        raise ContractMismatch(f"{name}: not of type {kind.__name__}")
    return value


def take_word(data: Any, name: str, words: type[W]) -> W:
    """Give a member that must be one word of a list."""
    value = take(data, name, str)
    try:
        return words(value)
    except ValueError as error:
        raise ContractMismatch(f"{name}: not a known {words.__name__}") from error


def take_strings(data: Any, name: str) -> tuple[str, ...]:
    """Give a member that must be a list of strings."""
    values = take(data, name, list)
    if any(type(value) is not str for value in values):
        raise ContractMismatch(f"{name}: not only strings")
    return tuple(values)


def take_date(data: Any, name: str) -> date:
    """Give a member that must be a day, as `YYYY-MM-DD`."""
    value = take(data, name, str)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ContractMismatch(f"{name}: not a day") from error
    if day.isoformat() != value:
        raise ContractMismatch(f"{name}: not a day")
    return day


def take_instant(data: Any, name: str) -> datetime:
    """Give a member that must be an RFC 3339 moment with its zone."""
    value = take(data, name, str)
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise ContractMismatch(f"{name}: not a moment") from error
    if instant.tzinfo is None:
        raise ContractMismatch(f"{name}: without its zone")
    return instant
