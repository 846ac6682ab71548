"""Samples of request and response bodies, generated from schemas of the OpenAPI description."""

from collections.abc import Mapping
from typing import Any

# Values of members by name, used where the schema allows them.
VALUES_BY_NAME: Mapping[str, Any] = {
    "name": "Recarga de diciembre",
    "adText": "Hoy 2 por 1 en cafe de grano, hasta las 8 pm",
    "normalizedText": "Hoy 2 por 1 en cafe de grano, hasta las 8 pm",
    "fixedText": "Hoy 2 por 1 en cafe de grano, hasta las 8 pm",
    "id": "LP-7K2M9Q",
    "campaign": "LP-7K2M9Q",
    "brand": "cafe-norte",
    "slug": "cafe-norte",
    "code": "33",
    "state": "14",
    "volume": 500_000,
    "quantity": 500_000,
    "dailyCap": None,
    "startsOn": "2026-12-07",
    "endsOn": "2026-12-13",
    "day": "2026-12-07",
    "promotionEndsOn": None,
    "destination": "https://cafenorte.mx/promo",
    "shortLink": "llamada.mx/l/k7m2q",
    "address": "llamada.mx/l/k7m2q",
    "statusLabel": "Borrador",
    "action": "submit",
    "told": "Se envió a revisión",
    "fromStatus": "draft",
    "toStatus": "reserving",
    "by": "Agencia Norte",
    "sentBy": "Agencia Norte",
    "reasons": [],
    "comment": "",
    "error": None,
    "problems": [],
    "advice": [],
    "alternatives": [],
    "full": [],
    "paced": [],
    "short": 0,
    "free": 4_820_000,
    "fits": 500_000,
    "capacity": 6_120_000,
    "length": 44,
    "limit": 90,
    "remaining": 46,
    "version": 1,
    "created": 1,
    "index": 0,
    "people": 1_204,
    "bots": 87,
    "count": 96,
    "read": 3,
    "availableActions": ["edit", "submit", "cancel", "copy"],
    "bookingStatus": "Draft",
    "title": "Se envió a revisión",
    "nextCursor": None,
    "readAt": None,
    "ladas": ["33", "55"],
    "states": ["14"],
    "zone": "33",
    "city": "Guadalajara",
    "overlaps": [],
    "latitude": 20.67,
    "longitude": -103.35,
    "officialName": "Jalisco",
    "abbreviation": "Jal.",
    "url": "https://agencia.mx/llamada-perdida",
}
AREA = {
    "nationwide": False,
    "states": [],
    "ladas": ["33", "55"],
    "excludedStates": [],
    "excludedLadas": [],
}
# Optional members that samples of request bodies omit.
OMITTED = {"brand", "promotionEndsOn", "destination", "dailyCap"}
FORMATS = {"date": "2026-12-07", "date-time": "2026-12-01T16:04:05Z", "uri": VALUES_BY_NAME["url"]}
CHANGED = ("volume", "name")  # the member in a sample of a PATCH, the first one that exists


def make(schema: Mapping[str, Any], components: Mapping[str, Any], *, request: bool = False) -> Any:
    """Return a sample of a schema. That of a request body omits unusual optional members."""
    return _SampleMaker(components, request=request).make(schema)


def make_patch(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """Return a sample of the body of a PATCH: a change of one member."""
    sample = make(schema, components, request=True)
    changed = [name for name in CHANGED if name in sample][:1]
    return {name: sample[name] for name in changed} or sample


class _SampleMaker:
    def __init__(self, components: Mapping[str, Any], *, request: bool) -> None:
        self.components, self.request = components, request

    def make(self, schema: Mapping[str, Any], name: str = "") -> Any:
        schema = resolve(schema, self.components)
        if "example" in schema:
            return schema["example"]
        value = VALUES_BY_NAME.get(name)
        if name in VALUES_BY_NAME and is_valid(value, schema):
            return value
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                return self.make(schema[keyword][0], name)
        if schema.get("enum"):
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema)
        if kind == "array":
            return [self.make(schema.get("items", {}), name.removesuffix("s"))]
        if kind in ("integer", "number"):
            return max(1, schema.get("minimum", 1))
        if kind == "boolean":
            return schema.get("default", True)
        return FORMATS.get(schema.get("format", ""), "texto"[: schema.get("maxLength")])

    def _object(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if schema.get("properties", {}).keys() == AREA.keys():
            return {"ladas": AREA["ladas"]} if self.request else dict(AREA)
        required = schema.get("required", ())
        return {
            name: self.make(member, name)
            for name, member in schema.get("properties", {}).items()
            if name in required or not (self.request and name in OMITTED)
        }


def resolve(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with its reference resolved: `$ref`, or `allOf` with one schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolve(components["schemas"][name], components)
    if len(schema.get("allOf", ())) == 1:
        outer = {key: value for key, value in schema.items() if key != "allOf"}
        return resolve(schema["allOf"][0], components) | outer
    return dict(schema)


def is_valid(value: Any, schema: Mapping[str, Any]) -> bool:
    """Return whether a value of `VALUES_BY_NAME` is valid for a schema."""
    if value is None:
        return bool(schema.get("nullable"))
    if schema.get("enum"):
        return value in schema["enum"]
    kinds = {
        "string": str,
        "integer": int,
        "array": list,
        "boolean": bool,
        "number": float,
    }
    expected = kinds.get(schema.get("type", ""))
    if expected is None or not isinstance(value, expected):
        return False
    return not isinstance(value, str) or (
        schema.get("format") in (None, "uri", "date") and len(value) <= schema.get("maxLength", 999)
    )
