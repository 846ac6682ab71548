"""Names of states and LADAs and their relation, read once for each load and kept in memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from segments.models import CatalogueLoad, Lada, State


@dataclass(frozen=True)
class Gazetteer:
    """The places of one loaded catalogue."""

    states: Mapping[str, str]  # code -> usual name, in Spanish order
    abbreviations: Mapping[str, str]  # of the states, "Jal.", in the same order
    cities: Mapping[str, str]  # LADA -> main city, by code
    ladas_of: Mapping[str, frozenset[str]]  # state -> its LADAs, with those that span two states
    state_of: Mapping[str, str]  # LADA -> the state of its main city, in which alone it counts


_cached: tuple[tuple[int, str], Gazetteer] | None = None


def current() -> Gazetteer:
    """Return the gazetteer of the catalogue that is loaded now.

    One query finds the last load; the rows are read again only if this process has another one.
    Callers that handle many areas call this once and pass the gazetteer on.
    """
    global _cached
    load = CatalogueLoad.objects.values_list("id", "digest").first()
    if load is not None and _cached is not None and _cached[0] == load:
        return _cached[1]
    rows = State.objects.values_list("code", "common_name", "abbreviation")
    states = {code: name for code, name, _abbreviation in rows}
    abbreviations = {code: abbreviation for code, _name, abbreviation in rows}
    cities, state_of = {}, {}
    ladas_of: dict[str, set[str]] = {code: set() for code in states}
    for lada, city, main_state, state in Lada.objects.order_by("code").values_list(
        "code", "city", "state", "zone__zone_states__state"
    ):
        cities[lada] = city
        state_of[lada] = main_state
        ladas_of[state].add(lada)
    gazetteer = Gazetteer(
        states,
        abbreviations,
        cities,
        {state: frozenset(ladas) for state, ladas in ladas_of.items()},
        state_of,
    )
    if load is not None:
        _cached = (load, gazetteer)
    return gazetteer


class ChosenState(NamedTuple):
    """The chosen LADAs of one state, each with its city; `whole` if they are all of the state's."""

    state: str
    ladas: list[str]
    whole: bool


def group_by_state(ladas: Collection[str], gazetteer: Gazetteer | None = None) -> list[ChosenState]:
    """Group LADAs by state. One that spans two states is in both groups."""
    places, chosen = gazetteer or current(), set(ladas)
    return [
        ChosenState(
            name,
            [f"{code} {places.cities[code]}" for code in sorted(chosen & places.ladas_of[state])],
            places.ladas_of[state] <= chosen,
        )
        for state, name in places.states.items()
        if chosen & places.ladas_of[state]
    ]
