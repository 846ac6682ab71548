"""The grouped list of LADAs: by state, what is ticked, how many notifications a day."""

from typing import NamedTuple

from django.conf import settings

from portal.forms import CampaignForm
from segments.models import Lada, State


class LadaLine(NamedTuple):
    """One LADA of a state's list. `daily` is a mean day's notifications."""

    lada: Lada
    daily: int
    ticked: bool
    shared_with: list[Lada]


class StateGroup(NamedTuple):
    """A state of the list, its LADAs heaviest first."""

    state: State
    ticked: bool
    lines: list[LadaLine]
    chosen: int


def groups(form: CampaignForm) -> list[StateGroup]:
    """Draw the list as the form has it. A LADA of two states stands in both."""
    states, ladas = form.chosen("states"), form.chosen("ladas")
    drawn = []
    for group in Lada.objects.by_state():
        whole = group.state.code in states
        lines = [_line(lada, lada.code in ladas) for lada in group.ladas]
        chosen = len(lines) if whole else sum(line.ticked for line in lines)
        drawn.append(StateGroup(group.state, whole, lines, chosen))
    return drawn


def _line(lada: Lada, ticked: bool) -> LadaLine:
    others = [other for other in lada.zone.ladas.all() if other.code != lada.code]
    daily = settings.DAILY_NOTIFICATIONS * lada.weight_ppm // 1_000_000
    return LadaLine(lada, daily, ticked, others)
