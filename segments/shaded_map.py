"""A map of the states, each shaded by a count: the more, the darker."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from segments import map_layout, shapes
from segments.gazetteer import Gazetteer

SHADES = 4


class ShadedState(NamedTuple):
    """A state on the map; `shade` is 0 without a count, then from 1 to SHADES."""

    path: str
    shade: int
    title: str


class Shade(NamedTuple):
    """A shade of the legend, and the smallest and the largest count that has it."""

    shade: int
    least: int
    most: int


class ShadedMap(NamedTuple):
    """The map with its legend, the darkest shade first."""

    width: int
    height: int
    states: list[ShadedState]
    legend: list[Shade]
    centre: tuple[int, int, int, int] = map_layout.CENTRE_BOX
    inset: tuple[int, int, int, int] = map_layout.INSET_BOX
    font_size: int = map_layout.FONT_SIZE


def draw(counts: Mapping[str, int], places: Gazetteer) -> ShadedMap:
    """Return the map of counts by the keys of states; those of 0 count as missing."""
    country = shapes.country()
    shades = _shades(sorted((count for count in counts.values() if count), reverse=True))
    states = [
        _state(territory.path, places.states.get(code, code), counts.get(code, 0), shades)
        for code, territory in country.states.items()
    ]
    return ShadedMap(country.width, country.height, states, shades)


def _shades(counts: Sequence[int]) -> list[Shade]:
    """Split counts, the largest first, into groups of about the same length."""
    number = min(SHADES, len(set(counts)))
    found: list[Shade] = []
    rest = list(counts)
    for left in range(number, 0, -1):
        least = rest[max(len(rest) // left - 1, 0)]
        found.append(Shade(SHADES - number + left, least, rest[0]))
        rest = [count for count in rest if count < least]
        if not rest:
            break
    return found


def _state(path: str, name: str, count: int, shades: Sequence[Shade]) -> ShadedState:
    shade = next((each.shade for each in shades if count >= each.least), 0) if count else 0
    return ShadedState(path, shade, _("{place}: {count:,}").format(place=name, count=count))
