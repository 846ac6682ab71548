"""One search of places for pages, API, admin and pasted names.

The index is in memory, made once for each load of the catalogue.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from segments import gazetteer
from segments.gazetteer import Gazetteer
from segments.models import Lada, LadaMunicipality, Municipality, State
from segments.place_index import CITY, LOCALITY, MUNICIPALITY, STATE, Key, Place, PlaceIndex
from segments.place_names import (
    CITY_NICKNAMES,
    MUNICIPALITY_NICKNAMES,
    STATE_NICKNAMES,
    key_of,
    short_key,
    words_of,
)

LEAST_SHARE = 0.1  # of a municipality's people: zones with fewer of them are not meant by its name
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
