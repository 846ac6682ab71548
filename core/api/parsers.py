"""The parser of request bodies: JSON in UTF-8 of limited depth and with valid characters."""

import json
from typing import IO, Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.serializers import ValidationError

MAX_DEPTH = 32  # nested lists and objects; our own bodies have six at most


class StrictJSONParser(BaseParser):
    """Parse JSON as RFC 8259, without unpaired surrogates (RFC 7493, section 2.1).

    Raises RequestDataTooBig, ParseError if the body is not JSON, and ValidationError if it is
    nested deeper than `MAX_DEPTH` or has an unpaired surrogate.
    """

    media_type = "application/json"

    def parse(
        self, stream: HttpRequest | IO[bytes], media_type: Any = None, parser_context: Any = None
    ) -> Any:
        # `HttpRequest.body` keeps what was read, for the digest of an idempotency key, and
        # raises RequestDataTooBig.
        raw = stream.body if isinstance(stream, HttpRequest) else stream.read()
        try:
            data = json.loads(raw.decode(), parse_constant=_reject_constant)
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            raise ParseError from error
        if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _depth(data) > MAX_DEPTH:
            raise _too_deep()
        if b"\\ud" in raw.lower():
            _require_valid_characters(data)
        return data


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _too_deep() -> ValidationError:
    message = _("Hay listas u objetos anidados a más de {most} niveles.").format(most=MAX_DEPTH)
    return ValidationError(message, "too_deep")


def _depth(data: Any) -> int:
    """Return the depth of nested lists and objects, counted no further than `MAX_DEPTH` + 1."""
    depth, level = 0, [data]
    while level and depth <= MAX_DEPTH:
        containers = [value for value in level if isinstance(value, dict | list)]
        depth += bool(containers)
        level = [
            inner
            for value in containers
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return depth


def _require_valid_characters(data: Any) -> None:
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = _("Hay un \\uD800–\\uDFFF suelto: es medio carácter. Manda el par completo.")
        raise ValidationError(message, "half_character") from None
