"""Comparison of two OpenAPI 3.0 descriptions: the changes that break clients of the first one.

A pure function of two documents. These changes do not break clients: new paths, operations,
members of responses, optional parameters and optional members of requests; wider limits of
requests; and new codes of error statuses that the operation already had. An enumeration of a
response may grow only if it is marked `x-extensible`, because clients must then accept unknown
values.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.api.schema import EXTENSIBLE

Document = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
# Limits of a request that may be raised, and those that may be lowered.
MAXIMA = ("maximum", "maxLength", "maxItems", "maxProperties")
MINIMA = ("minimum", "minLength", "minItems", "minProperties")


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Return the changes that break clients of the old description, in its order."""
    return list(_Comparison(old, new).paths())


class _Comparison:
    """A walk over both documents. `compared` ends it at schemas that contain themselves."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.compared: set[tuple[str, str, str]] = set()

    def paths(self) -> Iterator[str]:
        for path, operations in self.old["paths"].items():
            for method in METHODS:
                if method not in operations:
                    continue
                where = f"{method.upper()} {path}"
                operation = self.new["paths"].get(path, {}).get(method)
                if operation is None:
                    yield f"{where}: the operation is gone"
                else:
                    yield from self._operation(where, operations[method], operation)

    def _operation(self, where: str, old: Document, new: Document) -> Iterator[str]:
        old_id, new_id = old.get("operationId"), new.get("operationId")
        if old_id != new_id:
            yield f"{where}: operationId was {old_id} and is {new_id}"
        yield from self._scopes(where, old, new)
        yield from self._parameters(where, old, new)
        yield from self._body(where, old, new)
        for status, response in old["responses"].items():
            new_response = new["responses"].get(status)
            if new_response is None:
                yield f"{where}: status {status} is gone"
            else:
                yield from self._response(f"{where} {status}", response, new_response)
        for status in new["responses"]:
            if status < "400" and status not in old["responses"]:
                yield f"{where}: status {status} is new, and no client expects it"

    def _scopes(self, where: str, old: Document, new: Document) -> Iterator[str]:
        old_scopes, new_scopes = _scopes(old), _scopes(new)
        is_sufficient = any(set(needed) <= set(had) for had in old_scopes for needed in new_scopes)
        if old_scopes and not is_sufficient:
            yield f"{where}: needs {_join(new_scopes)} and needed {_join(old_scopes)}"

    def _parameters(self, where: str, old: Document, new: Document) -> Iterator[str]:
        old_parameters = self._parameters_by_name(self.old, old)
        new_parameters = self._parameters_by_name(self.new, new)
        for name, parameter in old_parameters.items():
            here = f"{where}, {name}"
            if name not in new_parameters:
                yield f"{here}: the parameter is gone"
                continue
            new_parameter = new_parameters[name]
            if new_parameter.get("required") and not parameter.get("required"):
                yield f"{here}: is required now"
            if parameter.get("allowEmptyValue") and not new_parameter.get("allowEmptyValue"):
                yield f"{here}: may not be empty any more"
            yield from self._request_schema(here, parameter["schema"], new_parameter["schema"])
        for name in new_parameters.keys() - old_parameters.keys():
            if new_parameters[name].get("required"):
                yield f"{where}, {name}: a required parameter is new"

    def _parameters_by_name(self, document: Document, operation: Document) -> dict[str, Any]:
        parameters = (_follow(document, item) for item in operation.get("parameters", ()))
        return {f"{item['name']} in {item['in']}": item for item in parameters}

    def _body(self, where: str, old: Document, new: Document) -> Iterator[str]:
        old_body, new_body = old.get("requestBody"), new.get("requestBody")
        if old_body is None:
            if new_body is not None and new_body.get("required"):
                yield f"{where}: a body is required now"
            return
        if new_body is None:
            yield f"{where}: takes no body any more"
            return
        if new_body.get("required") and not old_body.get("required"):
            yield f"{where}: a body is required now"
        for media_type, content in old_body["content"].items():
            if media_type not in new_body["content"]:
                yield f"{where}: takes no {media_type} any more"
            else:
                new_schema = new_body["content"][media_type]["schema"]
                yield from self._request_schema(f"{where}, body", content["schema"], new_schema)

    def _response(self, where: str, old: Document, new: Document) -> Iterator[str]:
        old, new = _follow(self.old, old), _follow(self.new, new)
        for name in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            yield f"{where}: the header {name} is gone"
        for media_type, content in old.get("content", {}).items():
            new_content = new.get("content", {}).get(media_type)
            if new_content is None:
                yield f"{where}: is no {media_type} any more"
            else:
                yield from self._response_schema(where, content["schema"], new_content["schema"])

    def _resolve(self, direction: str, old: Document, new: Document) -> tuple[Any, Any] | None:
        """Return both schemas resolved, or None if this pair has already been compared."""
        key = (direction, str(old.get("$ref") or old), str(new.get("$ref") or new))
        if key in self.compared:
            return None
        if "$ref" in str(old):
            self.compared.add(key)
        return _resolved(self.old, old), _resolved(self.new, new)

    def _request_schema(self, where: str, old: Document, new: Document) -> Iterator[str]:
        """Compare schemas of requests: all that was accepted must still be accepted."""
        if (pair := self._resolve("request", old, new)) is None:
            return
        was, now = pair
        yield from _types(where, was, now, is_request=True)
        if was.get("nullable") and not now.get("nullable"):
            yield f"{where}: may not be null any more"
        yield from _limits(where, was, now)
        yield from self._variants(where, was, now, self._request_schema)
        new_properties = now.get("properties", {})
        is_closed = now.get("additionalProperties") is False
        for name, schema in was.get("properties", {}).items():
            if name in new_properties:
                yield from self._request_schema(f"{where}.{name}", schema, new_properties[name])
            elif is_closed:
                yield f"{where}.{name}: is not taken any more"
        for name in sorted(set(now.get("required", ())) - set(was.get("required", ()))):
            yield f"{where}.{name}: is required now"
        if is_closed and was.get("additionalProperties") is not False and "properties" in was:
            yield f"{where}: takes no unlisted members any more"
        if "items" in was and "items" in now:
            yield from self._request_schema(f"{where}[]", was["items"], now["items"])

    def _response_schema(self, where: str, old: Document, new: Document) -> Iterator[str]:
        """Compare schemas of responses: all that clients read must still be there, unchanged."""
        if (pair := self._resolve("response", old, new)) is None:
            return
        was, now = pair
        yield from _types(where, was, now, is_request=False)
        if now.get("nullable") and not was.get("nullable"):
            yield f"{where}: may be null now"
        old_values, new_values = was.get("enum"), now.get("enum")
        if old_values and not new_values:
            yield f"{where}: may be any value now, and was one of {_join(old_values)}"
        added = [value for value in new_values or () if value not in (old_values or ())]
        if old_values and added and not was.get(EXTENSIBLE):
            yield f"{where}: may be {_join(added)} now, and the list was not {EXTENSIBLE}"
        if was.get(EXTENSIBLE) and old_values and not now.get(EXTENSIBLE):
            yield f"{where}: is not {EXTENSIBLE} any more"
        yield from self._variants(where, was, now, self._response_schema)
        for name, schema in was.get("properties", {}).items():
            new_schema = now.get("properties", {}).get(name)
            if new_schema is None:
                yield f"{where}.{name}: is gone"
                continue
            if name in was.get("required", ()) and name not in now.get("required", ()):
                yield f"{where}.{name}: may be missing now"
            yield from self._response_schema(f"{where}.{name}", schema, new_schema)
        if "items" in was and "items" in now:
            yield from self._response_schema(f"{where}[]", was["items"], now["items"])

    def _variants(self, where: str, was: Any, now: Any, compare: Any) -> Iterator[str]:
        """Compare the schemas of `oneOf` and `anyOf` in their order."""
        for keyword in ("oneOf", "anyOf"):
            old_schemas, new_schemas = was.get(keyword, []), now.get(keyword, [])
            old_count, new_count = len(old_schemas), len(new_schemas)
            if old_count != new_count:
                yield f"{where}: {keyword} had {old_count} forms and has {new_count}"
                continue
            for index, (old, new) in enumerate(zip(old_schemas, new_schemas, strict=True)):
                yield from compare(f"{where}({index})", old, new)


def _types(where: str, was: Document, now: Document, *, is_request: bool) -> Iterator[str]:
    old_type, new_type = was.get("type"), now.get("type")
    compatible = ("integer", "number") if is_request else ("number", "integer")
    is_dropped = is_request and new_type is None
    if old_type != new_type and (old_type, new_type) != compatible and not is_dropped:
        yield f"{where}: was {old_type} and is {new_type}"
    if was.get("format") != now.get("format") and not (is_request and "format" not in now):
        yield f"{where}: had the format {was.get('format')} and has {now.get('format')}"


def _limits(where: str, was: Document, now: Document) -> Iterator[str]:
    for keywords, sign in ((MAXIMA, 1), (MINIMA, -1)):
        for keyword in keywords:
            limit = now.get(keyword)
            if limit is not None and (keyword not in was or sign * limit < sign * was[keyword]):
                yield f"{where}: {keyword} was {was.get(keyword)} and is {limit}"
    if "pattern" in now and now["pattern"] != was.get("pattern"):
        yield f"{where}: pattern was {was.get('pattern')} and is {now['pattern']}"
    old_values, new_values = was.get("enum"), now.get("enum")
    if new_values and not old_values:
        yield f"{where}: must be one of {_join(new_values)} now"
    if new_values and old_values and (gone := [v for v in old_values if v not in new_values]):
        yield f"{where}: may not be {_join(gone)} any more"


def _follow(document: Document, item: Any) -> Any:
    """Return an item of a document with its `$ref` resolved."""
    while "$ref" in item:
        reference = item["$ref"]
        item = document
        for step in reference.removeprefix("#/").split("/"):
            item = item[step]
    return item


def _resolved(document: Document, schema: Document) -> dict[str, Any]:
    """Return a schema with its reference resolved and its `allOf` merged."""
    merged = dict(_follow(document, schema))
    for part in merged.pop("allOf", ()):
        for keyword, value in _resolved(document, part).items():
            if keyword == "required":
                merged[keyword] = sorted({*merged.get(keyword, ()), *value})
            elif keyword == "properties":
                merged[keyword] = {**value, **merged.get(keyword, {})}
            else:
                merged.setdefault(keyword, value)
    return merged


def _scopes(operation: Document) -> list[list[str]]:
    return [item["oauth2"] for item in operation.get("security", ()) if "oauth2" in item]


def _join(values: Any) -> str:
    return ", ".join(map(str, values))
