"""Examples of bodies and answers, made of the shapes that the OpenAPI description names."""

from collections.abc import Mapping
from typing import Any

# What stands in an example under a name, wherever its shape allows it.
VALUES: Mapping[str, Any] = {
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
# Of what a body may leave out, what an example leaves out.
LEFT_OUT = {"brand", "promotionEndsOn", "destination", "dailyCap"}
FORMATS = {"date": "2026-12-07", "date-time": "2026-12-01T16:04:05Z", "uri": VALUES["url"]}
CHANGED = ("volume", "name")  # what an example of a change changes


def of(schema: Mapping[str, Any], components: Mapping[str, Any], *, sent: bool = False) -> Any:
    """Give an example of a shape; of one that is sent, what it needs and what is usual."""
    return _Maker(components, sent=sent).make(schema)


def of_change(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """Give an example of a change: of one member."""
    whole = of(schema, components, sent=True)
    kept = [name for name in CHANGED if name in whole][:1]
    return {name: whole[name] for name in kept} or whole


class _Maker:
    def __init__(self, components: Mapping[str, Any], *, sent: bool) -> None:
        self.components, self.sent = components, sent

    def make(self, schema: Mapping[str, Any], name: str = "") -> Any:
        schema = whole(schema, self.components)
        if "example" in schema:
            return schema["example"]
        known = VALUES.get(name)
        if name in VALUES and fits(known, schema):
            return known
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return self.make(schema[choice][0], name)
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
            return {"ladas": AREA["ladas"]} if self.sent else dict(AREA)
        needed = schema.get("required", ())
        return {
            name: self.make(member, name)
            for name, member in schema.get("properties", {}).items()
            if name in needed or not (self.sent and name in LEFT_OUT)
        }


def whole(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """Give a shape with what it refers to in its place: `$ref`, or `allOf` with one."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return whole(components["schemas"][name], components)
    if len(schema.get("allOf", ())) == 1:
        outer = {key: value for key, value in schema.items() if key != "allOf"}
        return whole(schema["allOf"][0], components) | outer
    return dict(schema)


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Say whether a value that is known by its name may stand in a shape."""
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
