"""The part of a report that has places: the map, states and LADAs."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.results.counts import Counts, Place
from portal.pages.results import figures
from portal.pages.results.figures import SumRow, Sums
from segments import gazetteer, shaded_map
from segments.gazetteer import Gazetteer
from segments.shaded_map import ShadedMap

MOST = 10  # LADAs that are displayed at once


class Places(NamedTuple):
    """Where a report's notifications were delivered; the largest places first.

    `most` are the LADAs with the most, with the others added up, and `others` each of these.
    """

    sentence: str
    map: ShadedMap
    states: Sums
    most: Sums | None
    others: Sums | None
    has_merged: bool


def of(by_state: Mapping[Place, Counts], by_lada: Mapping[Place, Counts]) -> Places | None:
    """Return the places of a summary's sums; None without any. `by_lada` may be empty."""
    if not by_state:
        return None
    names = gazetteer.current()
    states = _rows(by_state, names, are_states=True)
    drawn = {place.state: counts.delivered for place, counts in by_state.items() if place.state}
    most, others = _ladas(by_lada, names)
    return Places(
        _sentence(by_state, names),
        shaded_map.draw(drawn, names),
        Sums(
            _columns(pgettext("lugar", "Estado")),
            states,
            figures.total_row(figures.add_up(by_state.values())),
        ),
        most,
        others,
        any(not place.state for place in by_state) or any(not place.lada for place in by_lada),
    )


def _columns(first: str) -> tuple:
    return (first, *figures.COUNT_COLUMNS)


def _sorted(counts: Mapping[Place, Counts]) -> list[tuple[Place, Counts]]:
    """Return places with the most delivered first, and those that stand for several last."""
    return sorted(
        counts.items(), key=lambda pair: (not (pair[0].state), -pair[1].delivered, pair[0])
    )


def _rows(
    counts: Mapping[Place, Counts], names: Gazetteer, *, are_states: bool = False
) -> list[SumRow]:
    return [
        SumRow(_name(place, names, is_state=are_states), figures.cells(each))
        for place, each in _sorted(counts)
    ]


def _name(place: Place, names: Gazetteer, *, is_state: bool = False) -> str:
    if place.lada:
        return f"{place.lada} {names.cities.get(place.lada, '')}".rstrip()
    if not place.state:
        return _("Otros estados")
    state = names.states.get(place.state, place.state)
    return state if is_state else _("Otras LADA de {state}").format(state=state)


def _ladas(counts: Mapping[Place, Counts], names: Gazetteer) -> tuple[Sums | None, Sums | None]:
    """Return the table of the LADAs with the most, and that of the others."""
    if not counts:
        return None, None
    rows, columns = _rows(counts, names), _columns(_("LADA"))
    total = figures.total_row(figures.add_up(counts.values()))
    if len(rows) <= MOST + 1:
        return Sums(columns, rows, total), None
    rest = figures.add_up(each for _place, each in _sorted(counts)[MOST:])
    label = _("Las otras {number:,}").format(number=len(rows) - MOST)
    together = SumRow(label, figures.cells(rest))
    return Sums(columns, [*rows[:MOST], together], total), Sums(columns, rows[MOST:])


def _sentence(by_state: Mapping[Place, Counts], names: Gazetteer) -> str:
    [(place, most), *_others] = _sorted(by_state)
    total = figures.add_up(by_state.values()).delivered
    if not place.state or not most.delivered:
        return _("Todavía no hay entregas confirmadas por estado.")
    text = _("{state} es donde más se entregó: {count:,} de {total:,} ({rate}).")
    return text.format(
        state=_name(place, names, is_state=True),
        count=most.delivered,
        total=total,
        rate=figures.rate(most.delivered, total),
    )
