"""A list of LADAs and names of places, read part by part."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from segments.area_clauses import Clause
from segments.areas import Area, parse_codes
from segments.gazetteer import Gazetteer
from segments.place_index import CITY, LOCALITY, MUNICIPALITY, STATE, Place, PlaceIndex
from segments.place_names import is_blank, is_generic, is_nation, words_of
from segments.place_search import label

MAX_CHOICES = 6  # that a name offers
MAX_SUGGESTED = 20  # questions, after which names that are misspelled are unknown
PLACES_IN_STATES = (CITY, MUNICIPALITY, LOCALITY)

# Between the parts of a list, but not inside parentheses: "Juárez (Chihuahua), 33".
_SEPARATOR = re.compile(r"[,;/|\t\n\r•·]+(?![^()\n]*\))")

_COUNTED = re.compile(r"(?P<name>\D+?)\s*\(\s*(?P<count>\d{1,3})\s+LADAs?\s*\)", re.IGNORECASE)


@dataclass
class Chosen:
    """The places of all clauses of a kind."""

    nation: bool = False
    states: dict[str, None] = field(default_factory=dict)
    ladas: dict[str, None] = field(default_factory=dict)

    def area(self) -> Area:
        return Area(self.nation, frozenset(self.states), frozenset(self.ladas))


@dataclass
class PlaceList:
    """The places of a list, read one clause after the other.

    With `states_first` a name that a state and others have is the state's.
    """

    places: Gazetteer
    index: PlaceIndex
    states_first: bool = False
    included: Chosen = field(default_factory=Chosen)
    excluded: Chosen = field(default_factory=Chosen)
    unknown: dict[str, None] = field(default_factory=dict)
    questions: dict[str, Sequence[str]] = field(default_factory=dict)
    guesses: set[str] = field(default_factory=set)  # questions about names that no place has
    names: dict[str, Place] = field(default_factory=dict)
    has_exclusion: bool = False

    def __post_init__(self) -> None:
        self.chosen = self.included

    def read(self, clause: Clause) -> None:
        """Read the lines of a clause."""
        self.chosen = self.excluded if clause.excluded else self.included
        self.has_exclusion |= clause.excluded
        for line in clause.text.splitlines():
            if "\t" in line and not re.search(r"[,;]", line):  # a row of a sheet: a code, its city
                line = re.sub(r"(?<=\d)\t(?=[^\W\d_])", " ", line)
            parts = (part.strip(" .:'\"[]*-") for part in _SEPARATOR.split(line))
            self._read_line([part for part in parts if part])

    def _read_line(self, parts: Sequence[str]) -> None:
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
                before = self._read_part(parts[i])
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
        if other and other != state and self.states_first:
            return False
        if other and other != state:  # "Hidalgo, Michoacán": two states, or a town
            states = [f"Todo {self.places.states[code]}" for code in (other, state)]
            self.questions[both] = [*self._labels(inside), ", ".join(states)]
        else:
            self._take(both, inside)
        return True

    def _read_part(self, text: str) -> Collection[str]:
        """Read a part of a line. Return the states in which the place lies that it names."""
        if is_nation(text):
            self.chosen.nation = True
            return ()
        pieces = re.split(r"\s+(?:y|e)\s+", text, flags=re.IGNORECASE)
        if _has_digit(text):
            if len(pieces) == 1:
                return self._read_codes(text)
            for piece in pieces:
                self._read_part(piece)
            return ()
        if found := self.index.lookup(text):
            return self._take(text, found)
        known = [bool(self.index.lookup(piece)) for piece in pieces]
        if len(pieces) > 1 and (all(known) or (any(known) and not self.index.similar(text))):
            for piece in pieces:
                self._read_part(piece)
        elif not is_blank(text):  # not "LADA"
            self._suggest(text)
        return ()

    def _read_codes(self, text: str) -> Collection[str]:
        """Read a part with figures: LADAs, and words that may say what they are."""
        if counted := _COUNTED.fullmatch(text):
            return self._read_counted(text, counted["name"], int(counted["count"]))
        numbered = re.fullmatch(r"(\d{1,3})[.)]\s*(\D+)", text)  # "2. Monterrey"
        if numbered and numbered[1] not in self.places.cities:
            return self._read_part(numbered[2].strip())
        codes = parse_codes(text, self.places)
        words = " ".join(word for word in re.findall(r"[^\W_]+", text) if not _has_digit(word))
        name = "" if is_blank(words) else words
        named = self.index.lookup(name) if name else []
        fitting = [place for place in named if not set(codes.known).isdisjoint(place.ladas)]
        is_city = any(place.kind != STATE for place in fitting) or (fitting and text[0].isdigit())
        if named and codes.known and not is_city:  # "33 Monterrey", "Jalisco 33"
            self.questions[text] = [*codes.known, *self._labels(named)]
            return ()
        if (
            name
            and not named
            and (is_generic(name) or set(codes.known).isdisjoint(self._reach(name)))
        ):
            before = re.match(r"\D*", text)
            if before and not is_blank(before[0]):  # "todo México exepto 33"
                self.unknown[text] = None
                return ()
            self.unknown[name] = None
        if named and not codes.known:
            self._take(name, named)
        self.unknown |= dict.fromkeys(codes.unknown)
        self.chosen.ladas |= dict.fromkeys(codes.known)
        return fitting[0].states if fitting else ()

    def _read_counted(self, text: str, name: str, count: int) -> Collection[str]:
        """Read a name with its number of LADAs, as the portal writes states."""
        found = [place for place in self.index.lookup(name) if len(place.ladas) == count]
        if not found:
            self.unknown[text] = None
            return ()
        return self._take(text, found)

    def _reach(self, name: str) -> set[str]:
        return {lada for match in self.index.search(name) for lada in match.ladas}

    def _take(self, text: str, found: Sequence[Place]) -> Collection[str]:
        """Take the place that a text names, and return its states; of several places, ask."""
        states = [place for place in found if place.kind == STATE]
        if self.states_first and len(states) == 1:
            found = states
        if len(found) > 1 or is_generic(text):
            whole = [_("Todo México")] if is_nation(f"todo {text}") else []
            self.questions[text] = [*whole, *self._labels(found)]
            return ()
        place = found[0]
        self.names[text] = place
        if place.kind == STATE:
            self.chosen.states[place.code] = None
            return ()
        self.chosen.ladas |= dict.fromkeys(place.ladas)
        return place.states

    def _suggest(self, text: str) -> None:
        """Ask about a name that is a part of others, or is spelled almost like them."""
        similar: Sequence[Place] = ()
        if len(self.questions) < MAX_SUGGESTED and not is_generic(text):
            similar = self.index.containing(text) or self.index.similar(text)
        if similar:
            self.questions[text] = self._labels(similar)
            self.guesses.add(text)
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
