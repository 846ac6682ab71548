"""Areas in words: written whole, and read back whole or refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest

from django.utils.translation import gettext as _

from core.problems import shorten
from segments import areas
from segments.areas import Area
from segments.gazetteer import Gazetteer, current
from segments.named_places import Place, PlaceNames, UnreadArea, key_of

_TOKEN = re.compile(
    r"(?P<count>\(\s*[0-9]+\s+LADAs?\s*\))"
    r"|\(\s*(?:LADA\s*)?(?P<code>[0-9]{2,3})\s*\)"
    r"|(?P<more>\+)"
    r"|(?P<separator>[,;/|&\n])"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<word>[^\s,;/|&+()]+)",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"\s*·\s*(?P<count>[0-9]+) LADA\s*$", re.IGNORECASE)
_ABRIDGED = re.compile(r"\b[ye] [0-9]+ m[aá]s(?=\s*(?:[,;)·]|$|menos\b))", re.IGNORECASE)
_EXCLUDING = ("menos", "excepto", "sin", "salvo", "exceptuando", "excluyendo", "quitando")
_OPERATORS = {"y": "and", "e": "and", "mas": "more"} | dict.fromkeys(_EXCLUDING, "less")

Token = tuple[str, str]  # its kind, and as written


def write(area: Area, gazetteer: Gazetteer | None = None) -> str:
    """Return an area in words that `read` reads as the same LADAs; empty where nothing is chosen.

    It is the sentence of `areas.describe`, with all names and without exclusions of no effect.
    """
    if not (area.nationwide or area.states or area.ladas):
        return ""
    places = gazetteer or current()
    states, ladas = _idle_exclusions(area, places)
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
    reader = _Reader(names)
    reader.read(text[: total.start()] if total else text)
    area = reader.area()
    _require_effect(area, names.gazetteer)
    if total and len(areas.resolve(area, names.gazetteer)) != int(total["count"]):
        message = _("Estas zonas no son {count} LADA: revisa las zonas o quita la cuenta.")
        raise UnreadArea(message.format(count=total["count"]))
    return area


def read_places(text: str, names: PlaceNames) -> Area:
    """Return the states and LADAs of a plain list of places. Raises UnreadArea."""
    reader = _Reader(names)
    reader.read(text)
    area = reader.area()
    if area.nationwide or area.excluded_states or area.excluded_ladas:
        message = _("«{what}» no es una lista de estados, ciudades o LADA.")
        raise UnreadArea(message.format(what=shorten(text)))
    return area


def excluding_word(text: str) -> str:
    """Return the first word such as "menos" or "excepto" in a text, or "".

    A list of codes has no such word: its codes would be read as their opposite.
    """
    return next((written for kind, written in _tokens(text) if kind == "less"), "")


@dataclass
class _Reader:
    """Collects the places of a text, those that are included and those that are excluded."""

    names: PlaceNames
    included: list[Place] = field(default_factory=list)
    excluded: list[Place] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)
    _owed: str = ""  # an operator that waits for its places
    _modes: list[str] = field(default_factory=lambda: ["more"])

    def read(self, text: str) -> None:
        """Read a text to its end. Raises UnreadArea."""
        tokens = list(_tokens(text))
        for (kind, written), following in pairwise([*tokens, ("", "")]):
            if kind == "word":
                self._words.append(written)
            elif kind == "count":
                self._end_phrase(count=int(re.sub("[^0-9]", "", written)))
            elif kind in {"open", "close"}:
                self._nest(kind, written, following[0])
            else:
                self._operate(kind, written)
        self._end_phrase()
        if self._owed or len(self._modes) > 1:
            raise _incomplete(self._owed or "(")

    def area(self) -> Area:
        """Return the area that was read. Raises UnreadArea where nothing is included."""
        if not self.included:
            raise UnreadArea(_("Falta decir dónde: escribe «todo México», estados o LADA."))
        nation = any(place.nation for place in self.included)
        if any(place.nation for place in self.excluded):
            raise UnreadArea(_("«Todo México» no se puede excluir: escribe las zonas que no."))
        none = frozenset[str]()
        return Area(
            nationwide=nation,
            states=none if nation else none.union(*(place.states for place in self.included)),
            ladas=none.union(*(place.ladas for place in self.included)),
            excluded_states=none.union(*(place.states for place in self.excluded)),
            excluded_ladas=none.union(*(place.ladas for place in self.excluded)),
        )

    def _operate(self, kind: str, written: str) -> None:
        self._end_phrase()
        if self._owed and (kind == "separator" or self._owed != "y"):
            raise _incomplete(self._owed)
        if kind in {"more", "less"}:
            self._modes[-1] = kind
        if kind != "separator":
            self._owed = "y" if kind == "and" else written

    def _nest(self, kind: str, written: str, following: str) -> None:
        """Open a parenthesis of exclusions or inclusions, or close it."""
        self._end_phrase()
        if kind == "open" and following in {"more", "less"}:
            self._modes.append("more")
        elif kind == "close" and len(self._modes) > 1 and not self._owed:
            self._modes.pop()
        else:
            raise _incomplete(written)

    def _end_phrase(self, count: int | None = None) -> None:
        if not self._words and count is None:
            return
        words = " ".join(self._words)
        place = self.names.find(words)
        found = len(place.all_ladas(self.names.gazetteer))
        if count is not None and count != found:
            message = _("«{what}» tiene {found} LADA, no {count}: quita el paréntesis o di cuáles.")
            raise UnreadArea(message.format(what=shorten(words), found=found, count=count))
        (self.excluded if self._modes[-1] == "less" else self.included).append(place)
        self._words.clear()
        self._owed = ""


def _tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text; words that are operators have their kind."""
    matches = list(_TOKEN.finditer(text))
    for match, after in zip_longest(matches, matches[1:]):
        kind, written = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "code":
            kind = "word"
        elif kind == "word" and (key := key_of(written)):
            kind = _OPERATORS.get(key, kind)
            if key == "sin" and not _excludes(written, after):
                kind = "word"
        if kind != "word" or key_of(written):
            yield kind, written


def _excludes(written: str, after: re.Match[str] | None) -> bool:
    """Return whether "sin" is the word, before a place, and not the short form of Sinaloa."""
    follows = after is not None and after.lastgroup in {"word", "code"}
    return follows and not written.endswith(".") and key_of(after[0]) not in _OPERATORS  # type: ignore[index]


def _idle_exclusions(area: Area, places: Gazetteer) -> tuple[frozenset[str], frozenset[str]]:
    """Return the states and LADAs that an area excludes and does not include."""
    included = areas.ladas_of_states(replace(area, excluded_states=frozenset()), places)
    states = {
        state
        for state in area.excluded_states
        if included.isdisjoint(places.ladas_of.get(state, ()))
    }
    return frozenset(states), area.excluded_ladas - included - area.ladas


def _require_effect(area: Area, places: Gazetteer) -> None:
    """Raise UnreadArea where something excluded is not in the area.

    In "Jalisco menos 33, Nuevo León" the last one may have been meant to be included.
    """
    states, ladas = _idle_exclusions(area, places)
    if idle := [places.states[code] for code in sorted(states)] + sorted(ladas):
        message = _(
            "«{what}» está después de «menos» y no es parte de la zona: si la quieres, ponla antes."
        )
        raise UnreadArea(message.format(what=idle[0]))


def _incomplete(written: str) -> UnreadArea:
    message = _("Falta algo después de «{what}»: escribe la zona completa.")
    return UnreadArea(message.format(what=shorten(written)))
