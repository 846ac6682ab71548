"""The grouped list of LADAs: by state, what is ticked, how many notifications a day."""

from typing import NamedTuple

from django.conf import settings

from portal.forms import ZoneStep
from segments.gazetteer import Gazetteer
from segments.models import Lada


class LadaLine(NamedTuple):
    """One LADA of a state's list. `daily` is a mean day's notifications."""

    code: str
    city: str
    daily: int
    overlays: str  # the other codes of the same territory, "56" or "220, 221"


class StateLines(NamedTuple):
    """A state of the list, its LADAs heaviest first."""

    code: str
    name: str
    lines: tuple[LadaLine, ...]


class StateGroup(NamedTuple):
    """A state as one form has it."""

    state: StateLines
    ticked: bool
    lines: list[tuple[LadaLine, bool]]
    chosen: int


def groups(form: ZoneStep) -> list[StateGroup]:
    """Draw the list as the form has it. A LADA of two states stands in both."""
    states, ladas = form.chosen("states"), form.chosen("ladas")
    drawn = []
    for state in _listed(form.places):
        whole = state.code in states
        lines = [(line, line.code in ladas) for line in state.lines]
        chosen = len(lines) if whole else sum(ticked for _line, ticked in lines)
        drawn.append(StateGroup(state, whole, lines, chosen))
    return drawn


_kept: tuple[Gazetteer, list[StateLines]] | None = None


def _listed(places: Gazetteer) -> list[StateLines]:
    """Give the list of the catalogue that stands; it is made once for each load."""
    global _kept
    if _kept is None or _kept[0] is not places:
        listed = [
            StateLines(
                group.state.code,
                group.state.common_name,
                tuple(_line(lada) for lada in group.ladas),
            )
            for group in Lada.objects.by_state()
        ]
        _kept = (places, listed)
    return _kept[1]


def _line(lada: Lada) -> LadaLine:
    others = sorted(other.code for other in lada.overlaps)
    daily = settings.DAILY_NOTIFICATIONS * lada.weight_ppm // 1_000_000
    return LadaLine(lada.code, lada.city, daily, ", ".join(others))
