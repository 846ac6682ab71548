"""The map beside the list of zones: its states, and what its script needs to know."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, Protocol

from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segments import map_layout, shapes
from segments.map_layout import (
    CENTRE_BOX,
    CENTRE_STATES,
    FONT_SIZE,
    INSET_BOX,
    INSET_FONT_SIZE,
)
from segments.shapes import Territory


class Line(Protocol):
    @property
    def code(self) -> str: ...


class State(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def abbreviation(self) -> str: ...
    @property
    def lines(self) -> Collection[Line]: ...


class Place(NamedTuple):
    """A state as the map shows it: `level` is whole, part or none."""

    code: str
    shape: Territory
    level: str
    told: str
    name: str  # what is written on it, if there is room
    inset_name: str  # and in the inset


class Map(NamedTuple):
    width: int
    height: int
    places: list[Place]
    crowded: list[Place]
    centre: tuple[int, int, int, int]
    inset: tuple[int, int, int, int]
    letter: int
    inset_letter: int
    summary: str


def drawn(states: Iterable[State], reached: Collection[str]) -> Map:
    """Draw the states, by how many of their LADAs are reached."""
    country = shapes.country()
    places = [_place(state, country.states[state.code], reached) for state in states]
    return Map(
        country.width,
        country.height,
        places,
        [place for place in places if place.code in CENTRE_STATES],
        CENTRE_BOX,
        INSET_BOX,
        FONT_SIZE,
        INSET_FONT_SIZE,
        _summary(places),
    )


def _place(state: State, shape: Territory, reached: Collection[str]) -> Place:
    chosen = sum(line.code in reached for line in state.lines)
    level = "none" if not chosen else "whole" if chosen == len(state.lines) else "part"
    told = _("{place}: {chosen} de {total} LADA").format(
        place=state.name, chosen=chosen, total=len(state.lines)
    )
    name = state.abbreviation
    return Place(
        state.code,
        shape,
        level,
        told,
        name if map_layout.name_fits(shape, name) else "",
        name if map_layout.name_in_centre(shape) else "",
    )


def _summary(places: Iterable[Place]) -> str:
    levels = [place.level for place in places]
    return _("Mapa de México: {whole} estados completos, {part} en parte.").format(
        whole=levels.count("whole"), part=levels.count("part")
    )


def files() -> dict[str, str]:
    """Give where a browser finds the zones of each state, and the cities that a search knows."""
    found = {code: static(f"map/zonas-{code}.json") for code in shapes.country().states}
    return found | {"cities": static("map/ciudades.json")}


def words() -> dict[str, Any]:
    """Give what the script says, in the page's language; pairs are for one and for several."""

    def both(one: str, several: str) -> list[str]:
        return [ngettext(one, several, 1), ngettext(one, several, 2)]

    return {
        "count": _("{chosen} de {total}"),
        "told": _("{place}: {chosen} de {total} LADA"),
        "zone": _("{codes} {city}"),
        "whole": _("elegida"),
        "part": _("elegida en parte"),
        "none": _("sin elegir"),
        "and": _(" y "),
        "chip": _("{state}: {chosen} de {total}"),
        "drop": _("Quitar {state}"),
        "open": _("Ver las LADA de {state}"),
        "failed": _("No pudimos abrir el mapa de {state}. Elige sus LADA en la lista."),
        "found": both("{n} LADA en {states}", "{n} LADA en {states}"),
        "states": both("{n} estado", "{n} estados"),
        "nothing": _("Ninguna LADA coincide con «{text}». Prueba con otra ciudad o clave."),
        "includes": _("incluye {cities}"),
        "known": both("{n} reconocida", "{n} reconocidas"),
        "repeated": both("{n} repetida", "{n} repetidas"),
        "unknown": both("{n} no existe: {codes}", "{n} no existen: {codes}"),
        "more": _("{some} y {n} más"),
        "no_codes": _("No hay claves en el texto. Escribe las LADA así: 55, 33, 81."),
        "include": both("Agregar {n} LADA", "Agregar {n} LADA"),
        "exclude": both("Excluir {n} LADA", "Excluir {n} LADA"),
        "included": both("{n} LADA agregada a tu zona.", "{n} LADA agregadas a tu zona."),
        "excluded": both("{n} LADA fuera de tu zona.", "{n} LADA fuera de tu zona."),
        "applied": _("Aplicaste «{name}»."),
    }
