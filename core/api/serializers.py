"""Shapes of what comes in and goes out: names in lowerCamelCase, and nothing unknown comes in."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from core.api.errors import public


class Shape(serializers.Serializer[Any]):
    """A serializer whose members are named in lowerCamelCase and filled from snake_case.

    A member that it does not know is refused: a typo in an optional one would else be silent.
    `example` is what the description of the API shows of it.
    """

    example: ClassVar[Any] = None

    default_error_messages = {
        "invalid": gettext_lazy("Debe ser un objeto JSON: {{ … }}."),
    }

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = {}
        for name, field in super().get_fields().items():
            shown = public(name)
            if shown != name and field.source is None:
                field.source = name
            if isinstance(field, serializers.SerializerMethodField):
                field.method_name = field.method_name or f"get_{name}"
            fields[shown] = field
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            writable = [name for name, field in self.fields.items() if not field.read_only]
            if unknown := [name for name in data if name not in writable]:
                told = _("No existe o no se puede cambiar. Los que hay: {names}.").format(
                    names=", ".join(writable)
                )
                detail = serializers.ErrorDetail(told, "unknown")
                raise serializers.ValidationError({str(name)[:60]: [detail] for name in unknown})
        return super().to_internal_value(data)


class Query(Shape):
    """The shape of a query string; an empty value is as none."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """Give what a request's query says. Raises ValidationError."""
        told = [_("Viene más de una vez: manda uno solo.")]
        lists = request.query_params.lists()
        if repeated := {name: told for name, values in lists if len(values) > 1}:
            raise serializers.ValidationError(repeated, "repeated")
        sent = {name: value for name, value in request.query_params.items() if value != ""}
        query = cls(data=sent)
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)


class Text(serializers.CharField):
    """A text in quotation marks, taken as it is written. A number is not one.

    `pattern` is a regular expression for the whole of it, of Python and of ECMA alike.
    """

    default_error_messages = {
        "pattern": gettext_lazy("No tiene la forma que se espera: {pattern}"),
    }

    def __init__(self, *, pattern: str = "", **options: Any) -> None:
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)
        if pattern:
            told = self.error_messages["pattern"].format(pattern=pattern)
            self.validators.append(RegexValidator(rf"^{pattern}\Z", told, "invalid"))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("Debe ser un texto entre comillas."), "invalid")
        return super().to_internal_value(data)


class Line(Text):
    """A text that says something; the blanks around it are dropped."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"trim_whitespace": True})

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and self.max_length and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class AnyText(Text):
    """A text that nothing stores: it may have NUL characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators = [
            each
            for each in self.validators
            if not isinstance(each, ProhibitNullCharactersValidator)
        ]


class Day(serializers.DateField):
    """A day as 2026-12-31, and in no other of the forms that ISO 8601 has."""

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
            self.fail("invalid", format="AAAA-MM-DD")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number without quotation marks."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            told = _("Debe ser un número entero sin comillas, como 500000.")
            raise serializers.ValidationError(told, "invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """true or false, without quotation marks."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(_("Debe ser true o false, sin comillas."), "invalid")
        return data


class QueryWhole(serializers.IntegerField):
    """A whole number in a query string: digits."""

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", str(data)):
            raise serializers.ValidationError(_("Debe ser un número entero, como 25."), "invalid")
        return super().to_internal_value(data)


class QueryFlag(serializers.BooleanField):
    """true or false in a query string."""

    def to_internal_value(self, data: Any) -> bool:
        if data not in ("true", "false"):
            raise serializers.ValidationError(_("Debe ser true o false."), "invalid")
        return bool(data == "true")


class Choice(serializers.ChoiceField):
    """One of some words in quotation marks."""

    default_error_messages = {
        "invalid_choice": gettext_lazy("«{input}» no es una opción: {options}."),
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choice_strings_to_values:
            self.fail("invalid_choice", input=str(data)[:40], options=", ".join(self.choices))
        return super().to_internal_value(data)


class OpenChoice(serializers.ChoiceField):
    """One of some words in an answer, which may come to be more: clients take an unknown one."""
