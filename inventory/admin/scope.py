"""What a page of occupancy shows: all states of the nation, or all LADAs of a state."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from inventory.admin.pages import address
from inventory.occupancy import Occupancy, Place
from segments import gazetteer


class Unknown(Exception):
    """An address names a place or a day that there is not. Its text is for people."""


class Unit(NamedTuple):
    """One row: a state, or a LADA. `rows` are those of its LADAs among all places."""

    name: str
    rows: list[int]
    state: str
    lada: str = ""

    @property
    def whole(self) -> str:
        return self.name

    def over_days(self, query: str) -> str:
        """Where its own days are shown: a LADA's are on the page of its state."""
        return address("occupancy_state", self.state, query=query)

    def on_day(self, day: date, query: str) -> str:
        if self.lada:
            return address("occupancy_cell", self.lada, day.isoformat(), query=query)
        return address("occupancy_state_day", self.state, day.isoformat(), query=query)


class Scope(NamedTuple):
    """The rows of a page, and what they are together."""

    name: str
    whole: str  # what all rows together are called
    units: list[Unit]
    state: str = ""
    passing: Sequence[str] = ()  # LADAs that reach into the state and count in another
    lada = ""

    def over_days(self, query: str) -> str:
        if self.state:
            return address("occupancy_state", self.state, query=query)
        return address("occupancy", query=query)

    def on_day(self, day: date, query: str) -> str:
        if self.state:
            return address("occupancy_state_day", self.state, day.isoformat(), query=query)
        return address("occupancy_day", day.isoformat(), query=query)

    def of(self, occupancy: Occupancy) -> Occupancy:
        """Add an occupancy of all places up to these rows."""
        return occupancy.of_rows([unit.rows for unit in self.units])


def of(places: Sequence[Place], state: str) -> Scope:
    """Give the nation by states, or one state by LADAs. Raises Unknown."""
    return _one_state(places, state) if state else _nation(places)


def _nation(places: Sequence[Place]) -> Scope:
    """The 32 states in Spanish order; a LADA counts in the state of its main city alone."""
    names = gazetteer.current().states
    rows: dict[str, list[int]] = {state: [] for state in names}
    for number, place in enumerate(places):
        rows[place.state].append(number)
    units = [Unit(names[state], own, state) for state, own in rows.items()]
    return Scope(_("México"), _("Todo México"), units)


def every_lada(places: Sequence[Place]) -> Scope:
    return Scope(_("México"), _("Todo México"), _ladas(places))


def _one_state(places: Sequence[Place], state: str) -> Scope:
    """The LADAs of a state, the heaviest first. Raises Unknown."""
    known = gazetteer.current()
    if state not in known.states:
        raise Unknown(_("No hay un estado con la clave «{code}».").format(code=state[:20]))
    own = {place.code for place in places if place.state == state}
    passing = sorted(known.ladas_of[state] - own)
    units = [unit for unit in _ladas(places) if unit.state == state]
    name = known.states[state]
    cities = [f"{code} {known.cities[code]}" for code in passing]
    return Scope(name, _("Todo {state}").format(state=name), units, state, cities)


def _ladas(places: Sequence[Place]) -> list[Unit]:
    return [
        Unit(place.city, [number], place.state, place.code) for number, place in enumerate(places)
    ]
