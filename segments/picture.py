"""A picture of where something is read, for pages that only show it: no script, no fields.

A page carries each shape once, on a `PictureSheet`; its pictures point to them, so that a list of many
choices weighs little more than one.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments import map_layout, shapes
from segments.areas import join_names
from segments.gazetteer import Gazetteer, current
from segments.shapes import Territory, ZoneOutline

ALL = gettext_lazy("todo {state}")
ALL_OF = {  # two names take an article
    "09": gettext_lazy("toda la {state}"),
    "15": gettext_lazy("todo el {state}"),
}
MAX_PLACES = 4  # places in a sentence before "y N más"


class PaintedShape(NamedTuple):
    """One shape of a sheet, painted: `level` is whole, part or none; `told` names it."""

    shape: str
    level: str
    told: str = ""


class StateLabel(NamedTuple):
    """What is written on a state."""

    text: str
    level: str
    x: int
    y: int
    in_map: bool  # has room on the country
    in_inset: bool


class Picture(NamedTuple):
    """One choice: its marks in the order of painting, and the same in a sentence."""

    told: str
    marks: list[PaintedShape]
    names: list[StateLabel]
    inset: bool  # something of the crowded middle is chosen, and not all of it alike
    partly: bool  # some state is chosen in part


class PictureSheet(NamedTuple):
    """The shapes that the pictures of a page use, and the frame that they share."""

    width: int
    height: int
    states: Collection[Territory]
    zones: Collection[ZoneOutline]
    pictures: list[Picture]
    centre: tuple[int, int, int, int] = map_layout.CENTRE_BOX
    inset: tuple[int, int, int, int] = map_layout.INSET_BOX
    letter: int = map_layout.FONT_SIZE
    inset_letter: int = map_layout.INSET_FONT_SIZE


class _StateLevels(NamedTuple):
    """The states by how many of their LADAs are chosen, in the order of their keys.

    One that is reached only by LADAs of its neighbours, or by those that a whole state brings
    along, is `touched`: its ground is that of the states
    where nothing is chosen, and the zone shows where it reaches.
    """

    whole: list[str]
    part: list[str]
    touched: list[str]
    none: list[str]


def draw(choices: Iterable[Collection[str]], places: Gazetteer | None = None) -> PictureSheet:
    """Draw some choices of LADAs, one picture each, on one sheet.

    LADAs that the map does not know are left out of it.
    """
    places = places or current()
    country = shapes.country()
    pictures = [_picture(set(ladas), places) for ladas in choices]
    used = {mark.shape for picture in pictures for mark in picture.marks}
    zones = {zone.code: zone for zone in shapes.zones().values() if f"z{zone.code}" in used}
    return PictureSheet(
        country.width, country.height, country.states.values(), zones.values(), pictures
    )


def _picture(ladas: set[str], places: Gazetteer) -> Picture:
    levels = _levels(ladas, places)
    crowded = {*levels.whole, *levels.part, *levels.touched} & set(map_layout.CENTRE_STATES)
    told = describe(ladas, places)
    if not levels.part and not levels.touched and not levels.none:
        return Picture(told, [PaintedShape("mexico", "whole", told)], [], inset=False, partly=False)
    return Picture(
        told,
        _marks(ladas, levels, places),
        list(_names(ladas, levels, places)),
        inset=bool(crowded),
        partly=bool(levels.part),
    )


def _levels(ladas: set[str], places: Gazetteer) -> _StateLevels:
    levels = _StateLevels([], [], [], [])
    single = ladas - _brought(_whole(ladas, places), places)
    for state in shapes.country().states:
        inside = places.ladas_of.get(state, frozenset())
        chosen = inside & ladas
        if not chosen:
            levels.none.append(state)
        elif chosen == inside:
            levels.whole.append(state)
        elif any(_home(lada) == state for lada in chosen & single):
            levels.part.append(state)
        else:
            levels.touched.append(state)
    return levels


def _whole(ladas: Collection[str], places: Gazetteer) -> list[str]:
    """Give the states that are chosen whole, in Spanish order."""
    chosen, inside = set(ladas), places.ladas_of
    return [code for code in places.states if inside[code] and inside[code] <= chosen]


def _brought(states: Iterable[str], places: Gazetteer) -> set[str]:
    return set[str]().union(*(places.ladas_of[code] for code in states))


def _home(lada: str) -> str:
    """Give the state of a LADA's main city; nothing where the map does not know it."""
    zone = shapes.zones().get(lada)
    return zone.states[0] if zone else ""


def _marks(ladas: set[str], levels: _StateLevels, places: Gazetteer) -> list[PaintedShape]:
    """Give what is painted, the lowest first.

    Of a state in part, the fewer are painted: its chosen zones on its ground, or those that are
    not on a chosen state. A zone that spans two states and is not chosen reaches into the other
    one, and is painted over there by that state itself.
    """
    mostly = [state for state in levels.part if _mostly(state, ladas, places)]
    few = [state for state in levels.part if state not in mostly]
    out = [zone for zone in _zones(mostly) if not ladas.intersection(zone.ladas)]
    reached_into = {state for zone in out for state in zone.states}
    reached_into &= {*levels.none, *levels.touched}

    def state(code: str, level: str) -> PaintedShape:
        inside = places.ladas_of.get(code, frozenset())
        told = _("{place}: {chosen} de {total} LADA").format(
            place=places.states.get(code, code), chosen=len(inside & ladas), total=len(inside)
        )
        return PaintedShape(f"e{code}", level, told)

    return [
        PaintedShape("mexico", "none"),
        *(state(code, "whole") for code in mostly),
        *(PaintedShape(f"z{zone.code}", "part", _zone_told(zone, places)) for zone in out),
        *(PaintedShape(f"e{code}", "none") for code in sorted(reached_into)),
        *(state(code, "part") for code in few),
        *(state(code, "whole") for code in levels.whole),
        *(
            PaintedShape(f"z{zone.code}", "whole", _zone_told(zone, places))
            for zone in _zones([*few, *levels.touched])
            if ladas.intersection(zone.ladas)
        ),
    ]


def _mostly(state: str, ladas: set[str], places: Gazetteer) -> bool:
    inside = places.ladas_of.get(state, frozenset())
    return 2 * len(inside & ladas) > len(inside)


def _zones(states: Collection[str]) -> list[ZoneOutline]:
    """Give the zones that lie in some of the states, or reach into them, each once."""
    drawn = {zone.code: zone for zone in shapes.zones().values()}
    return [zone for zone in drawn.values() if set(zone.states) & set(states)]


def _zone_told(zone: ZoneOutline, places: Gazetteer) -> str:
    return _("{codes} {city}").format(
        codes=", ".join(sorted(zone.ladas)), city=places.cities.get(zone.ladas[0], "")
    )


def _names(ladas: set[str], levels: _StateLevels, places: Gazetteer) -> Iterable[StateLabel]:
    """Write on the states that are chosen or mostly so, in the colours of their ground."""
    for code in [*levels.whole, *levels.part]:
        level = "whole" if _mostly(code, ladas, places) else "part"
        shape, text = shapes.country().states[code], places.abbreviations.get(code, code)
        in_map, in_inset = map_layout.name_fits(shape, text), map_layout.name_in_centre(shape)
        if in_map or in_inset:
            yield StateLabel(text, level, *shape.point, in_map, in_inset)


def describe(ladas: Collection[str], places: Gazetteer | None = None) -> str:
    """Say what a picture shows: "Todo Nuevo León y 12 LADA de Jalisco", without a full stop.

    One alone is named: "33 Guadalajara". A LADA that spans two states is counted where its
    main city is, and not at all where a state that is chosen whole brings it along. With most
    of the country, what is missing is said.
    """
    places = places or current()
    chosen = places.cities.keys() & set(ladas)
    missing = places.cities.keys() - chosen
    if not chosen:
        return _("Ninguna LADA")
    if not missing:
        return _("Todo México")
    if len(missing) < len(chosen) / 4:
        out = [*(places.states[code] for code in _whole(missing, places))]
        out += _single(missing, places)
        return _("Todo México menos {places}").format(places=join_names(out, MAX_PLACES))
    whole = [
        str(ALL_OF.get(code, ALL)).format(state=places.states[code])
        for code in _whole(chosen, places)
    ]
    told = join_names([*whole, *_single(chosen, places)], MAX_PLACES)
    return told[:1].upper() + told[1:]


def _single(ladas: Collection[str], places: Gazetteer) -> list[str]:
    """Say the LADAs that no whole state brings along, by the state of their main city."""
    found: dict[str, list[str]] = {}
    for lada in sorted(set(ladas) - _brought(_whole(ladas, places), places)):
        found.setdefault(_home(lada), []).append(lada)
    by_number = sorted(found.items(), key=lambda item: -len(item[1]))
    return [_some(state, inside, places) for state, inside in by_number]


def _some(state: str, ladas: Sequence[str], places: Gazetteer) -> str:
    if len(ladas) == 1:
        return f"{ladas[0]} {places.cities[ladas[0]]}"
    return _("{n} LADA de {state}").format(n=len(ladas), state=places.states.get(state, state))
