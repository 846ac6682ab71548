"""The rows of an occupancy page: all states of the nation, or all LADAs of a state."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from inventory.admin.pages import address
from inventory.occupancy import LadaPlace, Occupancy
from segments import gazetteer


class UnknownAddress(Exception):
    """An address names a place or a day that does not exist. Its text is for people."""


class ScopeRow(NamedTuple):
    """One row: a state, or a LADA."""

    name: str
    numbers: list[int]  # of its LADAs among all places
    state: str
    lada: str = ""

    @property
    def label(self) -> str:
        return self.name

    def url(self, query: str) -> str:
        """Return the page with its days: a LADA's are on the page of its state."""
        return address("occupancy_state", self.state, query=query)

    def day_url(self, day: date, query: str) -> str:
        """Return the page of one of its days."""
        if self.lada:
            return address("occupancy_cell", self.lada, day.isoformat(), query=query)
        return address("occupancy_state_day", self.state, day.isoformat(), query=query)


class Scope(NamedTuple):
    """The rows of a page, and their name and label together."""

    name: str
    label: str  # of the row of totals
    rows: list[ScopeRow]
    state: str = ""
    shared_ladas: Sequence[str] = ()  # that reach into the state and count in another

    @property
    def lada(self) -> str:
        """Empty: a scope is no LADA."""
        return ""

    def url(self, query: str) -> str:
        """Return its page."""
        if self.state:
            return address("occupancy_state", self.state, query=query)
        return address("occupancy", query=query)

    def day_url(self, day: date, query: str) -> str:
        """Return its page of one day."""
        if self.state:
            return address("occupancy_state_day", self.state, day.isoformat(), query=query)
        return address("occupancy_day", day.isoformat(), query=query)

    def sum_rows(self, occupancy: Occupancy) -> Occupancy:
        """Add the occupancy of all places up to these rows."""
        return occupancy.sum_rows([row.numbers for row in self.rows])


def for_state(places: Sequence[LadaPlace], state: str) -> Scope:
    """Return the LADAs of a state, or of "" the states. Raises UnknownAddress."""
    return _ladas_of_state(places, state) if state else _states(places)


def every_lada(places: Sequence[LadaPlace]) -> Scope:
    """Return all LADAs of the nation."""
    return Scope(_("México"), _("Todo México"), _lada_rows(places))


def _states(places: Sequence[LadaPlace]) -> Scope:
    """Return the 32 states in Spanish order; a LADA counts only in that of its main city."""
    names = gazetteer.current().states
    numbers: dict[str, list[int]] = {state: [] for state in names}
    for number, place in enumerate(places):
        numbers[place.state].append(number)
    rows = [ScopeRow(names[state], own, state) for state, own in numbers.items()]
    return Scope(_("México"), _("Todo México"), rows)


def _ladas_of_state(places: Sequence[LadaPlace], state: str) -> Scope:
    """Return the LADAs of a state, the heaviest first. Raises UnknownAddress."""
    catalogue = gazetteer.current()
    if state not in catalogue.states:
        raise UnknownAddress(_("No hay un estado con la clave «{code}».").format(code=state[:20]))
    own = {place.code for place in places if place.state == state}
    shared = sorted(catalogue.ladas_of[state] - own)
    rows = [row for row in _lada_rows(places) if row.state == state]
    name = catalogue.states[state]
    shared_ladas = [f"{code} {catalogue.cities[code]}" for code in shared]
    return Scope(name, _("Todo {state}").format(state=name), rows, state, shared_ladas)


def _lada_rows(places: Sequence[LadaPlace]) -> list[ScopeRow]:
    return [
        ScopeRow(place.city, [number], place.state, place.code)
        for number, place in enumerate(places)
    ]
