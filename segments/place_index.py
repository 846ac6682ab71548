"""The index of a catalogue's places: their words, and their whole names."""

import difflib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from segments.place_names import Reading, key_of, readings, short_key, words_of

MAX_SEARCH = 80  # characters; the rest of a search is ignored
MAX_NAME = 160  # characters of a name with its state
STATE, CITY, MUNICIPALITY, LOCALITY = "state", "city", "municipality", "locality"

Key = tuple[str, ...]


class Place(NamedTuple):
    """A place with the LADAs that reach it, that with most of its people first.

    `code` is INEGI's key of a state or municipality, and the base LADA of a city or locality.
    `population` is 0 where it is not known.
    """

    kind: str
    code: str
    name: str
    states: tuple[str, ...]  # that of its main city first
    ladas: tuple[str, ...]
    population: int


class Match(NamedTuple):
    """A place that was found. `ladas` are those that the search means: of "56", not 55."""

    place: Place
    ladas: tuple[str, ...]


class PlaceIndex:
    """The places of one catalogue, by their words and by their whole names."""

    def __init__(self, places: Iterable[tuple[Place, list[str]]]) -> None:
        """Take each place with all names that it has."""
        self.places: list[Place] = []
        self._names: list[set[Key]] = []  # keys of all names of a place
        self._full: defaultdict[Key, list[int]] = defaultdict(list)
        self._short: defaultdict[Key, list[int]] = defaultdict(list)
        self._in_state: defaultdict[str, set[int]] = defaultdict(set)
        self._state_keys: dict[Key, frozenset[str]] = {}
        self._of_word: defaultdict[str, set[int]] = defaultdict(set)
        self._states_of_word: defaultdict[str, set[str]] = defaultdict(set)
        for place, names in places:
            self._add(place, [words_of(name) for name in names])
        self._words = sorted(self._of_word)
        cities = [place for place in self.places if place.kind == CITY]
        self.zone_of = {lada: city.code for city in cities for lada in city.ladas}

    def _add(self, place: Place, names: list[list[str]]) -> None:
        number = len(self.places)
        self.places.append(place)
        self._names.append({key_of(words) for words in names})
        for key in self._names[-1]:
            self._full[key].append(number)
        for words in names:
            if (short := short_key(words)) and place.kind != STATE:
                self._short[short].append(number)
            for word in words:
                self._of_word[word].add(number)
                if place.kind == STATE:
                    self._states_of_word[word].add(place.code)
        for state in place.states:
            self._in_state[state].add(number)
        if place.kind == STATE:
            for key in self._names[-1]:
                self._state_keys[key] = self._state_keys.get(key, frozenset()) | {place.code}

    def lookup(self, text: str, kinds: Collection[str] = (), state: str = "") -> list[Place]:
        """Return the places that a text names in full, the largest first; of one reach, only one.

        "Ecatepec" names Ecatepec de Morelos, since no larger place has that as its whole name.
        A state may be named too ("Juárez, Chihuahua"), and the kind ("municipio de Puebla").
        """
        if len(text) > MAX_NAME:
            return []
        numbers, key = _numbers_and_key(text)
        for reading in readings(key, self._state_keys):
            found = [
                place
                for place in self._named(reading)
                if (not kinds or place.kind in kinds)
                and (not state or state in place.states)
                and (not numbers or numbers & {*place.ladas})
            ]
            if found:
                reaches = {frozenset(place.ladas): place for place in reversed(found)}
                return sorted(reaches.values(), key=_size)
        return []

    def containing(self, text: str) -> list[Place]:
        """Return the places that have all words of a text in their names, the largest first."""
        _numbers, key = _numbers_and_key(text[:MAX_SEARCH])
        found = [self._of_word.get(word, set()) for word in key]
        numbers = set.intersection(*found) if found else set()
        return sorted((self.places[i] for i in numbers), key=_size)

    def similar(self, text: str) -> list[Place]:
        """Return the largest places of the few names that are spelled almost like a text."""
        name = " ".join(key_of(words_of(text[:MAX_SEARCH])))
        spellings = {" ".join(key): key for key in self._full}
        close = difflib.get_close_matches(name, spellings, n=3, cutoff=0.8)
        numbers = (
            min(self._full[spellings[c]], key=lambda i: _size(self.places[i])) for c in close
        )
        return [self.places[i] for i in numbers]

    def _named(self, reading: Reading) -> list[Place]:
        """Return the places that a reading names, the largest first.

        A short name counts if no larger place has it in full, and none in the state that the
        reading is limited to. A locality counts if nothing else has the name.
        """

        def allowed(numbers: Iterable[int]) -> list[Place]:
            return [p for p in (self.places[i] for i in numbers) if _allows(reading, p)]

        found = allowed(self._full.get(reading.words, ()))
        if not found or not reading.states:
            largest = max((place.population for place in found), default=-1)
            short = allowed(self._short.get(reading.words, ()))
            found += [place for place in short if place.population > largest]
        known = [place for place in found if place.kind != LOCALITY]
        return sorted(known or found, key=_size)

    def search(self, text: str, kinds: Collection[str] = ()) -> list[Match]:
        """Return the places that have, for each word of the text, a word that begins with it.

        Whole names come first, then names that begin like the text, then other names, and last
        the places of a state that the text names with them; the largest first among equals. A
        number is the beginning of a LADA, and alone it finds cities, or places by INEGI's key if
        only states or municipalities are searched. A text without words finds nothing.
        """
        numbers, key = _numbers_and_key(text[:MAX_SEARCH])
        if not key:
            return self._with_code(tuple(numbers), kinds or (CITY,)) if numbers else []
        levels: dict[int, int] = dict.fromkeys(self._beginning(key), 3)
        for reading in readings(key, self._state_keys):
            for number in self._candidates(reading):
                level = self._level(number, reading.words)
                levels[number] = min(level, levels.get(number, level))
            if 0 in levels.values():
                break  # "Ciudad Juárez" is no search for cities named Juárez
        found = []
        for number in sorted(levels, key=lambda i: (levels[i], _size(self.places[i]))):
            place = self.places[number]
            ladas = tuple(c for c in place.ladas if not numbers or c.startswith(tuple(numbers)))
            if ladas and (not kinds or place.kind in kinds):
                found.append(Match(place, ladas))
        return found

    def _with_code(self, starts: tuple[str, ...], kinds: Collection[str]) -> list[Match]:
        found = []
        for place in self.places:
            if place.kind not in kinds or place.kind == LOCALITY:
                continue
            if place.kind != CITY and place.code.startswith(starts):
                found.append(Match(place, place.ladas))
            elif place.kind == CITY and (
                ladas := tuple(code for code in place.ladas if code.startswith(starts))
            ):
                found.append(Match(place, ladas))
        whole = set(starts)
        return sorted(found, key=lambda m: (whole.isdisjoint(m.ladas), *_size(m.place)))

    def _candidates(self, reading: Reading) -> Iterator[int]:
        if not reading.words:
            return
        found = set.intersection(*(self._with_word(word) for word in reading.words))
        yield from (i for i in found if _allows(reading, self.places[i]))

    def _level(self, number: int, words: Key) -> int:
        names = self._names[number]
        if words in names:
            return 0
        if any(
            key[: len(words) - 1] == words[:-1] and key[len(words) - 1].startswith(words[-1])
            for key in names
            if len(key) >= len(words)
        ):
            return 1
        return 2

    def _beginning(self, key: Key) -> set[int]:
        """Return the places with words of their own or their state, one of their own at least."""
        own = [self._with_word(word) for word in key]
        both = [found | self._in_states(word) for found, word in zip(own, key, strict=True)]
        return set.intersection(*both) & set[int]().union(*own)

    def _with_word(self, start: str) -> set[int]:
        return set[int]().union(*(self._of_word[word] for word in self._words_from(start)))

    def _in_states(self, start: str) -> set[int]:
        words = (word for word in self._words_from(start) if word in self._states_of_word)
        states = set[str]().union(*(self._states_of_word[word] for word in words))
        return set[int]().union(*(self._in_state[state] for state in states))

    def _words_from(self, start: str) -> Iterator[str]:
        for i in range(bisect_left(self._words, start), len(self._words)):
            if not self._words[i].startswith(start):
                return
            yield self._words[i]


def _numbers_and_key(text: str) -> tuple[set[str], Key]:
    """Return the numbers of a text, which begin LADAs, and the key of its words."""
    words = words_of(text)
    numbers = {word for word in words if word.isdecimal()}
    return numbers, key_of([word for word in words if word not in numbers])


def _allows(reading: Reading, place: Place) -> bool:
    if reading.states and (place.kind == STATE or reading.states.isdisjoint(place.states)):
        return False
    return not reading.kinds or place.kind in reading.kinds


def _size(place: Place) -> tuple[int, str, str]:
    return -place.population, place.name, place.code
