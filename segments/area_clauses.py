"""The grammar of areas in words: what is chosen, and after "menos" what is left out.

Files and pasted lists are both split by `clauses`, and made an area by `combine`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.utils.translation import gettext as _

from core.problems import shorten
from segments import areas
from segments.areas import Area, AreaError
from segments.gazetteer import Gazetteer
from segments.models import unaccented
from segments.place_names import is_nothing

_TOKEN = re.compile(
    r"(?P<separator>[,;/|&\n\r\t•·])|(?P<open>\()|(?P<close>\))|(?P<more>\+)"
    r"|(?P<less>(?:\b(?:a|con)(?: la)? excepci[oó]n de|pero no|y no|fuera de)(?!\w))"
    r"|(?P<word>[^\s,;/|&+()•·]+)",
    re.IGNORECASE,
)
_LESS = {"menos", "excepto", "sin", "salvo", "exceptuando", "excluyendo", "quitando", "no", "ni"}
_AND = {"y", "e"}
_QUOTES = "«»\"“”'‘’:"


class UnreadArea(AreaError):
    """Words that are not an area as a whole."""

    code = "unread_area"


class Clause(NamedTuple):
    """A part of a text whose places are all included, or all excluded."""

    text: str
    excluded: bool


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def clauses(text: str) -> list[Clause]:
    """Split a text at words such as "menos" and "más", and at their parentheses.

    After "menos" all is excluded, until "más" or the closing parenthesis. Raises UnreadArea where
    such a word has no place after it, or its parenthesis no end.
    """
    reader = _Splitter(text)
    tokens = list(_tokens(text))
    for i, token in enumerate(tokens):
        following = tokens[i + 1].kind if i + 1 < len(tokens) else ""
        reader.read(token, following)
    return reader.finish()


def excluding_word(text: str) -> str:
    """Return the first word such as "menos" in a text, or ""."""
    return next((token.text for token in _tokens(text) if token.kind == "less"), "")


def combine(included: Area, excluded: Area, places: Gazetteer) -> Area:
    """Return an area of places without others.

    Raises UnreadArea where nothing is included, or something excluded is not in the area: in
    "Jalisco menos 33, Nuevo León" the last one may have been meant to be included.
    """
    if not (included.nationwide or included.states or included.ladas):
        raise UnreadArea(_("Falta decir dónde: escribe «todo México», estados o LADA."))
    if excluded.nationwide:
        raise UnreadArea(_("«Todo México» no se puede excluir: escribe las zonas que no."))
    area = replace(
        included,
        states=frozenset() if included.nationwide else included.states,
        excluded_states=excluded.states,
        excluded_ladas=excluded.ladas,
    )
    states, ladas = idle_exclusions(area, places)
    if idle := [places.states[code] for code in sorted(states)] + sorted(ladas):
        message = _(
            "«{what}» está después de «menos» y no es parte de la zona: si la quieres, ponla antes."
        )
        raise UnreadArea(message.format(what=idle[0]))
    return area


def idle_exclusions(area: Area, places: Gazetteer) -> tuple[frozenset[str], frozenset[str]]:
    """Return the states and LADAs that an area excludes and does not include."""
    included = areas.ladas_of_states(replace(area, excluded_states=frozenset()), places)
    states = {
        state
        for state in area.excluded_states
        if included.isdisjoint(places.ladas_of.get(state, ()))
    }
    return frozenset(states), area.excluded_ladas - included - area.ladas


def key_of(name: str) -> str:
    """Return a name without accents, capitals, dots and quotation marks."""
    plain = unaccented(name).replace(".", "")
    return " ".join("".join(c for c in plain if c not in _QUOTES).split())


def incomplete(written: str) -> UnreadArea:
    """Return the error of a word or sign that needs a place after it."""
    message = _("Falta algo después de «{what}»: escribe la zona completa.")
    return UnreadArea(message.format(what=shorten(written)))


@dataclass
class _Splitter:
    text: str
    found: list[Clause] = field(default_factory=list)
    _start: int = 0  # of the clause that is being read
    _owed: str = ""  # the word that waits for its places
    _modes: list[str] = field(default_factory=lambda: ["more"])  # one more in each parenthesis
    _plain: int = 0  # open parentheses of names and counts

    def read(self, token: _Token, following: str) -> None:
        if token.kind in ("more", "less"):
            self._end(token.start, token.end)
            self._owed = token.text
            self._modes[-1] = token.kind
        elif token.kind == "separator" and self._owed:
            raise incomplete(self._owed)
        elif token.kind == "word":
            self._owed = token.text if not following and key_of(token.text) in _AND else ""
        elif token.kind == "open" and following in ("more", "less"):
            self._end(token.start, token.end)
            self._modes.append("more")
        elif token.kind == "open":
            self._plain += 1
        elif token.kind == "close" and self._plain:
            self._plain -= 1
        elif token.kind == "close" and len(self._modes) > 1:
            self._end(token.start, token.end)
            self._modes.pop()

    def finish(self) -> list[Clause]:
        self._end(len(self.text), len(self.text))
        if len(self._modes) > 1:
            raise incomplete("(")
        return self.found

    def _end(self, end: int, start_of_next: int) -> None:
        if self._owed:
            raise incomplete(self._owed)
        part = self.text[self._start : end]
        excluded = self._modes[-1] == "less"
        if part.strip(" ,;/|&\n\r\t") and not (excluded and is_nothing(part)):
            self.found.append(Clause(part, excluded))
        self._start = start_of_next


def _tokens(text: str) -> Iterator[_Token]:
    matches = list(_TOKEN.finditer(text))
    for i, match in enumerate(matches):
        kind, key = str(match.lastgroup), key_of(match[0])
        if kind == "word" and not key:
            continue
        if (
            kind == "word"
            and key in _LESS
            and (key != "sin" or _excludes(match, matches[i + 1 : i + 2]))
        ):
            kind = "less"
        elif kind == "word" and key == "mas":
            kind = "more"
        yield _Token(kind, match[0].strip(_QUOTES), match.start(), match.end())


def _excludes(match: re.Match[str], after: list[re.Match[str]]) -> bool:
    """Return whether "sin" is the word, before a place, and not the short form of Sinaloa."""
    return (
        bool(after)
        and after[0].lastgroup in ("word", "open")
        and not match[0].endswith(".")
        and key_of(after[0][0]) not in {*_LESS, *_AND, "mas"}
    )
