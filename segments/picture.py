"""A picture of where something is read, for pages that only show it: no script, no fields.

A page carries each shape once, on a `Sheet`; its pictures point to them, so that a list of many
choices weighs little more than one.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments import frame, shapes
from segments.areas import listed
from segments.gazetteer import Gazetteer, current
from segments.shapes import Drawn, Zone

ALL = gettext_lazy("todo {state}")
ALL_OF = {  # two names take an article
    "09": gettext_lazy("toda la {state}"),
    "15": gettext_lazy("todo el {state}"),
}
SHOWN = 4  # places in a sentence before "y N más"


class Mark(NamedTuple):
    """One shape of a sheet, painted: `level` is whole, part or none; `told` names it."""

    shape: str
    level: str
    told: str = ""


class Name(NamedTuple):
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
    marks: list[Mark]
    names: list[Name]
    inset: bool  # something of the crowded middle is chosen, and not all of it alike
    partly: bool  # some state is chosen in part


class Sheet(NamedTuple):
    """The shapes that the pictures of a page use, and the frame that they share."""

    width: int
    height: int
    states: Collection[Drawn]
    zones: Collection[Zone]
    pictures: list[Picture]
    centre: tuple[int, int, int, int] = frame.CENTRE
    inset: tuple[int, int, int, int] = frame.INSET
    letter: int = frame.LETTER
    inset_letter: int = frame.INSET_LETTER


class _Places(NamedTuple):
    """The states by how many of their LADAs are chosen, in the order of their keys.

    One that is reached only by LADAs of its neighbours, or by those that a whole state brings
    along, is `touched`: its ground is that of the states
    where nothing is chosen, and the zone shows where it reaches.
    """

    whole: list[str]
    part: list[str]
    touched: list[str]
    none: list[str]


def sheet(choices: Iterable[Collection[str]], places: Gazetteer | None = None) -> Sheet:
    """Draw some choices of LADAs, one picture each, on one sheet.

    LADAs that the map does not know are left out of it.
    """
    places = places or current()
    country = shapes.country()
    pictures = [_picture(set(ladas), places) for ladas in choices]
    used = {mark.shape for picture in pictures for mark in picture.marks}
    zones = {zone.code: zone for zone in shapes.zones().values() if f"z{zone.code}" in used}
    return Sheet(country.width, country.height, country.states.values(), zones.values(), pictures)


def _picture(ladas: set[str], places: Gazetteer) -> Picture:
    levels = _levels(ladas, places)
    crowded = {*levels.whole, *levels.part, *levels.touched} & set(frame.CROWDED)
    told = in_words(ladas, places)
    if not levels.part and not levels.touched and not levels.none:
        return Picture(told, [Mark("mexico", "whole", told)], [], inset=False, partly=False)
    return Picture(
        told,
        _marks(ladas, levels, places),
        list(_names(ladas, levels, places)),
        inset=bool(crowded),
        partly=bool(levels.part),
    )


def _levels(ladas: set[str], places: Gazetteer) -> _Places:
    levels = _Places([], [], [], [])
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


def _marks(ladas: set[str], levels: _Places, places: Gazetteer) -> list[Mark]:
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

    def state(code: str, level: str) -> Mark:
        inside = places.ladas_of.get(code, frozenset())
        told = _("{place}: {chosen} de {total} LADA").format(
            place=places.states.get(code, code), chosen=len(inside & ladas), total=len(inside)
        )
        return Mark(f"e{code}", level, told)

    return [
        Mark("mexico", "none"),
        *(state(code, "whole") for code in mostly),
        *(Mark(f"z{zone.code}", "part", _zone_told(zone, places)) for zone in out),
        *(Mark(f"e{code}", "none") for code in sorted(reached_into)),
        *(state(code, "part") for code in few),
        *(state(code, "whole") for code in levels.whole),
        *(
            Mark(f"z{zone.code}", "whole", _zone_told(zone, places))
            for zone in _zones([*few, *levels.touched])
            if ladas.intersection(zone.ladas)
        ),
    ]


def _mostly(state: str, ladas: set[str], places: Gazetteer) -> bool:
    inside = places.ladas_of.get(state, frozenset())
    return 2 * len(inside & ladas) > len(inside)


def _zones(states: Collection[str]) -> list[Zone]:
    """Give the zones that lie in some of the states, or reach into them, each once."""
    drawn = {zone.code: zone for zone in shapes.zones().values()}
    return [zone for zone in drawn.values() if set(zone.states) & set(states)]


def _zone_told(zone: Zone, places: Gazetteer) -> str:
    return _("{codes} {city}").format(
        codes=", ".join(sorted(zone.ladas)), city=places.cities.get(zone.ladas[0], "")
    )


def _names(ladas: set[str], levels: _Places, places: Gazetteer) -> Iterable[Name]:
    """Write on the states that are chosen or mostly so, in the colours of their ground."""
    for code in [*levels.whole, *levels.part]:
        level = "whole" if _mostly(code, ladas, places) else "part"
        shape, text = shapes.country().states[code], places.abbreviations.get(code, code)
        in_map, in_inset = frame.has_room(shape, text), frame.in_centre(shape)
        if in_map or in_inset:
            yield Name(text, level, *shape.point, in_map, in_inset)


def in_words(ladas: Collection[str], places: Gazetteer | None = None) -> str:
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
        return _("Todo México menos {places}").format(places=listed(out, SHOWN))
    whole = [
        str(ALL_OF.get(code, ALL)).format(state=places.states[code])
        for code in _whole(chosen, places)
    ]
    told = listed([*whole, *_single(chosen, places)], SHOWN)
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
