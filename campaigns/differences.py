"""Differences between two sets of terms: word by word in the text, else by value."""

import difflib
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.models.campaign import OrderTerms
from segments import areas


class Fragment(NamedTuple):
    """A run of words: `same` in both texts, `out` of the first only, `in` the second only."""

    kind: str
    words: str


class Difference(NamedTuple):
    """A term that changed: its field name, its label, and the fragments of both values."""

    name: str
    label: str
    fragments: list[Fragment]


def between(before: OrderTerms, after: OrderTerms) -> list[Difference]:
    """Return the terms that differ, in the order of `OrderTerms.TERMS`."""
    return [
        Difference(name, _label(name), _fragments(name, old, new))
        for name in OrderTerms.TERMS
        if (old := getattr(before, name)) != (new := getattr(after, name))
    ]


class TwoValues(NamedTuple):
    """A term whose saved value is another than the one that was written: its label, and both."""

    label: str
    saved: str
    written: str


def between_values(saved: OrderTerms, written: Mapping[str, Any]) -> list[TwoValues]:
    """Return those of the written terms that differ from the saved ones, as text for people."""
    return [
        TwoValues(_label(name), format_value(name, old), format_value(name, new))
        for name, new in written.items()
        if (old := getattr(saved, name)) != new
    ]


def compare_words(before: str, after: str) -> list[Fragment]:
    """Compare two texts word by word, with the longest common runs first."""
    old, new = before.split(" "), after.split(" ")
    found: list[Fragment] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Fragment("same", " ".join(old[a:b])))
            continue
        if a < b:
            found.append(Fragment("out", " ".join(old[a:b])))
        if c < d:
            found.append(Fragment("in", " ".join(new[c:d])))
    return found


def _label(name: str) -> str:
    return str(capfirst(Campaign._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def _fragments(name: str, before: Any, after: Any) -> list[Fragment]:
    if name == "text" and before and after:
        return compare_words(before, after)
    return [Fragment("out", format_value(name, before)), Fragment("in", format_value(name, after))]


def format_value(name: str, value: Any) -> str:
    """Return a value of a term as text for people."""
    if name == "area" and value:
        return _format_area(value)
    if name == "use":
        return str(OrderTerms.Use(value).label)
    if isinstance(value, date):
        return date_format(value)
    if isinstance(value, int):
        return intcomma(value)
    return str(value) if value else _("sin valor")


def _format_area(value: Any) -> str:
    try:
        area = areas.Area.from_json(value)
        count = len(areas.resolve(area))
    except areas.MalformedArea:
        return _("una zona que no se puede leer")
    except areas.AreaError:
        return areas.describe(area)
    return _("{where} · {count} LADA").format(where=areas.describe(area), count=count)
