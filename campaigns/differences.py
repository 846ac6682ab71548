"""What changed between two sets of terms: the text word by word, the rest term by term."""

import difflib
from datetime import date
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from campaigns.models import Campaign
from campaigns.models.campaign import OrderTerms
from segments import areas


class Stretch(NamedTuple):
    """Some words in a row: `same` in both, taken `out`, or put `in`."""

    kind: str
    words: str


class Difference(NamedTuple):
    """One term that changed: its name in the model, in words, and how."""

    name: str
    label: str
    stretches: list[Stretch]


def between(before: OrderTerms, after: OrderTerms) -> list[Difference]:
    """Say what is different, in the order of the terms; nothing where all is the same."""
    return [
        Difference(name, _label(name), _stretches(name, old, new))
        for name in OrderTerms.TERMS
        if (old := getattr(before, name)) != (new := getattr(after, name))
    ]


def words(before: str, after: str) -> list[Stretch]:
    """Compare two texts word by word; what is shared is as long as can be."""
    old, new = before.split(" "), after.split(" ")
    found: list[Stretch] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Stretch("same", " ".join(old[a:b])))
            continue
        if a < b:
            found.append(Stretch("out", " ".join(old[a:b])))
        if c < d:
            found.append(Stretch("in", " ".join(new[c:d])))
    return found


def _label(name: str) -> str:
    return str(capfirst(Campaign._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def _stretches(name: str, before: Any, after: Any) -> list[Stretch]:
    if name == "text" and before and after:
        return words(before, after)
    return [Stretch("out", told(name, before)), Stretch("in", told(name, after))]


def told(name: str, value: Any) -> str:
    """Say a term's value as people do."""
    if name == "area" and value:
        return _where(value)
    if name == "use":
        return str(OrderTerms.Use(value).label)
    if isinstance(value, date):
        return date_format(value).lower()
    if isinstance(value, int):
        return intcomma(value)
    return str(value) if value else _("sin valor")


def _where(value: Any) -> str:
    try:
        area = areas.Area.from_json(value)
        count = len(areas.resolve(area))
    except areas.MalformedArea:
        return _("una zona que no se puede leer")
    except areas.AreaError:
        return areas.describe(area)
    return _("{where} · {count} LADA").format(where=areas.describe(area), count=count)
