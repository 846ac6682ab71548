"""How the OpenAPI description says what every operation shares: names, headers, refusals."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers

from api.errors import CODES

Words = str | Promise

HEADERS = {
    "x-correlator": _("El de la petición, o uno nuevo: cítalo si nos escribes."),
    "RateLimit-Policy": _("Cuántas peticiones (q) en cuántos segundos (w)."),
    "RateLimit": _("Cuántas quedan (r) y en cuántos segundos empieza otra cuenta (t)."),
}
CORRELATOR = OpenApiParameter(
    "x-correlator",
    {"type": "string", "pattern": "^[A-Za-z0-9_:;./<>{}-]{1,256}$"},
    OpenApiParameter.HEADER,
    description=_("Tu nombre para la petición: vuelve en la respuesta y queda en los registros."),
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


class DetailShape(serializers.Serializer[Any]):
    field = serializers.CharField(help_text=_("Dónde: `area.ladas[2]`, `campaigns[3].name`."))
    code = serializers.CharField()
    message = serializers.CharField(help_text=_("Cómo arreglarlo."))


@extend_schema_serializer(
    component_name="Refusal",
    examples=[
        OpenApiExample(
            "INVALID_ARGUMENT",
            {
                "status": 400,
                "code": "INVALID_ARGUMENT",
                "message": "Revisa lo que se señala y envíalo de nuevo.",
                "details": [
                    {
                        "field": "volume",
                        "code": "INVALID",
                        "message": "Debe ser un número entero sin comillas, como 500000.",
                    }
                ],
            },
        )
    ],
)
class RefusalShape(serializers.Serializer[Any]):
    """What is answered instead of what was asked for."""

    status = serializers.IntegerField(help_text=_("El mismo que el de HTTP."))
    code = serializers.ChoiceField(choices=list(CODES), help_text=_("Estable, para programas."))
    message = serializers.CharField(help_text=_("Para personas, en español."))
    details = DetailShape(many=True, required=False)


_pages: dict[type, type] = {}


def page_of(shape: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Give the shape of a page of some shape."""
    if shape not in _pages:
        name = f"{shape.__name__.removesuffix('Shape')}Page"
        _pages[shape] = type(
            f"{name}Shape",
            (serializers.Serializer,),
            {
                "items": shape(many=True),
                "nextCursor": serializers.CharField(
                    allow_null=True, help_text=_("Para `cursor`; null: es la última.")
                ),
            },
        )
    return _pages[shape]


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
        status: page_of(page) if page else gives or OpenApiResponse(description=str(_("Hecho.")))
    }
    return extend_schema(
        summary=summary,
        description=description or summary,
        request=takes,
        responses=responses,
        parameters=[*([query] if query else []), *headers],
        **options,
    )


class Operation(AutoSchema):
    """Adds to each operation what all of them share."""

    view: Any

    def get_operation_id(self) -> str:
        """Say what it does: listCampaigns, createCampaign, submitCampaign."""
        noun = "".join(part.title() for part in self.view.basename.split("-"))
        action = self.view.action
        if action == "list":
            return f"list{noun[:-1]}ies" if noun.endswith("y") else f"list{noun}s"
        verb = {"retrieve": "get", "partial_update": "update", "destroy": "delete"}.get(
            action, action
        )
        head, *rest = verb.split("_")
        return head + "".join(part.title() for part in rest) + noun

    def get_tags(self) -> list[str]:
        return [self.view.basename.replace("-", " ").capitalize()]

    def get_override_parameters(self) -> list[Any]:
        return [CORRELATOR, *([KEY] if self.method == "POST" else [])]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # our pages are objects

    def get_auth(self) -> list[Any]:
        return [{"oauth2": [self.view.scope_for(self.method)]}, {"session": []}]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status, codes in self._refusals():
            told = "\n".join(f"- `{code}`: {CODES[code].when}" for code in codes)
            refusal = OpenApiResponse(RefusalShape, description=told)
            bodies[str(status)] = self._get_response_for_code(refusal, str(status))  # type: ignore[no-untyped-call]
        return bodies

    def _refusals(self) -> Iterator[tuple[int, list[str]]]:
        """Give the codes that may be answered, by status."""
        takes_body = self.method in ("POST", "PATCH", "PUT")
        statuses = {400, 401, 403, 406, 429, 500, 503}
        if "{" in self.path:
            statuses.add(404)
        if takes_body:
            statuses |= {409, 413, 415, 422}
        if self.method == "DELETE":
            statuses.add(409)
        if getattr(self.view, "matches", False) and takes_body and "{" in self.path:
            statuses |= {412, 428} if self.method == "PATCH" else {412}
        by_status: dict[int, list[str]] = {}
        for code, meaning in CODES.items():
            by_status.setdefault(meaning.status, []).append(code)
        for status in sorted(statuses):
            yield status, by_status[status]

    def _get_response_headers_for_code(self, status_code: Any, direction: Any = "response") -> Any:
        headers = super()._get_response_headers_for_code(status_code, direction)
        told = dict(HEADERS)
        if str(status_code) in ("409", "429", "503"):
            told["Retry-After"] = _("Segundos que hay que esperar.")
        return headers | {
            name: {"schema": {"type": "string"}, "description": str(words)}
            for name, words in told.items()
        }


def share_refusals(result: Any, **_of_generator: Any) -> Any:
    """Say each refusal, and each header, once: the operations point to it."""
    responses: dict[str, Any] = {}
    names: dict[str, str] = {}
    for path in result["paths"].values():
        for described in path.values():
            for status, response in described["responses"].items():
                for header in response.get("headers", {}):
                    told = response["headers"][header]
                    result["components"].setdefault("headers", {})[header] = told
                    response["headers"][header] = {"$ref": f"#/components/headers/{header}"}
                if status >= "400":
                    name = names.setdefault(repr(response), f"Refused{status}")
                    responses[name] = response
                    described["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    result["components"]["responses"] = responses
    return result
