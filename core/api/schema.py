"""The words that the OpenAPI description has for operations: headers, pages, refusals."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers

from core.api.errors import CODES
from core.api.serializers import OpenChoice, Shape

Words = str | Promise
EXTENSIBLE = "x-extensible"  # of an enumeration that may get more values

CORRELATOR = OpenApiParameter(
    "x-correlator",
    str,
    OpenApiParameter.HEADER,
    description=_(
        "Tu nombre para la petición: vuelve en la respuesta y queda en los registros. "
        "Hasta 256 letras, cifras y `_:;./<>{}-`; uno de otra forma se cambia por uno nuevo."
    ),
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description=_("Una nueva por cada cosa que haces: al repetirla, se hace una sola vez (24 h)."),
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description=_("El ETag que leíste.")
)
IF_MATCH_NEEDED = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description=_("El ETag que leíste.")
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description=_("El ETag que ya tienes: si nada cambió, se contesta 304."),
)


class DetailShape(Shape):
    example = {
        "field": "volume",
        "code": "INVALID",
        "message": "Debe ser un número entero sin comillas, como 500000.",
    }
    field = serializers.CharField(help_text=_("Dónde: `area.ladas[2]`, `campaigns[3].name`."))
    code = serializers.CharField(help_text=_("Qué clase de error; pueden venir nuevas."))
    message = serializers.CharField(help_text=_("Cómo arreglarlo."))


class RefusalShape(Shape):
    """What is answered instead of what was asked for."""

    example = {
        "status": 400,
        "code": "INVALID_ARGUMENT",
        "message": "Revisa lo que se señala y envíalo de nuevo.",
        "details": [DetailShape.example],
    }
    status = serializers.IntegerField(help_text=_("El mismo que el de HTTP."))
    code = OpenChoice(
        choices=list(CODES), help_text=_("Estable, para programas; pueden venir nuevos.")
    )
    message = serializers.CharField(help_text=_("Para personas, en español."))
    details = DetailShape(many=True, required=False, help_text=_("Por campo, donde lo hay."))


_pages: dict[type, type] = {}


def page_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Give the shape of a page of some shape."""
    if shape not in _pages:
        name = f"{shape.__name__.removesuffix('Shape')}Page"
        _pages[shape] = type(
            f"{name}Shape",
            (Shape,),
            {
                "example": {"items": [example_of(shape)], "nextCursor": None},
                "items": shape(many=True, help_text=_("Los de esta página, en orden.")),
                "nextCursor": serializers.CharField(
                    allow_null=True, help_text=_("Para `cursor`; null: es la última.")
                ),
            },
        )
    return _pages[shape]


def example_of(shape: type[serializers.Serializer[Any]]) -> Any:
    """Give the example of a shape, None where it has none."""
    return getattr(shape, "example", None)


def operation(
    summary: Words,
    description: Words = "",
    *,
    takes: Any = None,
    gives: Any = None,
    query: Any = None,
    page: Any = None,
    headers: tuple[OpenApiParameter, ...] = (),
    status: int = 200,
    **options: Any,
) -> Callable[..., Any]:
    """Describe an operation: the shape of body and query it takes, and of what it gives."""
    responses = options.pop("responses", None) or {
        status: page_of(page) if page else gives or OpenApiResponse(description=_("Hecho."))
    }
    if IF_NONE_MATCH in headers:
        responses[304] = OpenApiResponse(description=_("Nada cambió desde ese ETag."))
    return extend_schema(
        summary=summary,
        description=description or summary,
        request=takes,
        responses=responses,
        parameters=[*([query] if query else []), *headers],
        **options,
    )
