"""The OpenAPI description as the page of documentation reads it: groups, operations, objects."""

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

from portal.api_docs import samples
from portal.api_settings import SPECTACULAR_SETTINGS

Document = Mapping[str, Any]

KINDS: Mapping[str, str | Promise] = {
    "string": gettext_lazy("texto"),
    "integer": gettext_lazy("entero"),
    "number": gettext_lazy("número"),
    "boolean": gettext_lazy("true o false"),
    "object": gettext_lazy("objeto"),
    "date": gettext_lazy("fecha"),
    "date-time": gettext_lazy("momento"),
    "uri": gettext_lazy("dirección"),
}
EVENT = re.compile(r"mx\.[a-z0-9.-]+\.v\d+\.[a-z-]+")
SHORT_LIST = re.compile(r'\[\s+(?:"[^"\n]*"|[-\d.]+)(?:,\s+(?:"[^"\n]*"|[-\d.]+))*\s+\]')
CODE_LINE = re.compile(r"^- `([A-Z_]+)`", re.MULTILINE)
SHARED_HEADERS = {"x-correlator"}  # told once, above all operations
METHODS = ("get", "post", "put", "patch", "delete")


class Field(NamedTuple):
    """A member of an object, or a parameter; `shape` names the object that it is, if any."""

    name: str
    where: str
    kind: str
    shape: str
    needed: bool
    told: SafeString
    values: list[str]


class Answer(NamedTuple):
    status: str
    shape: str
    sample: str


class Operation(NamedTuple):
    id: str
    method: str
    path: str
    summary: str
    told: SafeString
    scope: str
    parameters: list[Field]
    body: list[Field]
    body_sample: str
    answers: list[Answer]
    codes: list[str]


class Group(NamedTuple):
    title: str
    anchor: str
    operations: list[Operation]


class Shape(NamedTuple):
    name: str
    fields: list[Field]


def groups(document: Document) -> list[Group]:
    """Give the operations by what they are about, in the order in which a reader meets them."""
    common = set(common_codes(document))
    by_tag: dict[str, list[Operation]] = {}
    for path, method, described in _operations(document):
        read = _operation(path, method, described, document["components"], common)
        by_tag.setdefault(described["tags"][0], []).append(read)
    order = [tag["name"] for tag in SPECTACULAR_SETTINGS["TAGS"]]
    found = [Group(tag, f"de-{slugify(tag)}", each) for tag, each in by_tag.items()]
    return sorted(
        found, key=lambda group: order.index(group.title) if group.title in order else len(order)
    )


def shapes(document: Document) -> list[Shape]:
    """Give the objects that answers and bodies are made of, each once; pages are told apart."""
    components = document["components"]
    found = {}
    for name, schema in sorted(components["schemas"].items()):
        members = schema.get("properties", {})
        if members and "nextCursor" not in members and not _is_sent(name):
            found[shown_name(name)] = Shape(shown_name(name), _fields(schema, components))
    for name in _nested_bodies(components):  # objects that are sent only
        if shown_name(name) not in found:
            schema = components["schemas"][name]
            found[shown_name(name)] = Shape(shown_name(name), _fields(schema, components))
    return [found[name] for name in sorted(found)]


def common_codes(document: Document) -> list[str]:
    """Give the codes that any operation may answer."""
    each = [
        _codes(described, document["components"]) for _p, _m, described in _operations(document)
    ]
    return [code for code in each[0] if all(code in codes for codes in each)]


def refusal_sample(document: Document) -> str:
    sample = samples.of({"$ref": "#/components/schemas/Refusal"}, document["components"])
    sample = sample | {
        "status": 400,
        "code": "INVALID_ARGUMENT",
        "message": _("Revisa lo que se señala y envíalo de nuevo."),
        "details": [
            {
                "field": "area.ladas[2]",
                "code": "INVALID",
                "message": _("Debe ser un texto entre comillas."),
            }
        ],
    }
    return written(sample)


def webhook_types(document: Document) -> list[str]:
    """Give the types of events, from the shapes that name them; none where there are none."""
    text = json.dumps(document["components"]["schemas"], default=str)
    return sorted(set(EVENT.findall(text)))


def shown_name(name: str) -> str:
    """Give the name of an object as the page has it: CampaignShape is Campaign."""
    return name.removesuffix("Request").removesuffix("Shape").removeprefix("Patched")


def written(sample: Any) -> str:
    """Give an example as JSON, a short list of words or numbers on one line."""
    text = json.dumps(sample, ensure_ascii=False, indent=2)
    return SHORT_LIST.sub(
        lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text
    )


def words(text: object) -> SafeString:
    """Give what a description says in HTML: its `code` as code, without its list of values."""
    told = str(conditional_escape(str(text or "").partition("\n\n* ")[0]))
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", told))  # noqa: S308 (escaped above)


def _operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def _operation(
    path: str,
    method: str,
    described: Mapping[str, Any],
    components: Mapping[str, Any],
    common: set[str],
) -> Operation:
    body = _json(described.get("requestBody", {}))
    sample = samples.of_change if method == "patch" else _sent
    told = described.get("description", "")
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        summary=str(described.get("summary", "")),
        told=words("" if told == described.get("summary") else told),
        scope=next((each["oauth2"][0] for each in described["security"] if "oauth2" in each), ""),
        parameters=[
            _field(each["name"], each, each["schema"], components)
            for each in described.get("parameters", ())
            if each["name"] not in SHARED_HEADERS
        ],
        body=_fields(body, components),
        body_sample=written(sample(body, components)) if body else "",
        answers=list(_answers(described, components)),
        codes=[code for code in _codes(described, components) if code not in common],
    )


def _sent(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    return samples.of(schema, components, sent=True)


def _json(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    return holder.get("content", {}).get("application/json", {}).get("schema", {})


def _answers(described: Mapping[str, Any], components: Mapping[str, Any]) -> Iterator[Answer]:
    for status, answer in described["responses"].items():
        if status < "400":
            schema = _json(answer)
            sample = written(samples.of(schema, components)) if schema else ""
            yield Answer(status, _object_of(schema, components), sample)


def _object_of(schema: Mapping[str, Any], components: Mapping[str, Any]) -> str:
    """Give the object that an answer is, or that its page is full of."""
    inner = samples.whole(schema, components)
    if "nextCursor" in inner.get("properties", {}):
        return _object_of(inner["properties"]["items"]["items"], components)
    if "oneOf" in inner:
        return _object_of(inner["oneOf"][0], components)
    return shown_name(schema.get("$ref", "").rpartition("/")[2])


def _codes(described: Mapping[str, Any], components: Mapping[str, Any]) -> list[str]:
    found = []
    for status, answer in described["responses"].items():
        if status >= "400":
            name = answer.get("$ref", "").rpartition("/")[2]
            answer = components["responses"].get(name, answer)
            found += CODE_LINE.findall(answer.get("description", ""))
    return found


def _fields(schema: Mapping[str, Any], components: Mapping[str, Any]) -> list[Field]:
    schema = samples.whole(schema, components)
    needed = schema.get("required", ())
    return [
        _field(name, {"required": name in needed, **member}, member, components)
        for name, member in schema.get("properties", {}).items()
    ]


def _field(
    name: str, told: Mapping[str, Any], schema: Mapping[str, Any], components: Mapping[str, Any]
) -> Field:
    kind, shape = _kind(schema, components)
    inner = samples.whole(schema, components)
    limits = ", ".join(_limits(inner))
    told_of = str(told.get("description", "")).partition("\n\n* ")[0]
    values = [str(value) for value in inner.get("enum", ()) if value not in (None, "")]
    return Field(
        name=name,
        where={"path": _("en la ruta"), "header": _("encabezado")}.get(told.get("in", ""), ""),
        kind=f"{kind}, {limits}" if limits else kind,
        shape=shape,
        needed=told.get("required") is True,
        told=words(told.get("description", "")),
        values=[] if all(f"`{value}`" in told_of for value in values) else values,
    )


def _kind(schema: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[str, str]:
    """Give what something is, in words, and the object that it is made of."""
    inner = samples.whole(schema, components)
    if inner.get("type") == "array":
        kind, shape = _kind(inner.get("items", {}), components)
        return _("lista de {kind}").format(kind=kind), shape
    reference = schema.get("$ref") or next(
        (part.get("$ref", "") for part in schema.get("allOf", ())), ""
    )
    if "properties" in inner:
        return str(KINDS["object"]), shown_name(reference.rpartition("/")[2])
    return str(KINDS.get(inner.get("format", ""), KINDS.get(inner.get("type", ""), "JSON"))), ""


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
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


def _is_sent(name: str) -> bool:
    return name.endswith("Request")


def _nested_bodies(components: Mapping[str, Any]) -> list[str]:
    """Give the objects inside of bodies: a body itself stands with its operation."""
    text = json.dumps(components["schemas"], default=str)
    return sorted(set(re.findall(r"#/components/schemas/(\w+Request)\b", text)))
