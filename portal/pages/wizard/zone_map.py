"""The map of the zone picker: its states, and the data of its script."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, Protocol

from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from segments import map_layout, pasted_places, shapes
from segments.map_layout import (
    CENTRE_BOX,
    CENTRE_STATES,
    FONT_SIZE,
    INSET_BOX,
    INSET_FONT_SIZE,
)
from segments.shapes import Territory


class HasCode(Protocol):
    """A LADA, by its code."""

    @property
    def code(self) -> str: ...


class MapState(Protocol):
    """A state with its LADAs."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def abbreviation(self) -> str: ...
    @property
    def ladas(self) -> Collection[HasCode]: ...


class StateShape(NamedTuple):
    """A state on the map. `level` is "whole", "part" or "none", by how many LADAs are chosen."""

    code: str
    shape: Territory
    level: str
    label: str
    name: str  # written on the state, if there is room
    inset_name: str  # written on the state in the inset


class ZoneMap(NamedTuple):
    """The context of `wizard/zone_map.html`; lengths are units of the SVG."""

    width: int
    height: int
    states: list[StateShape]
    crowded: list[StateShape]
    centre: tuple[int, int, int, int]
    inset: tuple[int, int, int, int]
    letter: int
    inset_letter: int
    summary: str


def draw(states: Iterable[MapState], chosen: Collection[str]) -> ZoneMap:
    """Return the map of the states, coloured by how many of their LADAs are chosen."""
    country = shapes.country()
    state_shapes = [_shape(state, country.states[state.code], chosen) for state in states]
    return ZoneMap(
        country.width,
        country.height,
        state_shapes,
        [state for state in state_shapes if state.code in CENTRE_STATES],
        CENTRE_BOX,
        INSET_BOX,
        FONT_SIZE,
        INSET_FONT_SIZE,
        _summary(state_shapes),
    )


def _shape(state: MapState, shape: Territory, chosen: Collection[str]) -> StateShape:
    count = sum(lada.code in chosen for lada in state.ladas)
    level = "none" if not count else "whole" if count == len(state.ladas) else "part"
    label = _("{place}: {chosen} de {total} LADA").format(
        place=state.name, chosen=count, total=len(state.ladas)
    )
    name = state.abbreviation
    return StateShape(
        state.code,
        shape,
        level,
        label,
        name if map_layout.name_fits(shape, name) else "",
        name if map_layout.name_in_centre(shape) else "",
    )


def _summary(states: Iterable[StateShape]) -> str:
    levels = [state.level for state in states]
    return _("Mapa de México: {whole} estados completos, {part} en parte.").format(
        whole=levels.count("whole"), part=levels.count("part")
    )


def file_urls() -> dict[str, str]:
    """Return the URLs of the zones of each state, of the search, and of pasted texts."""
    zones = {code: static(f"map/zonas-{code}.json") for code in shapes.country().states}
    return zones | {
        "search": reverse("portal:search_zones"),
        "pasted": reverse("portal:read_pasted"),
    }


def script_texts() -> dict[str, Any]:
    """Return the texts of the page's script; a pair is a singular and a plural."""

    def pair(one: str, several: str) -> list[str]:
        return [ngettext(one, several, 1), ngettext(one, several, 2)]

    return {
        "count": _("{chosen} de {total}"),
        "label": _("{place}: {chosen} de {total} LADA"),
        "zone": _("{codes} {city}"),
        "whole": _("elegida"),
        "part": _("elegida en parte"),
        "none": _("sin elegir"),
        "and": _(" y "),
        "chip": _("{state}: {chosen} de {total}"),
        "drop": _("Quitar {state}"),
        "open": _("Ver {state}"),
        "choose_whole": _("Elegir todo {state}"),
        "drop_whole": _("Quitar todo {state}"),
        "failed": _("No pudimos abrir el mapa de {state}. Elige sus LADA en la lista."),
        "found": pair("{n} LADA en {states}", "{n} LADA en {states}"),
        "states": pair("{n} estado", "{n} estados"),
        "nothing": _("Ninguna LADA coincide con «{text}». Prueba con otra ciudad o clave."),
        "includes": _("incluye {cities}"),
        "search_failed": _("No pudimos buscar. Elige en la lista o intenta de nuevo."),
        "no_places": pasted_places.read("").message,
        "read_failed": _("No pudimos revisar tu texto. Intenta de nuevo."),
        "include": pair("Agregar {n} LADA", "Agregar {n} LADA"),
        "exclude": pair("Excluir {n} LADA", "Excluir {n} LADA"),
        "included": pair("{n} LADA agregada a tu zona.", "{n} LADA agregadas a tu zona."),
        "excluded": pair("{n} LADA fuera de tu zona.", "{n} LADA fuera de tu zona."),
        "applied": _("Aplicaste «{name}»."),
    }
