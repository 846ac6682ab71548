"""Shapes of what comes in and goes out: names in lowerCamelCase, and nothing unknown comes in."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from api.errors import public


class Shape(serializers.Serializer[Any]):
    """A serializer whose members are named in lowerCamelCase and filled from snake_case.

    A member that it does not know is refused: a typo in an optional one would else be silent.
    """

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = {}
        for name, field in super().get_fields().items():
            shown = public(name)
            if shown != name and field.source is None:
                field.source = name
            fields[shown] = field
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := [name for name in data if name not in writable]:
                raise serializers.ValidationError(
                    {
                        str(name)[:60]: serializers.ErrorDetail(
                            _("No existe o no se puede cambiar. Los que hay: {names}.").format(
                                names=", ".join(writable)
                            ),
                            "unknown",
                        )
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A text that PostgreSQL can keep and that is taken as it is written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("Debe ser un texto entre comillas."), "invalid")
        if any("\ud800" <= character <= "\udfff" for character in data):
            raise serializers.ValidationError(
                _("Trae la mitad de un carácter (un sustituto suelto): quítala."), "surrogate"
            )
        return super().to_internal_value(data)
