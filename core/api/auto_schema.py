"""The AutoSchema of drf-spectacular for the API's views, and a hook that shares components."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework.permissions import SAFE_METHODS
from rest_framework.serializers import Field, Serializer

from core.api.errors import CODES
from core.api.fields import OpenChoiceField, RawTextField, TextField
from core.api.schema import (
    CORRELATION_ID,
    EXTENSIBLE,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_MATCH_REQUIRED,
    ErrorSerializer,
)
from core.api.serializers import StrictSerializer
from core.body_limits import JSON, KIB

CODE_LINE = re.compile(r"^- `([A-Z_]+)`", re.MULTILINE)  # a code in the description of a response
NO_NUL_PATTERN = "^[^\\u0000]*$"  # PostgreSQL does not store NUL
NOT_BLANK_PATTERN = "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"
COMMON_CODES = (  # of every operation
    *("INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_ACCEPTABLE"),
    *("URI_TOO_LONG", "TOO_MANY_REQUESTS", "INTERNAL", "UNAVAILABLE"),
)
COMMON_HEADERS = {
    "x-correlator": _("El de la petición, o uno nuevo: cítalo si nos escribes."),
    "RateLimit-Policy": _("Cuántas peticiones (q) en cuántos segundos (w)."),
    "RateLimit": _("Cuántas quedan (r) y en cuántos segundos empieza otra cuenta (t)."),
    "RateLimit-Cost": _("Por cuántas peticiones contó esta: más de una, si cuesta más."),
}
RETRY_AFTER = {"Retry-After": _("Segundos que hay que esperar.")}
LOCATION = {"Location": _("Dónde quedó lo que se creó.")}
LINK = {"Link": _('La página siguiente, con rel="next", si la hay.')}
REPLAYED = {"Idempotency-Replayed": _("true: ya se había hecho, y esto es lo que se contestó.")}
ETAG = {"ETag": _("Lo que se lee ahora: para If-Match e If-None-Match.")}


class ApiAutoSchema(AutoSchema):
    """Add to each operation the parameters, headers and errors that all of them have."""

    view: Any

    def get_operation_id(self) -> str:
        """Return the action and its noun: listCampaigns, createCampaign, submitCampaign."""
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
        return [self.view.tag]

    def get_description(self) -> str:  # type: ignore[override]  # that of drf-spectacular
        """Return the operation's description, with its cost and its limit where it has own ones."""
        parts = [str(super().get_description())]
        if cost := self.view.costs.get(self.view.action):
            parts.append(_("De tu límite usa {cost} peticiones.").format(cost=cost))
        if self.method in ("POST", "PATCH"):
            limit = self.view.max_bodies.get(self.view.action, JSON)
            parts.append(_("Cuerpo: hasta {limit} KiB.").format(limit=limit // KIB))
        return " ".join(parts)

    def get_override_parameters(self) -> list[Any]:
        return [CORRELATION_ID, *([IDEMPOTENCY_KEY] if self.method == "POST" else [])]

    def get_auth(self) -> list[Any]:
        return [{"oauth2": [self.view.scope_for(self.method)]}, {"session": []}]

    def get_serializer_name(self, serializer: Serializer[Any], direction: Any) -> str:
        if isinstance(serializer, StrictSerializer):
            return serializer.get_component_name()
        return super().get_serializer_name(serializer, direction)

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # pages are objects

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        return [
            {
                "in": "path",
                "name": name,
                "schema": self.view.lookup_schema,
                "description": str(self.view.lookup_description),
                "required": True,
            }
            for name in variables
        ]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        serializer_class = serializer if isinstance(serializer, type) else type(serializer)
        if not issubclass(serializer_class, StrictSerializer):
            return schema
        schema.pop("description", None)  # the docstring is for developers of the portal
        if serializer_class.example is not None:
            schema["example"] = serializer_class.example
        if direction == "request":
            schema["additionalProperties"] = False
        elif serializer_class is not ErrorSerializer:
            schema["required"] = sorted(schema["properties"])
        return schema

    def _map_serializer_field(
        self, field: Field[Any, Any, Any, Any], direction: Any, bypass_extensions: bool = False
    ) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if schema.get("nullable") and "allOf" in schema:
            schema["type"] = "object"  # OpenAPI 3.0.3: nullable counts only beside a type
        if isinstance(field, OpenChoiceField):
            schema[EXTENSIBLE] = True
        return schema

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        is_stored_text = isinstance(field, TextField) and not isinstance(field, RawTextField)
        if is_stored_text and "pattern" not in schema:
            may_be_blank = field.allow_blank or not field.trim_whitespace
            schema["pattern"] = NO_NUL_PATTERN if may_be_blank else NOT_BLANK_PATTERN

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status, codes in self._errors():
            description = "\n".join(f"- `{code}`: {CODES[code].description}" for code in codes)
            error = OpenApiResponse(ErrorSerializer, description=description)
            bodies[str(status)] = self._get_response_for_code(error, str(status))  # type: ignore[no-untyped-call]
        for body in bodies.values():
            body["description"] = str(body["description"] or _("Lo que se pidió."))
        return bodies

    def _errors(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each status of an error that the operation may have, with its codes."""
        by_status: dict[int, list[str]] = {}
        for name in self._refusals():
            by_status.setdefault(CODES[name].status, []).append(name)
        yield from sorted(by_status.items())

    def _refusals(self) -> list[str]:
        """Return the codes of all errors of the operation: what it declares, and what follows."""
        operation = self.view.operation_of(self.method)
        found = {*COMMON_CODES, *operation.refusals}
        if "{" in self.path:
            found.add("NOT_FOUND")
        if operation.takes_body:
            found |= {"PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"}
        if self.method == "POST":  # may have a key, whose digest reads the body
            found |= {"REQUEST_IN_PROGRESS", "KEY_REUSED", "PAYLOAD_TOO_LARGE"}
        if {IF_MATCH, IF_MATCH_REQUIRED} & {*operation.headers}:
            found.add("FAILED_PRECONDITION")
        if IF_MATCH_REQUIRED in operation.headers:
            found.add("PRECONDITION_REQUIRED")
        if self._writes_for_a_brand() and "ITEMS_REFUSED" not in found:  # told of each item
            found.add("BRAND_SUSPENDED")
        return [name for name in CODES if name in found]

    def _writes_for_a_brand(self) -> bool:
        _read_scope, write_scope = self.view.scopes
        return self.method not in SAFE_METHODS and not write_scope.endswith(":read")

    def _get_response_headers_for_code(self, status_code: Any, direction: Any = "response") -> Any:
        headers = super()._get_response_headers_for_code(status_code, direction)
        status, action = str(status_code), self.view.action
        descriptions = dict(COMMON_HEADERS)
        if status in ("409", "429", "503"):
            descriptions |= RETRY_AFTER
        if status == "201" and action in ("create", "copy"):
            descriptions |= LOCATION
        if status < "300" and self.method == "POST":
            descriptions |= REPLAYED
        if status < "300" and self.method == "GET" and "{" not in self.path:
            descriptions |= LINK
        if status < "400" and self.view.uses_etags:
            descriptions |= ETAG
        return headers | {
            name: {"schema": {"type": "string"}, "description": str(description)}
            for name, description in descriptions.items()
        }


def share_components(result: Any, **_of_generator: Any) -> Any:
    """Move the headers and error responses of operations into shared components."""
    components = result["components"]
    responses: dict[str, Any] = {}
    for path in result["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                for header in response.get("headers", {}):
                    components.setdefault("headers", {})[header] = response["headers"][header]
                    response["headers"][header] = {"$ref": f"#/components/headers/{header}"}
                if status >= "400":
                    codes = CODE_LINE.findall(response["description"])
                    name = f"Refused{status}" + "".join(
                        part.title() for code in codes for part in code.split("_")
                    )
                    responses[name] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    _allow_empty(parameter)
    components["responses"] = responses
    return result


def _allow_empty(parameter: dict[str, Any]) -> None:
    """Describe that an empty parameter counts as none, as `QuerySerializer` reads it."""
    schema = parameter["schema"]
    if schema.get("type") == "object":
        parameter |= {"style": "deepObject", "explode": True}
        return
    parameter["allowEmptyValue"] = True
    schema.pop("minLength", None)
    if "pattern" in schema and schema["pattern"] != NO_NUL_PATTERN:
        schema["pattern"] = f"^({schema['pattern'].removeprefix('^').removesuffix('$')})?$"
