"""Areas in words: written whole, and read back whole or refused."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from core.problems import shorten
from segments import areas
from segments.area_clauses import (
    UnreadArea,
    clauses,
    combine,
    idle_exclusions,
    incomplete,
    key_of,
)
from segments.areas import Area
from segments.gazetteer import Gazetteer, current
from segments.named_places import PlaceNames
from segments.place_names import is_nothing

_TOKEN = re.compile(
    r"(?P<count>\(\s*[0-9]+\s+LADAs?\s*\))"
    r"|\(\s*(?:LADA\s*)?(?P<code>[0-9]{2,3})\s*\)"
    r"|(?P<separator>[,;/|&\n])"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<word>[^\s,;/|&+()]+)",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\s*·\s*(?P<count>[0-9]+) LADA\s*$", re.IGNORECASE)
_ABRIDGED = re.compile(r"\b[ye] [0-9]+ m[aá]s(?=\s*(?:[,;)·]|$|menos\b))", re.IGNORECASE)
_AND = {"y", "e"}

Token = tuple[str, str]  # its kind, and as written


def write(area: Area, gazetteer: Gazetteer | None = None) -> str:
    """Return an area in words that `read` reads as the same LADAs; empty where nothing is chosen.

    It is the sentence of `areas.describe`, with all names and without exclusions of no effect.
    """
    if not (area.nationwide or area.states or area.ladas):
        return ""
    places = gazetteer or current()
    states, ladas = idle_exclusions(area, places)
    needed = replace(
        area,
        excluded_states=area.excluded_states - states,
        excluded_ladas=area.excluded_ladas - ladas,
    )
    return areas.describe(needed, places, limit=len(places.states) + len(places.cities))


def read(text: str, names: PlaceNames) -> Area:
    """Return the area of words such as "todo México menos 33" or "Jalisco y 55".

    Places are states, LADAs and main cities; after "menos" they are excluded, until "más" or
    the closing parenthesis. Raises UnreadArea where any word is not understood, or what is
    excluded was not in the area.
    """
    if abridged := _ABRIDGED.search(text):
        message = _("«{what}» no dice cuáles: escribe todas las zonas.")
        raise UnreadArea(message.format(what=abridged[0]))
    total = _TOTAL.search(text)
    area = _read(text[: total.start()] if total else text, names)
    if total and len(areas.resolve(area, names.gazetteer)) != int(total["count"]):
        message = _("Estas zonas no son {count} LADA: revisa las zonas o quita la cuenta.")
        raise UnreadArea(message.format(count=total["count"]))
    return area


def read_places(text: str, names: PlaceNames) -> Area | None:
    """Return the states and LADAs of a plain list of places; None for "ninguna".

    Raises UnreadArea.
    """
    if is_nothing(text):
        return None
    area = _read(text, names)
    if area.nationwide or area.excluded_states or area.excluded_ladas:
        message = _("«{what}» no es una lista de estados, ciudades o LADA.")
        raise UnreadArea(message.format(what=shorten(text)))
    return area


def _read(text: str, names: PlaceNames) -> Area:
    included = excluded = Area()
    for clause in clauses(text):
        read_places = _places(clause.text, names)
        if clause.excluded:
            excluded = _union([excluded, *read_places])
        else:
            included = _union([included, *read_places])
    return combine(included, excluded, names.gazetteer)


def _union(places: Iterable[Area]) -> Area:
    found = list(places)
    none = frozenset[str]()
    return Area(
        nationwide=any(place.nationwide for place in found),
        states=none.union(*(place.states for place in found)),
        ladas=none.union(*(place.ladas for place in found)),
    )


def _places(text: str, names: PlaceNames) -> Iterator[Area]:
    """Yield the places of a clause. Raises UnreadArea."""
    words: list[str] = []
    owed = ""  # "y" that waits for its place
    for kind, written in [*_tokens(text), ("separator", "")]:
        if kind == "word":
            words.append(written)
            continue
        if kind in ("open", "close"):
            raise incomplete(written)
        if words:
            yield _place(" ".join(words), kind, written, names)
            words, owed = [], ""
        elif kind == "count" or (owed and kind == "separator"):
            raise incomplete(owed or written)
        if kind == "and":
            owed = written


def _place(words: str, kind: str, written: str, names: PlaceNames) -> Area:
    """Return a named place. Raises UnreadArea where the count that follows is not its own."""
    place = names.find(words)
    if kind == "count":
        count = int(re.sub("[^0-9]", "", written))
        found = len(areas.ladas_of_states(place, names.gazetteer) | place.ladas)
        if count != found:
            message = _("«{what}» tiene {found} LADA, no {count}: quita el paréntesis o di cuáles.")
            raise UnreadArea(message.format(what=shorten(words), found=found, count=count))
    return place


def _tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a clause."""
    for match in _TOKEN.finditer(text):
        kind, written = str(match.lastgroup), match[str(match.lastgroup)]
        key = key_of(written)
        if kind == "code":
            kind = "word"
        elif kind == "word" and key in _AND:
            kind = "and"
        if kind != "word" or key:
            yield kind, written
