"""The OpenAPI description prepared for the documentation page: groups, operations, objects."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.api.auto_schema import CODE_LINE
from portal.api_docs import samples
from portal.api_settings import SPECTACULAR_SETTINGS

Document = Mapping[str, Any]

TYPE_NAMES: Mapping[str, str | Promise] = {
    "string": gettext_lazy("texto"),
    "integer": gettext_lazy("entero"),
    "number": gettext_lazy("número"),
    "boolean": gettext_lazy("true o false"),
    "object": gettext_lazy("objeto"),
    "date": gettext_lazy("fecha"),
    "date-time": gettext_lazy("momento"),
    "uri": gettext_lazy("dirección"),
}
EVENT_TYPE = re.compile(r"mx\.[a-z0-9.-]+\.v\d+\.[a-z-]+")
SHORT_LIST = re.compile(r'\[\s+(?:"[^"\n]*"|[-\d.]+)(?:,\s+(?:"[^"\n]*"|[-\d.]+))*\s+\]')
COMMON_HEADERS = {"x-correlator"}  # described once, before the operations
METHODS = ("get", "post", "put", "patch", "delete")


class FieldDoc(NamedTuple):
    """A member of an object, or a parameter. `object_name` is set if the value is an object."""

    name: str
    location: str
    kind: str
    object_name: str
    required: bool
    description: SafeString
    values: list[str]


class ResponseDoc(NamedTuple):
    """A successful response with a sample of its body."""

    status: str
    object_name: str
    sample: str


class OperationDoc(NamedTuple):
    """An operation with its parameters, body, responses and the codes of its own errors."""

    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    scope: str
    parameters: list[FieldDoc]
    body: list[FieldDoc]
    body_sample: str
    responses: list[ResponseDoc]
    codes: list[str]


class OperationGroup(NamedTuple):
    """The operations with one tag."""

    title: str
    anchor: str
    operations: list[OperationDoc]


class ObjectDoc(NamedTuple):
    """An object of requests or responses."""

    name: str
    fields: list[FieldDoc]


def groups(document: Document) -> list[OperationGroup]:
    """Return the operations grouped by tag, in the order of the tags in the settings."""
    common = set(common_codes(document))
    by_tag: dict[str, list[OperationDoc]] = {}
    for path, method, operation in _operations(document):
        doc = _operation_doc(path, method, operation, document["components"], common)
        by_tag.setdefault(operation["tags"][0], []).append(doc)
    titles = {tag["name"]: tag["x-displayName"] for tag in SPECTACULAR_SETTINGS["TAGS"]}
    return [
        OperationGroup(title, f"de-{slugify(title)}", by_tag[tag])
        for tag, title in titles.items()
        if tag in by_tag
    ]


def objects(document: Document) -> list[ObjectDoc]:
    """Return the objects of requests and responses, sorted by name, without the pages of lists."""
    components = document["components"]
    found = {}
    for name, schema in sorted(components["schemas"].items()):
        members = schema.get("properties", {})
        if members and "nextCursor" not in members and not name.endswith("Request"):
            found[display_name(name)] = ObjectDoc(display_name(name), _fields(schema, components))
    for name in _nested_request_objects(components):
        if display_name(name) not in found:  # it is in requests only
            schema = components["schemas"][name]
            found[display_name(name)] = ObjectDoc(display_name(name), _fields(schema, components))
    return [found[name] for name in sorted(found)]


def common_codes(document: Document) -> list[str]:
    """Return the error codes that all operations have."""
    of_operations = [
        _codes(operation, document["components"])
        for _path, _method, operation in _operations(document)
    ]
    return [code for code in of_operations[0] if all(code in codes for codes in of_operations)]


def error_sample(document: Document) -> str:
    """Return a sample of the body of an error response."""
    sample = samples.make({"$ref": "#/components/schemas/Refusal"}, document["components"])
    detail = {
        "field": "area.ladas[2]",
        "code": "INVALID",
        "message": _("Debe ser un texto entre comillas."),
    }
    # A new object: the sample is the example in the document itself.
    return to_json(
        {
            **sample,
            "status": 400,
            "code": "INVALID_ARGUMENT",
            "message": _("Revisa lo que se señala y envíalo de nuevo."),
            "details": [detail],
        }
    )


def webhook_types(document: Document) -> list[str]:
    """Return the types of webhook events that the schemas name."""
    text = json.dumps(document["components"]["schemas"], default=str)
    return sorted(set(EVENT_TYPE.findall(text)))


def display_name(component: str) -> str:
    """Return the name of an object on the page: CampaignRequest is Campaign."""
    return component.removesuffix("Request").removeprefix("Patched")


def to_json(sample: Any) -> str:
    """Return a sample as indented JSON, with short lists of strings or numbers on one line."""
    text = json.dumps(sample, ensure_ascii=False, indent=2)
    return SHORT_LIST.sub(
        lambda match: " ".join(match[0].split()).replace("[ ", "[").replace(" ]", "]"), text
    )


def to_html(text: object) -> SafeString:
    """Return a description as HTML, with its `code` marked up, without its list of values."""
    html = str(conditional_escape(str(text or "").partition("\n\n* ")[0]))
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", html))  # noqa: S308 (escaped above)


def _operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the path, method and description of each operation."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def _operation_doc(
    path: str,
    method: str,
    operation: Mapping[str, Any],
    components: Mapping[str, Any],
    common: set[str],
) -> OperationDoc:
    body = _json_schema(operation.get("requestBody", {}))
    make_sample = samples.make_patch if method == "patch" else _request_sample
    summary, description = operation.get("summary", ""), operation.get("description", "")
    return OperationDoc(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=str(summary),
        description=to_html("" if description == summary else description),
        scope=next((item["oauth2"][0] for item in operation["security"] if "oauth2" in item), ""),
        parameters=[
            _field(parameter["name"], parameter, parameter["schema"], components)
            for parameter in operation.get("parameters", ())
            if parameter["name"] not in COMMON_HEADERS
        ],
        body=_fields(body, components),
        body_sample=to_json(make_sample(body, components)) if body else "",
        responses=list(_responses(operation, components)),
        codes=[code for code in _codes(operation, components) if code not in common],
    )


def _request_sample(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    return samples.make(schema, components, request=True)


def _json_schema(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the JSON schema of a request body or a response, empty if it has none."""
    return body.get("content", {}).get("application/json", {}).get("schema", {})


def _responses(
    operation: Mapping[str, Any], components: Mapping[str, Any]
) -> Iterator[ResponseDoc]:
    for status, response in operation["responses"].items():
        if status < "400":
            schema = _json_schema(response)
            sample = to_json(samples.make(schema, components)) if schema else ""
            yield ResponseDoc(status, _object_name(schema, components), sample)


def _object_name(schema: Mapping[str, Any], components: Mapping[str, Any]) -> str:
    """Return the name of the object in a response; in a page, that of its items."""
    inner = samples.resolve(schema, components)
    if "nextCursor" in inner.get("properties", {}):
        return _object_name(inner["properties"]["items"]["items"], components)
    if "oneOf" in inner:
        return _object_name(inner["oneOf"][0], components)
    return display_name(schema.get("$ref", "").rpartition("/")[2])


def _codes(operation: Mapping[str, Any], components: Mapping[str, Any]) -> list[str]:
    """Return the error codes that the descriptions of an operation's responses list."""
    codes = []
    for status, response in operation["responses"].items():
        if status >= "400":
            name = response.get("$ref", "").rpartition("/")[2]
            resolved = components["responses"].get(name, response)
            codes += CODE_LINE.findall(resolved.get("description", ""))
    return codes


def _fields(schema: Mapping[str, Any], components: Mapping[str, Any]) -> list[FieldDoc]:
    schema = samples.resolve(schema, components)
    required = schema.get("required", ())
    return [
        _field(name, {"required": name in required, **member}, member, components)
        for name, member in schema.get("properties", {}).items()
    ]


def _field(
    name: str, field: Mapping[str, Any], schema: Mapping[str, Any], components: Mapping[str, Any]
) -> FieldDoc:
    kind, object_name = _kind(schema, components)
    inner = samples.resolve(schema, components)
    limits = ", ".join(_limits(inner))
    description = str(field.get("description", "")).partition("\n\n* ")[0]
    values = [str(value) for value in inner.get("enum", ()) if value not in (None, "")]
    return FieldDoc(
        name=name,
        location={"path": _("en la ruta"), "header": _("encabezado")}.get(field.get("in", ""), ""),
        kind=f"{kind}, {limits}" if limits else kind,
        object_name=object_name,
        required=field.get("required") is True,
        description=to_html(field.get("description", "")),
        values=[] if all(f"`{value}`" in description for value in values) else values,
    )


def _kind(schema: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[str, str]:
    """Return the Spanish name of a schema's type, and the name of its object if it is one."""
    inner = samples.resolve(schema, components)
    if inner.get("type") == "array":
        kind, object_name = _kind(inner.get("items", {}), components)
        return _("lista de {kind}").format(kind=kind), object_name
    reference = schema.get("$ref") or next(
        (part.get("$ref", "") for part in schema.get("allOf", ())), ""
    )
    if "properties" in inner:
        return str(TYPE_NAMES["object"]), display_name(reference.rpartition("/")[2])
    return str(
        TYPE_NAMES.get(inner.get("format", ""), TYPE_NAMES.get(inner.get("type", ""), "JSON"))
    ), ""


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the limits of a schema in Spanish."""
    if "maxLength" in schema:
        yield _("hasta {most} caracteres").format(most=schema["maxLength"])
    if "minimum" in schema and "maximum" in schema:
        yield _("de {least} a {most}").format(
            least=schema["minimum"], most=f"{schema['maximum']:,}"
        )
    if "maxItems" in schema:
        yield _("hasta {most}").format(most=schema["maxItems"])
    if schema.get("nullable"):
        yield _("o null")


def _nested_request_objects(components: Mapping[str, Any]) -> list[str]:
    """Return the objects inside of request bodies. Bodies themselves are with their operations."""
    text = json.dumps(components["schemas"], default=str)
    return sorted(set(re.findall(r"#/components/schemas/(\w+Request)\b", text)))
