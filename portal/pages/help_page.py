"""Help: the channel's rules as the law has them, with examples that the law itself judges."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from campaigns import ad_text, readiness
from campaigns.ad_text import marked_copy
from campaigns.ad_text.marked_copy import Reading
from portal.accounts import access

GOOD: tuple[str | Promise, ...] = (
    _("Recarga $100 y recibe 2 GB. Detalles en movistar.mx/promo"),
    _("Hoy 2 por 1 en cafe de grano, hasta las 8 pm. Llama al 5512345678"),
    _("Vacuna gratis en tu centro de salud, lunes a viernes de 9 a 14 h"),
    _("Inscripciones abiertas hasta el 30 de enero. Escribe a hola@escuela.mx o marca 3312345678"),
)
BAD: tuple[str | Promise, ...] = (
    _("¡Últimos días! 50% de descuento en pizzas"),
    _("Aprovecha: llámanos al 55-1234-5678"),
    _("Año nuevo, plan nuevo"),
    _("Entra a https://movistar.mx/promo y pide “tu regalo” 🎁"),
    _(
        "Este texto cuenta con mucho detalle todo lo que la tienda ofrece esta semana y por eso "
        "ya no cabe en una sola notificacion"
    ),
)
#: Signs whose replacement is told: those that people write most.
COMMON = "áéíóúü:;¡¿?!%&+-–_\\\"“”'«»…"


class Example(NamedTuple):
    """A text and all that the law says of it; `fixed` is empty where a person has to decide."""

    reading: Reading
    fixed: str


class Swap(NamedTuple):
    """What a sign becomes, in the words of its button."""

    signs: list[str]
    remedy: str


@login_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Show the rules of the channel; every number and verdict comes from the law in force."""
    brand = access.home_brand(request)
    context = {
        "brand": brand,
        "nav": "help",
        "limit": settings.AD_TEXT_LIMIT,
        "rule": marked_copy.read("", limit=settings.AD_TEXT_LIMIT).rule,
        "signs": [sign for sign in ad_text.ALPHABET if not sign.isalnum() and sign != " "],
        "good": [_example(str(text)) for text in GOOD],
        "bad": [_example(str(text)) for text in BAD],
        "swaps": _swaps(),
        "lead_hours": settings.LEAD_HOURS,
        "link_days": settings.LINK_DAYS_AFTER_END,
        "first_day": readiness.first_possible_day(),
        "last_day": readiness.last_open_day(),
        "changes_hours": settings.CHANGES_HOLD_HOURS,
        "offer_hours": settings.OFFER_HOURS,
        "open_holds": settings.OPEN_HOLDS_PER_BRAND,
        "daily": settings.DAILY_NOTIFICATIONS,
    }
    return render(request, "help_page.html", context)


def _example(text: str) -> Example:
    limit = settings.AD_TEXT_LIMIT
    fixed = ad_text.fix(text, limit=limit)
    mended = fixed.text if fixed.changes and not fixed.undecided else ""
    return Example(marked_copy.read(text, limit=limit), mended)


def _swaps() -> list[Swap]:
    """Ask the law what it would do with each common sign, and gather those treated alike."""
    found: dict[str, list[str]] = {}
    letters: dict[str, str] = {}
    for sign in COMMON:
        for problem in ad_text.check(f"a{sign} a")[:1]:
            if problem.code == "accent" and problem.fix:
                letters[sign] = problem.fix
            elif problem.remedy:
                found.setdefault(problem.remedy, []).append(sign)
    plain = ", ".join(dict.fromkeys(letters.values()))
    accents = Swap(list(letters), gettext("Cambiar por {letters}").format(letters=plain))
    swaps = [Swap(signs, remedy) for remedy, signs in found.items()]
    return [accents, *swaps] if letters else swaps
