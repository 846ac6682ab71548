"""Parts of the OpenAPI description that operations share: headers, pages and errors."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers

from core.api.errors import CODES
from core.api.fields import OpenChoiceField
from core.api.serializers import QuerySerializer, StrictSerializer

EXTENSIBLE = "x-extensible"  # marks an enumeration that may get more values

CORRELATION_ID = OpenApiParameter(
    "x-correlator",
    str,
    OpenApiParameter.HEADER,
    description=_(
        "Tu nombre para la petición: vuelve en la respuesta y queda en los registros. "
        "Hasta 256 letras, cifras y `_:;./<>{}-`; uno de otra forma se cambia por uno nuevo."
    ),
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description=_(
        "Una nueva por cada cosa que haces: al repetirla, se hace una sola vez (24 h). De lo que "
        "se niega nada queda guardado: corrige y repite con la misma."
    ),
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description=_("El ETag que leíste.")
)
IF_MATCH_REQUIRED = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description=_("El ETag que leíste.")
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description=_("El ETag que ya tienes: si nada cambió, se contesta 304."),
)


class ErrorDetailSerializer(StrictSerializer):
    component_name = "Detail"
    example = {
        "field": "volume",
        "code": "INVALID",
        "message": "Debe ser un número entero sin comillas, como 500000.",
    }
    field = serializers.CharField(help_text=_("Dónde: `area.ladas[2]`, `campaigns[3].name`."))
    code = serializers.CharField(help_text=_("Qué clase de error; pueden venir nuevas."))
    message = serializers.CharField(help_text=_("Cómo arreglarlo."))


class ErrorSerializer(StrictSerializer):
    """The body of every error response."""

    component_name = "Refusal"
    example = {
        "status": 400,
        "code": "INVALID_ARGUMENT",
        "message": "Revisa lo que se señala y envíalo de nuevo.",
        "details": [ErrorDetailSerializer.example],
    }
    status = serializers.IntegerField(help_text=_("El mismo que el de HTTP."))
    code = OpenChoiceField(
        choices=list(CODES), help_text=_("Estable, para programas; pueden venir nuevos.")
    )
    message = serializers.CharField(help_text=_("Para personas, en español."))
    details = ErrorDetailSerializer(
        many=True, required=False, help_text=_("Por campo, donde lo hay.")
    )


_page_serializers: dict[type, type] = {}


def page_of(serializer: type[StrictSerializer]) -> type[StrictSerializer]:
    """Return the serializer of a page of objects. There is one for each serializer."""
    if serializer not in _page_serializers:
        _page_serializers[serializer] = type(
            f"{serializer.get_component_name()}PageSerializer",
            (StrictSerializer,),
            {
                "example": {"items": [serializer.example], "nextCursor": None},
                "items": serializer(many=True, help_text=_("Los de esta página, en orden.")),
                "nextCursor": serializers.CharField(
                    allow_null=True, help_text=_("Para `cursor`; null: es la última.")
                ),
            },
        )
    return _page_serializers[serializer]


class Operation(NamedTuple):
    """What a handler's `operation` decorator has said of it."""

    summary: str | Promise
    query: type[QuerySerializer]
    takes_body: bool
    headers: tuple[OpenApiParameter, ...]
    refusals: Sequence[str]


def operation(
    summary: str | Promise,
    description: str | Promise = "",
    *,
    request: Any = None,
    response: Any = None,
    query: type[QuerySerializer] | None = None,
    page: type[StrictSerializer] | None = None,
    headers: tuple[OpenApiParameter, ...] = (),
    refusals: Sequence[str] = (),
    status: int = 200,
    **options: Any,
) -> Callable[..., Any]:
    """Describe an operation by its serializers, as drf-spectacular's `extend_schema` does.

    `request` and `query` are those of the body and the query string; `response` is that of the
    response, or `page` that of the items if it is a page. `refusals` are the codes of its own
    errors, besides those that follow from its method, path and headers. Other options are
    `extend_schema`'s. The viewset reads what was described from the handler's `operation`.
    """
    responses = options.pop("responses", None) or {
        status: page_of(page) if page else response or OpenApiResponse(description=_("Hecho."))
    }
    if IF_NONE_MATCH in headers:
        responses[304] = OpenApiResponse(description=_("Nada cambió desde ese ETag."))
    describe = extend_schema(
        summary=summary,
        description=description or summary,
        request=request,
        responses=responses,
        parameters=[*([query] if query else []), *headers],
        **options,
    )
    known = Operation(summary, query or QuerySerializer, request is not None, headers, refusals)

    def decorate(handler: Any) -> Any:
        described = describe(handler)
        described.operation = known
        return described

    return decorate
