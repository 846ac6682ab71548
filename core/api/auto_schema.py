"""How drf-spectacular describes an operation of ours, and says once what all of them share."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework.serializers import Field, Serializer

from core.api.errors import CODES
from core.api.schema import CORRELATOR, EXTENSIBLE, KEY, RefusalShape
from core.api.serializers import AnyText, OpenChoice, Shape, Text

NO_NUL = "^[^\\u0000]*$"  # PostgreSQL keeps no such character
SOME_WORD = "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"
HEADERS = {
    "x-correlator": _("El de la petición, o uno nuevo: cítalo si nos escribes."),
    "RateLimit-Policy": _("Cuántas peticiones (q) en cuántos segundos (w)."),
    "RateLimit": _("Cuántas quedan (r) y en cuántos segundos empieza otra cuenta (t)."),
}
RETRY = {"Retry-After": _("Segundos que hay que esperar.")}
LOCATION = {"Location": _("Dónde quedó lo que se creó.")}
LINK = {"Link": _('La página siguiente, con rel="next", si la hay.')}
REPLAYED = {"Idempotency-Replayed": _("true: ya se había hecho, y esto es lo que se contestó.")}
ETAG = {"ETag": _("Lo que se lee ahora: para If-Match e If-None-Match.")}


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
        return [str(self.view.tag or self.view.basename.replace("-", " ").capitalize())]

    def get_override_parameters(self) -> list[Any]:
        return [CORRELATOR, *([KEY] if self.method == "POST" else [])]

    def get_auth(self) -> list[Any]:
        return [{"oauth2": [self.view.scope_for(self.method)]}, {"session": []}]

    def get_serializer_name(self, serializer: Serializer[Any], direction: Any) -> str:
        return type(serializer).__name__.removesuffix("Shape")

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # our pages are objects

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        schema, told = self.view.lookup_schema, str(self.view.lookup_told)
        return [
            {"in": "path", "name": name, "schema": schema, "description": told, "required": True}
            for name in variables
        ]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        shape = serializer if isinstance(serializer, type) else type(serializer)
        if not issubclass(shape, Shape):
            return schema
        schema.pop("description", None)  # docstrings are for who writes the portal
        if shape.example is not None:
            schema["example"] = shape.example
        if direction == "request":
            schema["additionalProperties"] = False
        elif shape is not RefusalShape:
            schema["required"] = sorted(schema["properties"])
        return schema

    def _map_serializer_field(
        self, field: Field[Any, Any, Any, Any], direction: Any, bypass_extensions: bool = False
    ) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if isinstance(field, OpenChoice):
            schema[EXTENSIBLE] = True
        return schema

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        if isinstance(field, Text) and not isinstance(field, AnyText) and "pattern" not in schema:
            blank = field.allow_blank or not field.trim_whitespace
            schema["pattern"] = NO_NUL if blank else SOME_WORD

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status, codes in self._refusals():
            told = "\n".join(f"- `{code}`: {CODES[code].when}" for code in codes)
            refusal = OpenApiResponse(RefusalShape, description=told)
            bodies[str(status)] = self._get_response_for_code(refusal, str(status))  # type: ignore[no-untyped-call]
        for body in bodies.values():
            body["description"] = str(body["description"] or _("Lo que se pidió."))
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
        status, action = str(status_code), self.view.action
        told = dict(HEADERS)
        if status in ("409", "429", "503"):
            told |= RETRY
        if status == "201" and action in ("create", "copy"):
            told |= LOCATION
        if status < "300" and self.method == "POST":
            told |= REPLAYED
        if status < "300" and self.method == "GET" and "{" not in self.path:
            told |= LINK
        if status < "400" and (getattr(self.view, "matches", False)):
            told |= ETAG
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
            for parameter in described.get("parameters", ()):
                if parameter["in"] == "query":
                    _let_be_empty(parameter)
    result["components"]["responses"] = responses
    return result


def _let_be_empty(parameter: dict[str, Any]) -> None:
    """Say that a parameter which is there and empty is as none, as `Query` reads it."""
    parameter["allowEmptyValue"] = True
    schema = parameter["schema"]
    schema.pop("minLength", None)
    if "pattern" in schema and schema["pattern"] != NO_NUL:
        schema["pattern"] = f"^({schema['pattern'].removeprefix('^').removesuffix('$')})?$"
