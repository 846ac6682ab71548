"""The steps of the wizard, in order, and their state for a campaign."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from django.forms import RadioSelect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import readiness
from campaigns.models import Campaign
from portal.pages.wizard.forms import DataStep, DatesStep, ReviewStep, StepForm, TextStep, ZoneStep


class Step(NamedTuple):
    """A page of the wizard. `slug` is the part of its URL."""

    slug: str
    title: str | Promise
    form: type[StepForm]
    template: str

    def problems(self, found: Mapping[str, Sequence[str]]) -> "list[Problem]":
        """Return those of `readiness.problems` that concern the terms of this step."""
        return [
            Problem(term, self._anchor(term), message)
            for term in self.form.TERMS
            for message in found.get(term, ())
        ]

    def _anchor(self, term: str) -> str:
        name = self.form.FIELD_OF.get(term, term)
        is_choice = isinstance(self.form.base_fields[name].widget, RadioSelect)
        return f"id_{name}_0" if is_choice else f"id_{name}"


class Problem(NamedTuple):
    """What is wrong with a term, or that it is missing; `anchor` is the id of its field."""

    term: str
    anchor: str
    message: str


class State(StrEnum):
    """Of a step: all of it is right, something in it is wrong, or something is missing yet."""

    DONE = "done"
    WRONG = "wrong"
    MISSING = "missing"


class Stage(NamedTuple):
    """A step, and what a campaign has of it."""

    step: Step
    number: int
    is_here: bool  # the present page
    state: State
    problems: list[Problem]


STEPS = (
    Step("datos", _("Datos"), DataStep, "wizard/data_step.html"),
    Step("texto", _("Texto"), TextStep, "wizard/text_step.html"),
    Step("zona", _("Zona"), ZoneStep, "wizard/zone_step.html"),
    Step("fechas", _("Fechas y volumen"), DatesStep, "wizard/dates_step.html"),
    Step("revisar", _("Revisar y enviar"), ReviewStep, "wizard/review_step.html"),
)
BY_SLUG = {step.slug: step for step in STEPS}
FIRST, DATES, LAST = STEPS[0], STEPS[3], STEPS[-1]


def next_step(step: Step) -> Step:
    """Return the step after a step; the last is followed by itself."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def previous_step(step: Step) -> Step:
    """Return the step before a step; the first is preceded by itself."""
    return STEPS[max(STEPS.index(step) - 1, 0)]


def stages(campaign: Campaign | None, current: Step) -> list[Stage]:
    """Return the state of each step."""
    found = readiness.problems(campaign) if campaign else {}
    stages = []
    for number, step in enumerate(STEPS, 1):
        problems = step.problems(found)
        state = State.MISSING if step is LAST else _state(campaign, problems)
        stages.append(Stage(step, number, step is current, state, problems))
    return stages


def _state(campaign: Campaign | None, problems: Sequence[Problem]) -> State:
    if campaign is None:
        return State.MISSING
    if any(getattr(campaign, problem.term) for problem in problems):
        return State.WRONG
    return State.MISSING if problems else State.DONE


def first_incomplete(campaign: Campaign) -> Step:
    """Return the first step with a problem, or the last."""
    found = readiness.problems(campaign)
    return next((step for step in STEPS if step.problems(found)), LAST)
