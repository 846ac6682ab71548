"""Serializer fields that coerce nothing: a number is not a text, and 1 is not true."""

import re
from datetime import date, datetime
from typing import Any

from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class TextField(serializers.CharField):
    """A JSON string, not trimmed. Numbers are not accepted.

    `pattern` is a regular expression for the whole text, valid in Python and in ECMAScript.
    """

    default_error_messages = {
        "pattern": gettext_lazy("No tiene la forma que se espera: {pattern}"),
    }

    def __init__(self, *, pattern: str = "", **options: Any) -> None:
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)
        if pattern:
            message = self.error_messages["pattern"].format(pattern=pattern)
            self.validators.append(RegexValidator(rf"^{pattern}\Z", message, "invalid"))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("Debe ser un texto entre comillas."), "invalid")
        return super().to_internal_value(data)


class TrimmedTextField(TextField):
    """A text without surrounding whitespace, which is removed. It may not be blank by default."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"trim_whitespace": True})

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and self.max_length and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class RawTextField(TextField):
    """A text that is not stored, and so may contain NUL characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators = [
            validator
            for validator in self.validators
            if not isinstance(validator, ProhibitNullCharactersValidator)
        ]


class StrictListField(serializers.ListField):
    """A list of at most `max_length` values. A longer one is refused before its values are read.

    With `most_errors` in the serializer's context, reading stops after so many wrong values.
    """

    max_length: int

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return list(super().to_internal_value(data))

    def run_child_validation(self, data: Any) -> list[Any]:
        most = self.context.get("most_errors", self.max_length)
        values: list[Any] = []
        wrong: dict[Any, Any] = {}
        for index, value in enumerate(data):
            try:
                values.append(self.child.run_validation(value))
            except serializers.ValidationError as error:
                wrong[index] = error.detail
                if len(wrong) == most:
                    break
        if wrong:
            raise serializers.ValidationError(wrong)
        return values


class StrictDateField(serializers.DateField):
    """A day as 2026-12-31, in none of the other forms of ISO 8601."""

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
            self.fail("invalid", format="AAAA-MM-DD")
        return super().to_internal_value(data)


class QueryMomentField(serializers.DateTimeField):
    """A moment in a query string, as 2026-12-31T14:05:00-06:00 (RFC 3339, with its zone)."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not MOMENT.fullmatch(value):
            self.fail("invalid", format="AAAA-MM-DDThh:mm:ss-06:00")
        return super().to_internal_value(value)


class StringMapField(serializers.DictField):
    """An object of texts of at most `max_value` characters."""

    def __init__(self, *, max_value: int, **options: Any) -> None:
        child = TextField(allow_blank=True, max_length=max_value)
        super().__init__(child=child, **options)


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            message = _("Debe ser un número entero sin comillas, como 500000.")
            raise serializers.ValidationError(message, "invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """A JSON boolean."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(_("Debe ser true o false, sin comillas."), "invalid")
        return data


class QueryIntegerField(serializers.IntegerField):
    """An integer in a query string."""

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", str(data)):
            raise serializers.ValidationError(_("Debe ser un número entero, como 25."), "invalid")
        return super().to_internal_value(data)


class QueryBooleanField(serializers.BooleanField):
    """`true` or `false` in a query string."""

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false"):
            raise serializers.ValidationError(_("Debe ser true o false."), "invalid")
        return bool(data == "true")


class StrictChoiceField(serializers.ChoiceField):
    """One of the choices, as a JSON string."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("«{input}» no es una opción: {options}."),
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choice_strings_to_values:
            self.fail("invalid_choice", input=str(data)[:40], options=", ".join(self.choices))
        return super().to_internal_value(data)


class OpenChoiceField(serializers.ChoiceField):
    """One of some choices in a response. More may be added: clients must accept unknown ones."""
