"""Base serializers: members in lowerCamelCase, and unknown members are rejected."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from core.api.errors import api_name

DEEP_NAME = re.compile(r"(\w+)\[(.*)\]", re.DOTALL)  # a key of a dictionary in a query string
MAX_NAME = 60  # characters of an unknown member that an error repeats


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer whose members are named in lowerCamelCase and read from snake_case.

    Unknown members are rejected, because a typo in an optional one would else go unnoticed.
    `example` is part of the OpenAPI description. `component_name` is the name there if it is
    not that of the class; subclasses do not inherit it.
    """

    example: ClassVar[Any] = None
    component_name: ClassVar[str] = ""

    default_error_messages = {
        "invalid": gettext_lazy("Debe ser un objeto JSON: {{ … }}."),
        "null": gettext_lazy("Debe ser un objeto JSON: {{ … }}."),
    }

    @classmethod
    def get_component_name(cls) -> str:
        """Return the name of this object in the OpenAPI description."""
        own_name: str = cls.__dict__.get("component_name", "")
        return own_name or cls.__name__.removesuffix("Serializer")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = {}
        for name, field in super().get_fields().items():
            member = api_name(name)
            if member != name and field.source is None:
                field.source = name
            if isinstance(field, serializers.SerializerMethodField):
                field.method_name = field.method_name or f"get_{name}"
            for each in (field, getattr(field, "child", None)):
                if each is not None and not each.allow_null:
                    each.error_messages["null"] = _null_message(each)
            fields[member] = field
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            writable = [name for name, field in self.fields.items() if not field.read_only]
            if unknown := [name for name in data if name not in writable]:
                message = self._unknown_message(writable)
                detail = serializers.ErrorDetail(message, "unknown")
                raise serializers.ValidationError(
                    {str(name)[:MAX_NAME]: [detail] for name in unknown}
                )
        return super().to_internal_value(data)

    def _unknown_message(self, known: list[str]) -> str:
        return _("No existe o no se puede cambiar. Los que hay: {names}.").format(
            names=", ".join(known)
        )


def _null_message(field: serializers.Field[Any, Any, Any, Any]) -> str:
    """Return what to send instead of null to a member that may not be null."""
    if getattr(field, "allow_blank", False):
        return _('No puede ser null: para vaciarlo manda ""; para no cambiarlo, quítalo.')
    if field.required:
        return _("No puede ser null: manda su valor.")
    return _("No puede ser null: manda su valor, o quítalo de lo que envías.")


class QuerySerializer(StrictSerializer):
    """The parameters of a query string: none, unless a subclass has some.

    An empty value counts as none. A list is a parameter that is repeated (`a=1&a=2`), a dictionary
    one with keys in brackets (`a[x]=1&a[y]=2`), as OpenAPI's `deepObject`.
    """

    @classmethod
    def parse(cls, request: Request) -> dict[str, Any]:
        """Return the validated parameters of a request. Raises ValidationError."""
        query = cls()
        messages = [_("Viene más de una vez: manda uno solo.")]
        data: dict[str, Any] = {}
        maps: dict[str, dict[str, str]] = {}
        repeated = {}
        for name, given in request.query_params.lists():
            values = [value for value in given if value != ""]
            key = DEEP_NAME.fullmatch(name)
            if isinstance(query.fields.get(name), serializers.ListField):
                data |= {name: values} if values else {}
            elif len(given) > 1:
                repeated[name] = messages
            elif values and key and isinstance(query.fields.get(key[1]), serializers.DictField):
                maps.setdefault(key[1], {})[key[2]] = values[0]
            elif values:
                data[name] = values[0]
        if repeated:
            raise serializers.ValidationError(repeated, "repeated")
        query = cls(data=maps | data)
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)

    def _unknown_message(self, known: list[str]) -> str:
        if not known:
            return _("Esta operación no tiene parámetros: quítalo.")
        return _("Ese parámetro no existe. Los que hay: {names}.").format(names=", ".join(known))
