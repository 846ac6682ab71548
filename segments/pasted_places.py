"""Reading of lists of LADAs and names of places that people paste."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segments import gazetteer, place_search
from segments.areas import join_codes, parse_codes
from segments.gazetteer import Gazetteer
from segments.place_index import CITY, LOCALITY, MUNICIPALITY, STATE, Place, PlaceIndex
from segments.place_names import NATION, key_of, words_of
from segments.place_search import label

MAX_CHOICES = 6  # that a name offers
MAX_SUGGESTED = 20  # questions, after which names that are misspelled are unknown
PLACES_IN_STATES = (CITY, MUNICIPALITY, LOCALITY)
MAX_LENGTH = 20_000  # characters of a text; reading ten times as many took 20 s
NAMED = 4  # names whose LADAs a message tells

# Between the parts of a list, but not inside parentheses: "Juárez (Chihuahua), 33".
_SEPARATOR = re.compile(r"[,;/|\t\n\r•·]+(?![^()\n]*\))")


class Question(NamedTuple):
    """A name that several places have, or none: `choices` are texts that name one place each."""

    text: str
    choices: Sequence[str]


@dataclass(frozen=True)
class PastedPlaces:
    """What a pasted text names. `rest` is the part of it that was not understood."""

    states: tuple[str, ...]
    ladas: tuple[str, ...]  # in the order of the text, without those of the states
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]
    questions: tuple[Question, ...]
    names: tuple[tuple[str, Place], ...]
    all_ladas: tuple[str, ...]
    too_long: bool = False

    @property
    def rest(self) -> str:
        lines = [question.text for question in self.questions]
        return "\n".join([*lines, ", ".join(self.unknown)]).strip()

    @property
    def message(self) -> str:
        """The result in one line: "38 reconocidas, 2 no existen: 999, 12"."""
        if self.too_long:
            return _("El texto es muy largo: pega hasta %(most)s caracteres cada vez.") % {
                "most": f"{MAX_LENGTH:,}"
            }
        if not (self.all_ladas or self.unknown or self.questions):
            return _("No hay lugares en el texto. Escribe LADA o ciudades así: 55, 33, Mérida.")
        parts = [
            ngettext("%(count)d reconocida", "%(count)d reconocidas", len(self.all_ladas))
            % {"count": len(self.all_ladas)}
        ]
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
        return ", ".join(parts)

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

    A name that several places have, or almost none, becomes a question; nothing is guessed. A
    text of more than MAX_LENGTH characters is not read.
    """
    if len(text) > MAX_LENGTH:
        return PastedPlaces((), (), (text,), (), (), (), (), too_long=True)
    places = places or gazetteer.current()
    reader = _Reader(places, place_search.current(places))
    for line in text.replace("\0", " ").splitlines():
        if "\t" in line and not re.search(r"[,;]", line):  # a row of a sheet: a code and its city
            line = re.sub(r"(?<=\d)\t(?=[^\W\d_])", " ", line)
        parts = (part.strip(" .:'\"[]*-") for part in _SEPARATOR.split(line))
        reader.read_line([part for part in parts if part])
    return reader.result(parse_codes(text, places).repeated)


@dataclass
class _Reader:
    """Reads the parts of a text one after the other."""

    places: Gazetteer
    index: PlaceIndex
    states: dict[str, None] = field(default_factory=dict)
    ladas: dict[str, None] = field(default_factory=dict)
    unknown: dict[str, None] = field(default_factory=dict)
    questions: dict[str, Sequence[str]] = field(default_factory=dict)
    names: dict[str, Place] = field(default_factory=dict)

    def result(self, repeated: Sequence[str]) -> PastedPlaces:
        of_states = set[str]().union(*(self.places.ladas_of[state] for state in self.states))
        return PastedPlaces(
            tuple(self.states),
            tuple(lada for lada in self.ladas if lada not in of_states),
            tuple(self.unknown),
            tuple(lada for lada in repeated if lada in self.ladas),
            tuple(Question(text, choices) for text, choices in self.questions.items()),
            tuple(self.names.items()),
            tuple(dict.fromkeys([*self.ladas, *sorted(of_states)])),
        )

    def read_line(self, parts: Sequence[str]) -> None:
        """Read the parts of a line; a state after a place in it only says where the place is."""
        before: Collection[str] = ()  # states of the part before, if it is a place in them
        i = 0
        while i < len(parts):
            if self._state(parts[i]) in before:
                before = ()
            elif i + 1 < len(parts) and self._read_in_state(parts[i], parts[i + 1]):
                before = ()
                i += 1
            else:
                before = self._read(parts[i])
            i += 1

    def _state(self, text: str) -> str:
        """Return the key of the state that a text names, "" if none; not of "Todo Jalisco"."""
        if _has_digit(text) or words_of(text)[:1] in (["todo"], ["toda"]):
            return ""
        found = self.index.lookup(text, kinds=(STATE,))
        return found[0].code if len(found) == 1 else ""

    def _read_in_state(self, text: str, next_text: str) -> bool:
        """Read "Juárez, Chihuahua" as one place. Return whether it is one."""
        state = self._state(next_text)
        if not state or _has_digit(text) or words_of(text)[:1] in (["todo"], ["toda"]):
            return False
        inside = self.index.lookup(text, kinds=PLACES_IN_STATES, state=state)
        if not inside:
            return False
        both = f"{text}, {next_text}"
        other = self._state(text)
        if other and other != state:  # "Hidalgo, Michoacán": two states, or a town
            states = [f"Todo {self.places.states[code]}" for code in (other, state)]
            self.questions[both] = [*self._labels(inside), ", ".join(states)]
        else:
            self._take(both, inside)
        return True

    def _read(self, text: str) -> Collection[str]:
        """Read a part of a line. Return the states in which the place lies that it names."""
        key = key_of(words_of(text))
        if key in NATION:
            self.states |= dict.fromkeys(self.places.states)
            return ()
        pieces = re.split(r"\s+(?:y|e|más)\s+", text)
        if _has_digit(text):
            if len(pieces) == 1:
                return self._read_codes(text)
            for piece in pieces:
                self._read(piece)
            return ()
        if found := self.index.lookup(text):
            return self._take(text, found)
        if len(pieces) > 1 and all(self.index.lookup(piece) for piece in pieces):
            for piece in pieces:
                self._take(piece, self.index.lookup(piece))
        elif key:  # not "LADA"
            self._suggest(text)
        return ()

    def _read_codes(self, text: str) -> Collection[str]:
        """Read a part with figures: LADAs, and words that may say what they are."""
        numbered = re.fullmatch(r"(\d{1,3})[.)]\s*(\D+)", text)  # "2. Monterrey"
        if numbered and numbered[1] not in self.places.cities:
            return self._read(numbered[2].strip())
        codes = parse_codes(text, self.places)
        words = " ".join(word for word in re.findall(r"[^\W_]+", text) if not _has_digit(word))
        name = words if key_of(words_of(words)) else ""
        named = self.index.lookup(name) if name else []
        fitting = [place for place in named if not set(codes.known).isdisjoint(place.ladas)]
        if named and codes.known and not fitting:  # "33 Monterrey"
            self.questions[text] = [*codes.known, *self._labels(named)]
            return ()
        if named and not codes.known:
            self._take(name, named)
        elif name and not named and set(codes.known).isdisjoint(self._reach(name)):
            self.unknown[name] = None
        self.unknown |= dict.fromkeys(codes.unknown)
        self.ladas |= dict.fromkeys(codes.known)
        return fitting[0].states if fitting else ()

    def _reach(self, name: str) -> set[str]:
        return {lada for match in self.index.search(name) for lada in match.ladas}

    def _take(self, text: str, found: Sequence[Place]) -> Collection[str]:
        """Take the place that a text names, and return its states; of several places, ask."""
        if len(found) > 1:
            self.questions[text] = self._labels(found)
            return ()
        place = found[0]
        self.names[text] = place
        if place.kind == STATE:
            self.states[place.code] = None
            return ()
        self.ladas |= dict.fromkeys(place.ladas)
        return place.states

    def _suggest(self, text: str) -> None:
        """Ask about a name that no place has but some begin like, or are spelled almost like."""
        similar: Sequence[Place] = ()
        if len(self.questions) < MAX_SUGGESTED:
            similar = [match.place for match in self.index.search(text)[:MAX_CHOICES]]
            similar = similar or self.index.similar(text)
        if similar:
            self.questions[text] = self._labels(similar)
        else:
            self.unknown[text] = None

    def _labels(self, found: Sequence[Place]) -> list[str]:
        """Return texts that name one place each."""
        texts: dict[str, None] = {}
        for place in found[:MAX_CHOICES]:
            text = label(place, self.places)
            if place.kind != STATE and len(self.index.lookup(text)) > 1:
                text = f"{text[:-1]}, {place.ladas[0]})"  # two of the same name in one state
            texts[text] = None
        return list(texts)


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
