"""Would a client of one description break under another? Two documents in, sentences out.

Pure: OpenAPI 3.0 as data. What may change: new paths, operations, answers' members, optional
parameters and members of requests; limits of requests that get wider; refusals of statuses that
the operation already had. A list of words in an answer may grow only where it is marked
`x-extensible`: clients were told then to take an unknown one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.api.schema import EXTENSIBLE

Document = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
# Limits of a request that may rise, and those that may fall.
CEILINGS = ("maximum", "maxLength", "maxItems", "maxProperties")
FLOORS = ("minimum", "minLength", "minItems", "minProperties")


def breaking_changes(old: Document, new: Document) -> list[str]:
    """Say all that breaks who follows the old description, in its own order."""
    return list(_Comparison(old, new).paths())


class _Comparison:
    """Walks both documents together; `seen` ends the walk of shapes that hold themselves."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.seen: set[tuple[str, str, str]] = set()

    def paths(self) -> Iterator[str]:
        for path, operations in self.old["paths"].items():
            for method in METHODS:
                if method not in operations:
                    continue
                where = f"{method.upper()} {path}"
                there = self.new["paths"].get(path, {}).get(method)
                if there is None:
                    yield f"{where}: the operation is gone"
                else:
                    yield from self._operation(where, operations[method], there)

    def _operation(self, where: str, old: Document, new: Document) -> Iterator[str]:
        was, now = old.get("operationId"), new.get("operationId")
        if was != now:
            yield f"{where}: operationId was {was} and is {now}"
        yield from self._scopes(where, old, new)
        yield from self._parameters(where, old, new)
        yield from self._body(where, old, new)
        for status, answer in old["responses"].items():
            there = new["responses"].get(status)
            if there is None:
                yield f"{where}: status {status} is gone"
            else:
                yield from self._answer(f"{where} {status}", answer, there)
        for status in new["responses"]:
            if status < "400" and status not in old["responses"]:
                yield f"{where}: status {status} is new, and no client expects it"

    def _scopes(self, where: str, old: Document, new: Document) -> Iterator[str]:
        had, needs = _scopes(old), _scopes(new)
        if had and not any(set(each) <= set(one) for one in had for each in needs):
            yield f"{where}: needs {_listed(needs)} and needed {_listed(had)}"

    def _parameters(self, where: str, old: Document, new: Document) -> Iterator[str]:
        had, has = self._named(self.old, old), self._named(self.new, new)
        for name, parameter in had.items():
            at = f"{where}, {name}"
            if name not in has:
                yield f"{at}: the parameter is gone"
                continue
            there = has[name]
            if there.get("required") and not parameter.get("required"):
                yield f"{at}: is required now"
            if parameter.get("allowEmptyValue") and not there.get("allowEmptyValue"):
                yield f"{at}: may not be empty any more"
            yield from self._sent(at, parameter["schema"], there["schema"])
        for name in has.keys() - had.keys():
            if has[name].get("required"):
                yield f"{where}, {name}: a required parameter is new"

    def _named(self, document: Document, operation: Document) -> dict[str, Any]:
        every = (_follow(document, each) for each in operation.get("parameters", ()))
        return {f"{each['name']} in {each['in']}": each for each in every}

    def _body(self, where: str, old: Document, new: Document) -> Iterator[str]:
        was, now = old.get("requestBody"), new.get("requestBody")
        if was is None:
            if now is not None and now.get("required"):
                yield f"{where}: a body is required now"
            return
        if now is None:
            yield f"{where}: takes no body any more"
            return
        if now.get("required") and not was.get("required"):
            yield f"{where}: a body is required now"
        for kind, content in was["content"].items():
            if kind not in now["content"]:
                yield f"{where}: takes no {kind} any more"
            else:
                there = now["content"][kind]["schema"]
                yield from self._sent(f"{where}, body", content["schema"], there)

    def _answer(self, where: str, old: Document, new: Document) -> Iterator[str]:
        old, new = _follow(self.old, old), _follow(self.new, new)
        for name in old.get("headers", {}).keys() - new.get("headers", {}).keys():
            yield f"{where}: the header {name} is gone"
        for kind, content in old.get("content", {}).items():
            there = new.get("content", {}).get(kind)
            if there is None:
                yield f"{where}: is no {kind} any more"
            else:
                yield from self._given(where, content["schema"], there["schema"])

    def _pair(self, way: str, old: Document, new: Document) -> tuple[Any, Any] | None:
        """Resolve two schemas; None where this pair has been compared."""
        key = (way, str(old.get("$ref") or old), str(new.get("$ref") or new))
        if key in self.seen:
            return None
        if "$ref" in str(old):
            self.seen.add(key)
        return _resolved(self.old, old), _resolved(self.new, new)

    def _sent(self, where: str, old: Document, new: Document) -> Iterator[str]:
        """Compare what a client sends: all that was taken must be taken."""
        if (pair := self._pair("sent", old, new)) is None:
            return
        was, now = pair
        yield from _types(where, was, now, sent=True)
        if was.get("nullable") and not now.get("nullable"):
            yield f"{where}: may not be null any more"
        yield from _limits(where, was, now)
        yield from self._variants(where, was, now, self._sent)
        had, has = was.get("properties", {}), now.get("properties", {})
        closed = now.get("additionalProperties") is False
        for name, schema in had.items():
            if name in has:
                yield from self._sent(f"{where}.{name}", schema, has[name])
            elif closed:
                yield f"{where}.{name}: is not taken any more"
        for name in sorted(set(now.get("required", ())) - set(was.get("required", ()))):
            yield f"{where}.{name}: is required now"
        if closed and was.get("additionalProperties") is not False and "properties" in was:
            yield f"{where}: takes no unlisted members any more"
        if "items" in was and "items" in now:
            yield from self._sent(f"{where}[]", was["items"], now["items"])

    def _given(self, where: str, old: Document, new: Document) -> Iterator[str]:
        """Compare what a client is given: all that it reads must be there and alike."""
        if (pair := self._pair("given", old, new)) is None:
            return
        was, now = pair
        yield from _types(where, was, now, sent=False)
        if now.get("nullable") and not was.get("nullable"):
            yield f"{where}: may be null now"
        had, has = was.get("enum"), now.get("enum")
        if had and not has:
            yield f"{where}: may be any value now, and was one of {_listed(had)}"
        more = [one for one in has or () if one not in (had or ())]
        if had and more and not was.get(EXTENSIBLE):
            yield f"{where}: may be {_listed(more)} now, and the list was not {EXTENSIBLE}"
        if was.get(EXTENSIBLE) and had and not now.get(EXTENSIBLE):
            yield f"{where}: is not {EXTENSIBLE} any more"
        yield from self._variants(where, was, now, self._given)
        for name, schema in was.get("properties", {}).items():
            there = now.get("properties", {}).get(name)
            if there is None:
                yield f"{where}.{name}: is gone"
                continue
            if name in was.get("required", ()) and name not in now.get("required", ()):
                yield f"{where}.{name}: may be missing now"
            yield from self._given(f"{where}.{name}", schema, there)
        if "items" in was and "items" in now:
            yield from self._given(f"{where}[]", was["items"], now["items"])

    def _variants(self, where: str, was: Any, now: Any, compare: Any) -> Iterator[str]:
        """Compare "one of these" in their order."""
        for word in ("oneOf", "anyOf"):
            had, has = was.get(word, []), now.get(word, [])
            if len(had) != len(has):
                yield f"{where}: {word} had {len(had)} forms and has {len(has)}"
                continue
            for at, (one, other) in enumerate(zip(had, has, strict=True)):
                yield from compare(f"{where}({at})", one, other)


def _types(where: str, was: Document, now: Document, *, sent: bool) -> Iterator[str]:
    had, has = was.get("type"), now.get("type")
    wider = ("integer", "number") if sent else ("number", "integer")
    if had != has and (had, has) != wider and not (sent and has is None):
        yield f"{where}: was {had} and is {has}"
    if was.get("format") != now.get("format") and not (sent and "format" not in now):
        yield f"{where}: had the format {was.get('format')} and has {now.get('format')}"


def _limits(where: str, was: Document, now: Document) -> Iterator[str]:
    for words, sign in ((CEILINGS, 1), (FLOORS, -1)):
        for word in words:
            if word in now and (word not in was or sign * now[word] < sign * was[word]):
                yield f"{where}: {word} was {was.get(word)} and is {now[word]}"
    if "pattern" in now and now["pattern"] != was.get("pattern"):
        yield f"{where}: pattern was {was.get('pattern')} and is {now['pattern']}"
    had, has = was.get("enum"), now.get("enum")
    if has and not had:
        yield f"{where}: must be one of {_listed(has)} now"
    if has and had and (gone := [one for one in had if one not in has]):
        yield f"{where}: may not be {_listed(gone)} any more"


def _follow(document: Document, found: Any) -> Any:
    while "$ref" in found:
        reference = found["$ref"]
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    return found


def _resolved(document: Document, schema: Document) -> dict[str, Any]:
    """Follow a schema's reference, and put what stands in `allOf` into one."""
    whole = dict(_follow(document, schema))
    for part in whole.pop("allOf", ()):
        for word, value in _resolved(document, part).items():
            if word == "required":
                whole[word] = sorted({*whole.get(word, ()), *value})
            elif word == "properties":
                whole[word] = {**value, **whole.get(word, {})}
            else:
                whole.setdefault(word, value)
    return whole


def _scopes(operation: Document) -> list[list[str]]:
    return [each["oauth2"] for each in operation.get("security", ()) if "oauth2" in each]


def _listed(values: Any) -> str:
    return ", ".join(map(str, values))
