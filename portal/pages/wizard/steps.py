"""The steps of the wizard, in order, and their state for a campaign."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

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

    def problems(self, found: Mapping[str, Sequence[str]]) -> list[str]:
        """Return those of `readiness.problems` that concern the fields of this step."""
        return [line for name in self.form.TERMS for line in found.get(name, ())]


class Stage(NamedTuple):
    """The state of a step for a campaign."""

    step: Step
    number: int
    state: str  # "here" (the present page), "done" or "open"
    problems: list[str]


STEPS = (
    Step("datos", _("Datos"), DataStep, "wizard/data_step.html"),
    Step("texto", _("Texto"), TextStep, "wizard/text_step.html"),
    Step("zona", _("Zona"), ZoneStep, "wizard/zone_step.html"),
    Step("fechas", _("Fechas y volumen"), DatesStep, "wizard/dates_step.html"),
    Step("revisar", _("Revisar y enviar"), ReviewStep, "wizard/review_step.html"),
)
BY_SLUG = {step.slug: step for step in STEPS}
FIRST, LAST = STEPS[0], STEPS[-1]


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
        done = campaign is not None and not problems and step is not LAST
        state = "here" if step is current else "done" if done else "open"
        stages.append(Stage(step, number, state, problems))
    return stages


def first_incomplete(campaign: Campaign) -> Step:
    """Return the first step with a problem, or the last."""
    found = readiness.problems(campaign)
    return next((step for step in STEPS if step.problems(found)), LAST)


def step_of_field(field: str) -> Step:
    """Return the step that has a field."""
    return next(step for step in STEPS if field in step.form.TERMS)
