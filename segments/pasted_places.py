"""Reading of lists of LADAs and names of places that people paste."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segments import area_clauses, areas, gazetteer, place_search
from segments.area_clauses import UnreadArea
from segments.areas import Area, join_codes, parse_codes
from segments.gazetteer import Gazetteer
from segments.place_index import Place
from segments.place_list import PlaceList
from segments.place_names import is_nothing

MAX_LENGTH = 20_000  # characters of a text; reading ten times as many took 20 s
NAMED = 4  # names whose LADAs a message tells


class Question(NamedTuple):
    """A name that several places have, or none: `choices` are texts that name one place each."""

    text: str
    choices: Sequence[str]


@dataclass(frozen=True)
class PastedPlaces:
    """What a pasted text names: `included` less `excluded`, all as LADAs.

    A text that excludes is applied as a whole or not at all: what it excludes would be included
    as long as a part of it is not understood.
    """

    text: str
    area: Area
    included: tuple[str, ...]  # in the order of the text
    excluded: frozenset[str]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]
    questions: tuple[Question, ...]
    names: tuple[tuple[str, Place], ...]
    has_exclusion: bool = False
    problem: str = ""  # of the text as a whole

    @property
    def all_ladas(self) -> tuple[str, ...]:
        """The LADAs that can be applied now."""
        return () if self._waits else self._reached

    @property
    def _reached(self) -> tuple[str, ...]:
        return tuple(lada for lada in self.included if lada not in self.excluded)

    @property
    def _waits(self) -> bool:
        is_partial = self.has_exclusion and bool(self.unknown or self.questions)
        return is_partial or bool(self.problem)

    @property
    def rest(self) -> str:
        """The part of the text that was not understood."""
        if self._waits:
            return self.text.strip()
        lines = [question.text for question in self.questions]
        return "\n".join([*lines, ", ".join(self.unknown)]).strip()

    @property
    def message(self) -> str:
        """The result in one line: "38 reconocidas, 2 no existen: 999, 12"."""
        if self.problem:
            return self.problem
        if not (self.included or self.unknown or self.questions):
            return _("No hay lugares en el texto. Escribe LADA o ciudades así: 55, 33, Mérida.")
        told = ", ".join(self._counts())
        if self._waits:
            told = f"{told}. " + _("Corrige lo que falta: con «menos» se agrega todo o nada.")
        return told

    def _counts(self) -> list[str]:
        """Return how many were read, left out, repeated, asked and not found."""
        parts = [
            ngettext("%(count)d reconocida", "%(count)d reconocidas", len(self._reached))
            % {"count": len(self._reached)}
        ]
        if out := sorted(self.excluded.intersection(self.included)):
            parts.append(
                ngettext(
                    "%(count)d excluida: %(codes)s", "%(count)d excluidas: %(codes)s", len(out)
                )
                % {"count": len(out), "codes": join_codes(out)}
            )
        if self.repeated:
            parts.append(
                ngettext("%(count)d repetida", "%(count)d repetidas", len(self.repeated))
                % {"count": len(self.repeated)}
            )
        if self.questions:
            parts.append(_("%(count)d por aclarar") % {"count": len(self.questions)})
        if self.unknown:
            parts.append(
                ngettext(
                    "%(count)d no existe: %(codes)s",
                    "%(count)d no existen: %(codes)s",
                    len(self.unknown),
                )
                % {
                    "count": len(self.unknown),
                    "codes": join_codes([_shortened(text) for text in self.unknown]),
                }
            )
        return parts

    @property
    def explanation(self) -> str:
        """What the names were read as: "Coyoacán: 55 y 56. Jalisco: 47 LADA." """
        told = [_explained(place) for _text, place in self.names[:NAMED]]
        if len(self.names) > NAMED:
            told.append(_("Y {n} lugares más.").format(n=len(self.names) - NAMED))
        return " ".join(told)


def answered(text: str, question: Question, choice: str) -> str:
    """Return a text in which a choice of a question takes the place of what was asked."""
    parts = [re.escape(part.strip()) for part in question.text.split(",")]
    asked = r"[\s,;/|]+".join(parts)
    return re.sub(rf"(?<![^\W_]){asked}(?![^\W_])", lambda _match: choice, text, count=1)


def _explained(place: Place) -> str:
    if len(place.ladas) > NAMED:
        return _("{place}: {n} LADA.").format(place=place.name, n=len(place.ladas))
    return _("{place}: {ladas}.").format(place=place.name, ladas=", ".join(place.ladas))


def _shortened(text: str) -> str:
    """Return a word of a message: a code of up to 12 characters, a name of up to 40."""
    longest = 12 if any(character.isdigit() for character in text) else 40
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def read(text: str, places: Gazetteer | None = None) -> PastedPlaces:
    """Read LADAs, cities, municipalities and states in a list of any form, or a column of a sheet.

    A name that several places have, or almost none, becomes a question; nothing is guessed. After
    "menos" places are excluded, as in a file. A text of more than MAX_LENGTH characters is not
    read.
    """
    places = places or gazetteer.current()
    found = PlaceList(places, place_search.current(places))
    if len(text) > MAX_LENGTH:
        message = _("El texto es muy largo: pega hasta {most:,} caracteres cada vez.")
        return replace(_result("", found), text=text, problem=message.format(most=MAX_LENGTH))
    if is_nothing(text):
        return _result(text, found)
    try:
        for clause in area_clauses.clauses(text.replace("\0", " ")):
            found.read(clause)
        return _result(text, found)
    except UnreadArea as error:
        return replace(_result(text, PlaceList(places, found.index)), problem=error.message)


def _result(text: str, found: PlaceList) -> PastedPlaces:
    """Return what a list named. Raises UnreadArea where what is excluded was not included."""
    places, area = found.places, found.included.area()
    excluded = found.excluded.area()
    if found.has_exclusion and not (found.unknown or found.questions):
        area = area_clauses.combine(area, excluded, places)
    of_states = sorted(areas.ladas_of_states(found.included.area(), places))
    repeated = parse_codes(text, places).repeated
    return PastedPlaces(
        text=text,
        area=area,
        included=tuple(dict.fromkeys([*found.included.ladas, *of_states])),
        excluded=areas.excluded_codes(area, places),
        unknown=tuple(found.unknown),
        repeated=tuple(lada for lada in repeated if lada in found.included.ladas),
        questions=tuple(Question(text, choices) for text, choices in found.questions.items()),
        names=tuple(found.names.items()),
        has_exclusion=found.has_exclusion,
    )


def read_codes(text: str, places: Gazetteer | None = None) -> tuple[str, ...]:
    """Return the LADAs of a list of codes, in its order.

    A city may be named beside its code ("33 Guadalajara"). Raises UnreadArea where anything else
    is written: it would be ignored.
    """
    places = places or gazetteer.current()
    if is_nothing(text):
        return ()
    codes = parse_codes(text, places)
    if codes.unknown:
        raise UnreadArea(codes.message)
    if word := area_clauses.excluding_word(text):
        message = _("Aquí van solo claves: quita «{word}» y lo que no sea clave.")
        raise UnreadArea(message.format(word=word))
    found = read(text, places)
    for name, place in found.names:
        if codes.known and set(place.ladas) <= {*codes.known}:
            continue
        message = _("Aquí van solo claves: cambia «{name}» por {codes}, o quítalo.")
        raise UnreadArea(message.format(name=_shortened(name), codes=join_codes(place.ladas)))
    if found.rest or found.area.nationwide:
        message = _("Aquí van solo claves, como 55, 33 u 81: quita «{rest}».")
        raise UnreadArea(message.format(rest=_shortened(found.rest or text.strip())))
    return codes.known
