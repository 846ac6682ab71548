"""Counts as people write them: read where there is one reading, refused where there are two."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.problems import BadValue

MAX_DIGITS = 12
MAX_TYPED = 100  # digits in a form, whose field has a limit of its own

_WHOLE = re.compile(
    r"[0-9]+"
    r"|[1-9][0-9]{0,2}(?:([, '])[0-9]{3})(?:\1[0-9]{3})*"
    r"|[1-9][0-9]{0,2}(?:'[0-9]{3})+,[0-9]{3}"  # 1'200,000
    r"|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}"  # several points are no decimal point
)
_REST = re.compile(r"0[0-9]{2}")
_DECIMAL = re.compile(r"[0-9]+[.,](?:[0-9]{1,2}|[0-9]{4,})")
_PARTS = re.compile(r"(?P<whole>[0-9]+(?:[,. '][0-9]+)*?)[.,](?P<rest>[0-9]+)")
_JOINABLE = re.compile(r"[0-9]+(?:[,. '][0-9]+)+")
_UNIT = re.compile(r"(?P<number>.*[0-9]) ?(?P<unit>mil|mil millones|millones|millon)")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?e\+?[0-9]{1,2}", re.IGNORECASE)
_UNITS = {"mil": 10**3, "millon": 10**6, "millones": 10**6, "mil millones": 10**9}
_APOSTROPHES = str.maketrans("’‘ʼ´`−＇", "'''''-'")


class NotACount(BadValue):
    """A text without any reading as a number."""


def parse(value: str, *, signed: bool = False, max_digits: int = MAX_DIGITS) -> int:
    """Return the count that a person wrote: "500,000", "500 000", "1'200,000" or "1.5 millones".

    "500.000" and "1,5" have two readings and are refused with both. Raises BadValue.
    """
    text = _plain(value)
    sign = text[:1] if text[:1] in {"+", "-"} else ""
    if sign == "-" and not signed:
        raise BadValue(gettext_lazy("«{value}» es menos que cero: escribe 0 o más."), value)
    count = _parse_unsigned(text.removeprefix(sign).lstrip(), value)
    if count >= 10**max_digits:
        raise BadValue(gettext_lazy("«{value}» es demasiado: corrige la cantidad."), value)
    return -count if sign == "-" else count


def in_words(count: int) -> str | Promise:
    """Return a count with separators, and in millions where it has no rest. Translated late."""
    millions, rest = divmod(count, 10**6)
    if rest or millions < 2:
        return f"{count:,}"
    message = gettext_lazy("{count:,} ({millions:,} millones)")
    return format_lazy(message, count=count, millions=millions)


class CountField(forms.IntegerField):
    """A count, or a signed amount, as people write it."""

    default_error_messages = {"invalid": gettext_lazy("Escribe un número entero, como 1,200.")}

    def __init__(self, **options: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **options)

    def to_python(self, value: Any) -> int | None:
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return parse(value, signed=True, max_digits=MAX_TYPED)
        except NotACount:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        except BadValue as error:
            raise forms.ValidationError(error.format_message(), code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value


def _plain(value: str) -> str:
    """Return a value with ASCII for full-width signs, one kind of space, and nothing invisible."""
    narrow = (chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in value)
    visible = (c for c in narrow if unicodedata.category(c) != "Cf")
    return " ".join("".join(visible).translate(_APOSTROPHES).split())


def _parse_unsigned(text: str, value: str) -> int:
    unaccented = text.lower().replace("ó", "o").replace("o\u0301", "o")
    if found := _UNIT.fullmatch(unaccented):
        return _parse_with_unit(found["number"].strip(), _UNITS[found["unit"]], value)
    if _WHOLE.fullmatch(text):
        return _parse_whole(text, value)
    raise _refusal(text, value, lambda number: number)


def _parse_with_unit(text: str, unit: int, value: str) -> int:
    """Return "1.5" times a million. Its decimals are certain unless they are three."""
    if _DECIMAL.fullmatch(text):
        number = Decimal(text.replace(",", ".")) * unit
        if number == int(number):
            return int(number)
    elif _WHOLE.fullmatch(text):
        return _parse_whole(text, value) * unit
    raise _refusal(text, value, lambda number: number * unit)


def _parse_whole(text: str, value: str) -> int:
    if _REST.fullmatch(text):
        message = _(
            "«{value}» parece el resto de una cantidad que una coma partió: escríbela entera, "
            "sin comas."
        )
        raise BadValue(message, value)
    digits = re.sub("[^0-9]", "", text).lstrip("0") or "0"
    if len(digits) > MAX_TYPED:
        raise BadValue(gettext_lazy("«{value}» es demasiado: corrige la cantidad."), value)
    return int(digits)


def _refusal(text: str, value: str, scale: Callable[[Decimal], Decimal]) -> BadValue:
    """Return the error of a text that is not one whole number, with its readings if it has any."""
    if _JOINABLE.fullmatch(text) and len(text) <= MAX_TYPED:
        joined = scale(Decimal(re.sub("[^0-9]", "", text)))
        parts = _PARTS.fullmatch(text)
        if parts and text[parts.end("whole")] not in parts["whole"]:
            whole = re.sub("[^0-9]", "", parts["whole"])
            split = scale(Decimal(f"{whole}.{parts['rest']}"))
            message = _(
                "«{value}» no es un número entero: puede ser {first} o {second}. "
                "Escríbelo solo con cifras."
            )
            message = message.replace("{first}", _written(split))
            return BadValue(message.replace("{second}", _written(joined)), value)
        message = _("«{value}» no agrupa de tres en tres: si es {first}, escríbelo así.")
        return BadValue(message.replace("{first}", _written(joined)), value)
    if _SCIENTIFIC.fullmatch(text):
        message = _(
            "«{value}» es una cantidad abreviada por la hoja de cálculo: escríbela completa."
        )
        return BadValue(message, value)
    return NotACount(
        gettext_lazy('«{value}» no es un número entero: escríbelo como 1200 o "1,200".'), value
    )


def _written(number: Decimal) -> str:
    """Return a number with separators and without needless decimals."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
