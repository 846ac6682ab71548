"""Static maps of areas, drawn as SVG for pages that only display them.

A page has each shape once, in a `PictureSheet`, and its pictures refer to them, so that a list
of many areas is little larger than one.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments import map_layout, shapes
from segments.areas import join_names
from segments.gazetteer import Gazetteer, current
from segments.shapes import Territory, ZoneOutline

WHOLE_STATE = gettext_lazy("todo {state}")
WHOLE_STATE_WITH_ARTICLE = {
    "09": gettext_lazy("toda la {state}"),
    "15": gettext_lazy("todo el {state}"),
}
MAX_PLACES = 4  # in a sentence before "y N más"


class PaintedShape(NamedTuple):
    """A shape of the sheet with its colour: `level` is whole, part or none."""

    shape: str
    level: str
    title: str = ""


class StateLabel(NamedTuple):
    """The abbreviation written on a state."""

    text: str
    level: str
    x: int
    y: int
    in_map: bool  # fits on the map of the country
    in_inset: bool


class AreaPicture(NamedTuple):
    """The map of one area: its shapes in painting order, and the same as a sentence."""

    description: str
    shapes: list[PaintedShape]
    labels: list[StateLabel]
    has_inset: bool  # some of the enlarged centre is chosen, but not the whole country
    has_partial_states: bool


class PictureSheet(NamedTuple):
    """The shapes that the pictures of a page use, and their common layout."""

    width: int
    height: int
    states: Collection[Territory]
    zones: Collection[ZoneOutline]
    pictures: list[AreaPicture]
    centre: tuple[int, int, int, int] = map_layout.CENTRE_BOX
    inset: tuple[int, int, int, int] = map_layout.INSET_BOX
    font_size: int = map_layout.FONT_SIZE
    inset_font_size: int = map_layout.INSET_FONT_SIZE


class _StateLevels(NamedTuple):
    """The states by how many of their LADAs are chosen, in the order of their keys.

    A state is `reached` if its chosen LADAs all have their main city in another state or belong
    to a state that is chosen whole. It is painted like a state without chosen LADAs, and the
    zone shows where it reaches.
    """

    whole: list[str]
    part: list[str]
    reached: list[str]
    none: list[str]


def draw(areas: Iterable[Collection[str]], places: Gazetteer | None = None) -> PictureSheet:
    """Return a sheet with one picture for each area, given as LADAs.

    LADAs that the map does not have are not drawn.
    """
    places = places or current()
    country = shapes.country()
    pictures = [_picture(set(ladas), places) for ladas in areas]
    used = {painted.shape for picture in pictures for painted in picture.shapes}
    zones = {zone.code: zone for zone in shapes.zones().values() if f"z{zone.code}" in used}
    return PictureSheet(
        country.width, country.height, country.states.values(), zones.values(), pictures
    )


def _picture(ladas: set[str], places: Gazetteer) -> AreaPicture:
    levels = _levels(ladas, places)
    in_centre = {*levels.whole, *levels.part, *levels.reached} & set(map_layout.CENTRE_STATES)
    description = describe(ladas, places)
    if not levels.part and not levels.reached and not levels.none:
        country = PaintedShape("mexico", "whole", description)
        return AreaPicture(description, [country], [], has_inset=False, has_partial_states=False)
    return AreaPicture(
        description,
        _painted_shapes(ladas, levels, places),
        list(_labels(ladas, levels, places)),
        has_inset=bool(in_centre),
        has_partial_states=bool(levels.part),
    )


def _levels(ladas: set[str], places: Gazetteer) -> _StateLevels:
    levels = _StateLevels([], [], [], [])
    others = ladas - _ladas_of_states(_whole_states(ladas, places), places)
    for state in shapes.country().states:
        inside = places.ladas_of.get(state, frozenset())
        chosen = inside & ladas
        if not chosen:
            levels.none.append(state)
        elif chosen == inside:
            levels.whole.append(state)
        elif any(_main_state(lada) == state for lada in chosen & others):
            levels.part.append(state)
        else:
            levels.reached.append(state)
    return levels


def _whole_states(ladas: Collection[str], places: Gazetteer) -> list[str]:
    """Return the states that are chosen whole, in Spanish order."""
    chosen, inside = set(ladas), places.ladas_of
    return [code for code in places.states if inside[code] and inside[code] <= chosen]


def _ladas_of_states(states: Iterable[str], places: Gazetteer) -> set[str]:
    return set[str]().union(*(places.ladas_of[code] for code in states))


def _main_state(lada: str) -> str:
    """Return the state of a LADA's main city, or "" if the map does not have the LADA."""
    zone = shapes.zones().get(lada)
    return zone.states[0] if zone else ""


def _painted_shapes(ladas: set[str], levels: _StateLevels, places: Gazetteer) -> list[PaintedShape]:
    """Return the shapes to paint, bottom first.

    In a state chosen in part, the fewer zones are painted: its chosen zones on the state, or the
    excluded ones on a state painted as chosen. An excluded zone that spans two states reaches
    into the other one, which is painted over it.
    """
    mostly = [state for state in levels.part if _is_mostly_chosen(state, ladas, places)]
    few = [state for state in levels.part if state not in mostly]
    excluded = [zone for zone in _zones(mostly) if not ladas.intersection(zone.ladas)]
    reached_into = {state for zone in excluded for state in zone.states}
    reached_into &= {*levels.none, *levels.reached}

    def state(code: str, level: str) -> PaintedShape:
        inside = places.ladas_of.get(code, frozenset())
        title = _("{place}: {chosen} de {total} LADA").format(
            place=places.states.get(code, code), chosen=len(inside & ladas), total=len(inside)
        )
        return PaintedShape(f"e{code}", level, title)

    return [
        PaintedShape("mexico", "none"),
        *(state(code, "whole") for code in mostly),
        *(PaintedShape(f"z{zone.code}", "part", _zone_title(zone, places)) for zone in excluded),
        *(PaintedShape(f"e{code}", "none") for code in sorted(reached_into)),
        *(state(code, "part") for code in few),
        *(state(code, "whole") for code in levels.whole),
        *(
            PaintedShape(f"z{zone.code}", "whole", _zone_title(zone, places))
            for zone in _zones([*few, *levels.reached])
            if ladas.intersection(zone.ladas)
        ),
    ]


def _is_mostly_chosen(state: str, ladas: set[str], places: Gazetteer) -> bool:
    inside = places.ladas_of.get(state, frozenset())
    return 2 * len(inside & ladas) > len(inside)


def _zones(states: Collection[str]) -> list[ZoneOutline]:
    """Return the zones that lie in the states or reach into them, each once."""
    zones = {zone.code: zone for zone in shapes.zones().values()}
    return [zone for zone in zones.values() if set(zone.states) & set(states)]


def _zone_title(zone: ZoneOutline, places: Gazetteer) -> str:
    return _("{codes} {city}").format(
        codes=", ".join(sorted(zone.ladas)), city=places.cities.get(zone.ladas[0], "")
    )


def _labels(ladas: set[str], levels: _StateLevels, places: Gazetteer) -> Iterable[StateLabel]:
    """Yield the labels of the states that are chosen whole or in part."""
    for code in [*levels.whole, *levels.part]:
        level = "whole" if _is_mostly_chosen(code, ladas, places) else "part"
        state, text = shapes.country().states[code], places.abbreviations.get(code, code)
        in_map, in_inset = map_layout.name_fits(state, text), map_layout.name_in_centre(state)
        if in_map or in_inset:
            yield StateLabel(text, level, *state.point, in_map, in_inset)


def describe(ladas: Collection[str], places: Gazetteer | None = None) -> str:
    """Return what a picture shows: "Todo Nuevo León y 12 LADA de Jalisco", without a full stop.

    A single LADA is named: "33 Guadalajara". A LADA that spans two states is counted in the state
    of its main city, and not at all if it belongs to a state that is chosen whole. If most of
    the country is chosen, the missing part is named.
    """
    places = places or current()
    chosen = places.cities.keys() & set(ladas)
    missing = places.cities.keys() - chosen
    if not chosen:
        return _("Ninguna LADA")
    if not missing:
        return _("Todo México")
    if len(missing) < len(chosen) / 4:
        names = [*(places.states[code] for code in _whole_states(missing, places))]
        names += _other_ladas(missing, places)
        return _("Todo México menos {places}").format(places=join_names(names, MAX_PLACES))
    whole = [
        str(WHOLE_STATE_WITH_ARTICLE.get(code, WHOLE_STATE)).format(state=places.states[code])
        for code in _whole_states(chosen, places)
    ]
    text = join_names([*whole, *_other_ladas(chosen, places)], MAX_PLACES)
    return text[:1].upper() + text[1:]


def _other_ladas(ladas: Collection[str], places: Gazetteer) -> list[str]:
    """Describe the LADAs that belong to no whole state, by the state of their main city."""
    by_state: dict[str, list[str]] = {}
    for lada in sorted(set(ladas) - _ladas_of_states(_whole_states(ladas, places), places)):
        by_state.setdefault(_main_state(lada), []).append(lada)
    largest_first = sorted(by_state.items(), key=lambda item: -len(item[1]))
    return [_describe_ladas(state, inside, places) for state, inside in largest_first]


def _describe_ladas(state: str, ladas: Sequence[str], places: Gazetteer) -> str:
    if len(ladas) == 1:
        return f"{ladas[0]} {places.cities[ladas[0]]}"
    return _("{n} LADA de {state}").format(n=len(ladas), state=places.states.get(state, state))
