"""One search of places for pages, API, admin and pasted names: states, cities, municipalities.

The index is in memory, made once for each load of the catalogue.
"""

import difflib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from segments import gazetteer
from segments.gazetteer import Gazetteer
from segments.models import Lada, LadaMunicipality, Municipality, State
from segments.place_names import (
    CITY_NICKNAMES,
    MUNICIPALITY_NICKNAMES,
    STATE_NICKNAMES,
    Reading,
    key_of,
    readings,
    short_key,
    words_of,
)

LEAST_SHARE = 0.1  # of a municipality's people: zones with fewer of them are not meant by its name
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

    def similar(self, text: str) -> list[Place]:
        """Return the largest places of the few names that are spelled almost like a text."""
        name = " ".join(key_of(words_of(text[:MAX_SEARCH])))
        spellings = {" ".join(key): key for key in self._full}
        close = difflib.get_close_matches(name, spellings, n=3, cutoff=0.8)
        numbers = (min(self._full[spellings[c]], key=lambda i: _size(self.places[i])) for c in close)
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
        """Return the places with words of their own or of their state, one of their own at least."""
        own = [self._with_word(word) for word in key]
        both = [found | self._in_states(word) for found, word in zip(own, key, strict=True)]
        return set.intersection(*both) & set.union(*own)

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


_cached: tuple[Gazetteer, PlaceIndex] | None = None


def current(places: Gazetteer | None = None) -> PlaceIndex:
    """Return the index of the catalogue that is loaded now, made once for each gazetteer."""
    global _cached
    places = places or gazetteer.current()
    if _cached is None or _cached[0] is not places:
        _cached = (places, PlaceIndex(_all_places(places)))
    return _cached[1]


def label(place: Place, places: Gazetteer) -> str:
    """Return the name that `lookup` reads as this place alone: "Juárez (Chihuahua)"."""
    if place.kind == STATE:
        return f"Todo {place.name}"
    return f"{place.name} ({places.states[place.states[0]]})"


def _all_places(places: Gazetteer) -> Iterator[tuple[Place, list[str]]]:
    """Yield each place with its names.

    A city that has the name of its municipality, or its short form, is that municipality, and
    so is a locality: it is found by its LADA alone, or not at all.
    """
    yield from _states(places)
    municipalities = {place.code: (place, names) for place, names in _municipalities()}
    seats = set()
    for place, (name, *_nicknames) in municipalities.values():
        words = words_of(name)
        seats |= {(key, lada) for lada in place.ladas for key in (key_of(words), short_key(words))}
    for city, nicknames, municipality in _cities():
        place, names = municipalities[municipality]
        if _is_seat(city, seats) and city.ladas[0] in place.ladas:
            names += [city.name, *nicknames]
            yield city, []
        else:
            size = min(city.population, place.population)
            yield city._replace(population=size), [city.name, *nicknames]
    yield from ((place, [place.name]) for place in _localities() if not _is_seat(place, seats))
    yield from municipalities.values()


def _is_seat(place: Place, seats: Collection[tuple[Key, str]]) -> bool:
    return (key_of(words_of(place.name)), place.ladas[0]) in seats


def _states(places: Gazetteer) -> Iterator[tuple[Place, list[str]]]:
    weights = dict(Lada.objects.values_list("code", "weight_ppm"))
    rows = State.objects.values_list("code", "common_name", "name", "abbreviation", "population")
    for code, common_name, name, abbreviation, population in rows:
        ladas = tuple(sorted(places.ladas_of[code], key=lambda lada: (-weights[lada], lada)))
        place = Place(STATE, code, common_name, (code,), ladas, population)
        yield place, [common_name, name, abbreviation, *STATE_NICKNAMES.get(code, ())]


def _municipalities() -> Iterator[tuple[Place, list[str]]]:
    ladas: defaultdict[str, list[str]] = defaultdict(list)
    population: defaultdict[str, int] = defaultdict(int)
    shares = LadaMunicipality.objects.order_by("-is_main", "-share", "lada").values_list(
        "municipality", "share", "lada", "population", "is_main", "lada__kind"
    )
    for code, share, lada, people, is_main, kind in shares:
        if is_main or share >= LEAST_SHARE:
            ladas[code].append(lada)
        population[code] += people if kind == Lada.Kind.BASE else 0
    for code, name, state in Municipality.objects.values_list("code", "name", "state"):
        place = Place(MUNICIPALITY, code, name, (state,), tuple(ladas[code]), population[code])
        yield place, [name, *MUNICIPALITY_NICKNAMES.get(code, ())]


def _cities() -> Iterator[tuple[Place, tuple[str, ...], str]]:
    """Yield the main city of each zone, its nicknames and the key of its municipality."""
    for lada in _base_ladas():
        ladas = _codes_of_zone(lada)
        city = Place(CITY, lada.code, lada.city, (lada.state_id,), ladas, lada.zone.population)
        yield city, CITY_NICKNAMES.get(lada.code, ()), lada.municipality_id


def _localities() -> Iterator[Place]:
    for lada in _base_ladas():
        states = tuple(state.code for state in lada.zone.states_in_order)
        for name in lada.other_places:
            yield Place(LOCALITY, lada.code, name, states, _codes_of_zone(lada), 0)


def _base_ladas() -> Iterable[Lada]:
    rows = Lada.objects.filter(kind=Lada.Kind.BASE).select_related("zone")
    return rows.prefetch_related("zone__zone_states__state", "zone__ladas")


def _codes_of_zone(lada: Lada) -> tuple[str, ...]:
    return (lada.code, *sorted(other.code for other in lada.overlaps))
