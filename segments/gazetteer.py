"""Names of states and LADAs, and which belongs to which, read once and kept in memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from segments.models import CatalogueLoad, Lada, State


@dataclass(frozen=True)
class Gazetteer:
    """The catalogue's places as they stood after one load."""

    states: Mapping[str, str]  # code -> usual name, in Spanish order
    abbreviations: Mapping[str, str]  # of the states, "Jal.", in the same order
    cities: Mapping[str, str]  # LADA -> main city, by code
    ladas_of: Mapping[str, frozenset[str]]  # state -> its LADAs, with those that span two states


_kept: tuple[tuple[int, str], Gazetteer] | None = None


def current() -> Gazetteer:
    """Give the places of the catalogue that stands now.

    One query asks which load stands; the rows are read again only if it is not the one that
    this process saw last. Who asks about many areas asks once and passes the answer along.
    """
    global _kept
    stands = CatalogueLoad.objects.values_list("id", "digest").first()
    if stands is not None and _kept is not None and _kept[0] == stands:
        return _kept[1]
    named = State.objects.values_list("code", "common_name", "abbreviation")
    states = {code: name for code, name, _short in named}
    abbreviations = {code: short for code, _name, short in named}
    cities = {}
    ladas_of: dict[str, set[str]] = {code: set() for code in states}
    for lada, city, state in Lada.objects.order_by("code").values_list(
        "code", "city", "zone__zone_states__state"
    ):
        cities[lada] = city
        ladas_of[state].add(lada)
    gazetteer = Gazetteer(
        states,
        abbreviations,
        cities,
        {state: frozenset(ladas) for state, ladas in ladas_of.items()},
    )
    if stands is not None:
        _kept = (stands, gazetteer)
    return gazetteer


class ChosenState(NamedTuple):
    """The LADAs of a choice in one state, each with its city; `whole` if they are all it has."""

    state: str
    ladas: list[str]
    whole: bool


def group_by_state(ladas: Collection[str], gazetteer: Gazetteer | None = None) -> list[ChosenState]:
    """Sort LADAs by state; one that spans two states is in both."""
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
