"""The template contexts of the style guide's examples."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from campaigns import differences
from campaigns.models import Brand, Campaign, Message
from campaigns.reports.delivery import Delivery
from campaigns.reports.progress import Progress
from campaigns.reports.zeros import Zero
from core.days import DayField
from portal.accounts.models import User
from portal.local.style_guide import design_tokens
from portal.pages.wizard import planned_days, steps

ICON = re.compile(r'--i-([a-z]+): url\("data:image/svg\+xml,([^"]+)"\)')


class Sample(forms.Form):
    """A form with a field of each kind; it is never saved."""

    name = forms.CharField(label=_("Nombre"))
    text = forms.CharField(
        label=_("Texto"),
        help_text=_("Hasta 90 caracteres, sin acentos."),
        widget=forms.Textarea({"rows": 3}),
    )
    volume = forms.IntegerField(
        label=_("Notificaciones"),
        widget=forms.TextInput,
        error_messages={
            "invalid": _("Escribe un número, como 50,000."),
            "required": _("Escribe cuántas quieres, como 50,000."),
        },
    )
    note = forms.CharField(label=_("Nota"), required=False)
    day = DayField(label=_("Primer día"))
    brand = forms.ChoiceField(
        label=_("Papel"), choices=[("editor", _("Editor")), ("v", _("Lector"))]
    )
    scope = forms.ChoiceField(
        label=_("¿Dónde debe salir?"),
        widget=forms.RadioSelect,
        choices=[("nation", _("Todo México")), ("zones", _("Elegir zonas"))],
        initial="nation",
    )
    agree = forms.BooleanField(
        label=_("Acepto las condiciones"),
        error_messages={"required": _("Léelas y acéptalas para seguir.")},
    )


def context(slug: str) -> dict[str, Any]:
    """Return the template context of a component's example."""
    return CONTEXTS[slug]() if slug in CONTEXTS else {}


def _samples() -> dict[str, Any]:
    wrong = Sample({"name": "Ana", "volume": "muchas", "brand": "v"}, auto_id="mal_%s")
    wrong.is_valid()
    return {"form": Sample(auto_id="ejemplo_%s"), "wrong": wrong}


def _choices() -> dict[str, Any]:
    return {"form": Sample(auto_id="opcion_%s")}


def _problems() -> dict[str, Any]:
    problems = Sample({"name": "Ana", "text": "Hola", "brand": "v", "scope": "zones"})
    problems.auto_id = "mal_%s"
    return {"form": problems}


def _statuses() -> dict[str, Any]:
    return {"statuses": Campaign.Status.choices}


def _week() -> dict[str, Any]:
    first = timezone.localdate()
    counts = [120_000, 180_000, 160_000, 240_000, 210_000, 90_000, 60_000]
    days = {first + timedelta(number): count for number, count in enumerate(counts)}
    return planned_days.chart_context(days, "planned")


def _stages() -> dict[str, Any]:
    states = ("done", "wrong", "missing", "missing", "missing")
    stages = [
        steps.Stage(step, number, number == 3, steps.State(state), [])
        for number, (step, state) in enumerate(zip(steps.STEPS, states, strict=True), 1)
    ]
    return {"stages": stages, "number": 3, "total": len(stages), "campaign": True}


def _page() -> dict[str, Any]:
    return {"page": Paginator(range(30), 10).page(2)}


def _difference() -> dict[str, Any]:
    fragments = differences.compare_words("Recarga $100 y gana", "Recarga $200 y gana mas datos")
    return {"difference": differences.Difference("text", "", fragments)}


def _conversation() -> dict[str, Any]:
    campaign = Campaign(brand=Brand(name="Pizzas La Nonna"))
    messages = [
        (Message.Side.STAFF, User(first_name="Rosa"), _("¿De qué plan es la recarga?")),
        (Message.Side.BRAND, User(first_name="Ana"), _("Del ilimitado de 30 días.")),
    ]
    lines = [
        {
            "own": side == Message.Side.BRAND,
            "message": Message(
                pk=number,
                campaign=campaign,
                side=side,
                author=author,
                body=str(body),
                at=timezone.now(),
                version_number=1,
            ),
        }
        for number, (side, author, body) in enumerate(messages, 1)
    ]
    return {"conversation": lines}


def _deliveries() -> dict[str, Any]:
    now = timezone.now()
    live = Delivery(500_000, 212_400, 187_316, 9_204, 6_120, now - timedelta(minutes=5))
    silent = Delivery(500_000, as_of=now - timedelta(hours=1), reason=Zero.SILENT)
    final = Delivery(500_000, 500_000, 468_044, 21_550, 10_406, now - timedelta(days=9), True)
    return {
        "deliveries": [Progress(live, 220_000), Progress(silent, 40_000), Progress(final, None)]
    }


def _icons() -> dict[str, Any]:
    stylesheet = design_tokens.read_stylesheet("css/components/icons.css")
    icons = [(name, mark_safe(unquote(svg))) for name, svg in ICON.findall(stylesheet)]  # noqa: S308 ours
    return {"icons": icons}


CONTEXTS = {
    "bar": lambda: {"delivery": Delivery(1_000_000, delivered=620_000)},
    "delivery": _deliveries,
    "field": _samples,
    "choice": _choices,
    "notice": _problems,
    "badge": _statuses,
    "charts": _week,
    "stepper": _stages,
    "pager": _page,
    "diff": _difference,
    "conversation": _conversation,
    "icons": _icons,
}
