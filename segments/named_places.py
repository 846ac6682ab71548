"""Places by the names that people write: the country, states, LADAs and main cities."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from core.problems import shorten
from segments import place_search
from segments.area_clauses import UnreadArea, key_of
from segments.areas import Area
from segments.gazetteer import Gazetteer, current
from segments.models import State
from segments.place_index import STATE, Place, PlaceIndex
from segments.place_names import is_generic, is_nation

_CODES = re.compile(r"(?:el |las? )?(?:ladas? ?|claves? ?)?([0-9]+(?: [0-9]+)*)(?: ([^0-9]+))?")
_NAMED_CODES = re.compile(r"([^0-9]+?)(?: ladas?)? ([0-9]+(?: [0-9]+)*)")
_STATE_PREFIX = re.compile(r"(?:tod[oa] )?(?:el )?(?:(?:estado|edo) ?(?:de )?)?")
MAX_MEANINGS = 4  # that a message names
_AMBIGUOUS = "mexico"  # the country, or the official name of a state


@dataclass(frozen=True, repr=False)
class PlaceNames:
    """The names of one catalogue, by their keys."""

    gazetteer: Gazetteer
    states: Mapping[str, str]  # key -> code
    cities: Mapping[str, tuple[str, ...]]  # key -> LADAs, several where they overlap

    @classmethod
    def current(cls) -> Self:
        """Return the names of the catalogue that is loaded now."""
        places = current()
        states = {}
        for code, *names in State.objects.values_list(
            "code", "common_name", "name", "abbreviation"
        ):
            for name in names:
                states[key_of(name)] = states[key_of(name).replace(" ", "")] = code
        cities: defaultdict[str, list[str]] = defaultdict(list)
        for code, city in places.cities.items():
            cities[key_of(city)].append(code)
        return cls(places, states, {name: tuple(codes) for name, codes in cities.items()})

    def find(self, written: str) -> Area:
        """Return the place of a name, a state before its city. Raises UnreadArea."""
        key = key_of(written)
        if is_nation(written):
            return Area(nationwide=True)
        if key == _AMBIGUOUS:
            message = _("«{what}» puede ser «todo México» o «Estado de México»: escribe cuál.")
            raise UnreadArea(message.format(what=shorten(written)))
        if state := self.states.get(key, self.states.get(_STATE_PREFIX.sub("", key, count=1))):
            return Area(states=frozenset({state}))
        if found := _CODES.fullmatch(key):
            return self._codes(found[1], found[2] or "", written)
        if found := _NAMED_CODES.fullmatch(key):
            return self._codes(found[2], found[1], written)
        if key in self.cities:
            return self._city(key, written)
        return self._indexed(key, written)

    def _indexed(self, key: str, written: str) -> Area:
        """Return a place by the names that the search knows: nicknames, municipalities, towns."""
        index = place_search.current(self.gazetteer)
        match index.lookup(written):
            case []:
                raise self._unknown(key, written, index)
            case several if is_generic(written):
                raise self._several(written, several)
            case [place] if place.kind == STATE:
                return Area(states=frozenset(place.states))
            case [place]:
                return Area(ladas=frozenset(place.ladas))
            case several:
                raise self._several(written, several)

    def _several(self, written: str, several: Sequence[Place]) -> UnreadArea:
        labels = [place_search.label(place, self.gazetteer) for place in several]
        message = _("«{what}» puede ser {which}: escribe cuál, o su LADA.")
        which = _(" o ").join(labels[:MAX_MEANINGS])
        return UnreadArea(message.format(what=shorten(written), which=which))

    def _codes(self, codes: str, city: str, written: str) -> Area:
        """Return LADAs, which are of the city if one is named."""
        ladas = codes.split()
        for code in ladas:
            if code not in self.gazetteer.cities:
                message = _("«{what}» no es una LADA: escribe claves como 55, 33 o 664.")
                raise UnreadArea(message.format(what=shorten(code)))
        for code in ladas:
            if city and key_of(self.gazetteer.cities[code]) != city:
                message = _("«{what}» se entiende de dos maneras: la LADA {code} es {city}.")
                message += " " + _("Separa las zonas con comas.")
                name = self.gazetteer.cities[code]
                raise UnreadArea(message.format(what=shorten(written), code=code, city=name))
        return Area(ladas=frozenset(ladas))

    def _city(self, key: str, written: str) -> Area:
        """Return the LADAs of a city; there are several where they overlap in one territory."""
        codes = self.cities[key]
        if len({self._states_of(code) for code in codes}) > 1:
            message = _("«{what}» es una ciudad de varios estados: escribe su LADA, {codes}.")
            raise UnreadArea(message.format(what=shorten(written), codes=_(" o ").join(codes)))
        return Area(ladas=frozenset(codes))

    def _states_of(self, code: str) -> frozenset[str]:
        ladas_of = self.gazetteer.ladas_of
        return frozenset(state for state, ladas in ladas_of.items() if code in ladas)

    def _unknown(self, key: str, written: str, index: PlaceIndex) -> UnreadArea:
        if any(character.isdigit() for character in key):
            message = _("«{what}» no es una LADA: escribe claves como 55, 33 o 664.")
            return UnreadArea(message.format(what=shorten(written)))
        if not is_generic(written) and (similar := index.similar(written)):
            message = _("No encontramos «{what}»: ¿querías decir {meant}?")
            return UnreadArea(message.format(what=shorten(written), meant=similar[0].name))
        message = _(
            "«{what}» no es un estado, un municipio, una ciudad ni una LADA: escribe «todo "
            "México», estados, ciudades o LADA, separados por comas."
        )
        return UnreadArea(message.format(what=shorten(written)))
