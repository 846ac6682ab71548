"""Bodies are JSON in UTF-8 of a reasonable depth, and of characters that can be sent back."""

import json
from typing import IO, Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.serializers import ValidationError

DEEPEST = 32  # lists and objects in one another; ours have six at most


class Reader(BaseParser):
    """Reads a body.

    Raises RequestDataTooBig, ParseError where it is no JSON, ValidationError where we take
    no such.

    Source: RFC 8259 and, for surrogates, RFC 7493, section 2.1.
    """

    media_type = "application/json"

    def parse(
        self, stream: HttpRequest | IO[bytes], media_type: Any = None, parser_context: Any = None
    ) -> Any:
        # `body` keeps what was read, for the digest of a key, and refuses what is too big.
        raw = stream.body if isinstance(stream, HttpRequest) else stream.read()
        try:
            sent = json.loads(raw.decode(), parse_constant=_refuse_constant)
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            raise ParseError from error
        if raw.count(b"[") + raw.count(b"{") > DEEPEST and _depth(sent) > DEEPEST:
            raise _too_deep()
        if b"\\ud" in raw.lower():
            _require_characters(sent)
        return sent


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _too_deep() -> ValidationError:
    told = _("Hay listas u objetos anidados a más de {most} niveles.").format(most=DEEPEST)
    return ValidationError(told, "too_deep")


def _depth(sent: Any) -> int:
    """Count how many lists and objects stand in one another, no further than matters."""
    depth, here = 0, [sent]
    while here and depth <= DEEPEST:
        here = [each for each in here if isinstance(each, dict | list)]
        depth += bool(here)
        here = [
            inner for each in here for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _require_characters(sent: Any) -> None:
    try:
        json.dumps(sent, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        told = _("Hay un \\uD800–\\uDFFF suelto: es medio carácter. Manda el par completo.")
        raise ValidationError(told, "half_character") from None
