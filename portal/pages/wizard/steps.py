"""The steps of the wizard, in order, and how far a campaign has come in each."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import readiness
from campaigns.models import Campaign
from portal.pages.wizard.forms import DataStep, DatesStep, ReviewStep, StepForm, TextStep, ZoneStep


class Step(NamedTuple):
    """A page of the wizard; `slug` is its place in the address."""

    slug: str
    title: str | Promise
    form: type[StepForm]
    template: str

    def problems(self, found: Mapping[str, Sequence[str]]) -> list[str]:
        """Give those of `readiness.problems` that are mended on this page."""
        return [line for name in self.form.TERMS for line in found.get(name, ())]


class Stage(NamedTuple):
    """A step as a campaign has it."""

    step: Step
    number: int
    state: str  # "here", "done" or "open"
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


def after(step: Step) -> Step:
    """Give the next step; the last is followed by itself."""
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def before(step: Step) -> Step:
    """Give the step before; the first is preceded by itself."""
    return STEPS[max(STEPS.index(step) - 1, 0)]


def stages(campaign: Campaign | None, here: Step) -> list[Stage]:
    """Say of each step whether it is done."""
    found = readiness.problems(campaign) if campaign else {}
    drawn = []
    for number, step in enumerate(STEPS, 1):
        problems = step.problems(found)
        done = campaign is not None and not problems and step is not LAST
        state = "here" if step is here else "done" if done else "open"
        drawn.append(Stage(step, number, state, problems))
    return drawn


def first_open(campaign: Campaign) -> Step:
    """Give the first step that still lacks something, or the last."""
    found = readiness.problems(campaign)
    return next((step for step in STEPS if step.problems(found)), LAST)


def step_of(field: str) -> Step:
    """Give the step that says a term."""
    return next(step for step in STEPS if field in step.form.TERMS)
