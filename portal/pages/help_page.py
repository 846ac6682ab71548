"""The help page: the channel's rules, with examples that are checked by the text law itself."""

from typing import NamedTuple, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from campaigns import ad_text, quotas, readiness, text_limit
from campaigns.ad_text import display
from campaigns.ad_text.display import AdTextDisplay
from portal.accounts import access
from portal.accounts.access import SignedInRequest

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
#: Characters whose replacement is explained: those that people write most.
COMMON_SIGNS = "áéíóúü:;¡¿?!%&+-–_\\\"“”'«»…"


class Example(NamedTuple):
    """A text with the verdict of the text law.

    `fixed` is the corrected text, or "" where a person has to decide.
    """

    reading: AdTextDisplay
    fixed: str


class Replacement(NamedTuple):
    """Characters that the law replaces alike, and the label of its fix."""

    signs: list[str]
    remedy: str


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Display the rules of the channel to everybody, with verdicts of the law in force."""
    is_signed_in = request.user.is_authenticated
    brand = access.home_brand(cast(SignedInRequest, request)) if is_signed_in else None
    context = {
        "brand": brand,
        "nav": "help",
        "limit": text_limit.current(),
        "rule": display.build("", limit=text_limit.current()).rule,
        "signs": [sign for sign in ad_text.ALPHABET if not sign.isalnum() and sign != " "],
        "good": [_example(str(text)) for text in GOOD],
        "bad": [_example(str(text)) for text in BAD],
        "replacements": _replacements(),
        "lead_hours": settings.LEAD_HOURS,
        "operations_hours": settings.OPERATIONS_HOURS,
        "link_days": settings.LINK_DAYS_AFTER_END,
        "first_day": readiness.first_possible_day(),
        "last_day": readiness.last_open_day(),
        "changes_hours": settings.CHANGES_HOLD_HOURS,
        "offer_hours": settings.OFFER_HOURS,
        "open_holds": settings.OPEN_HOLDS_PER_BRAND,
        "min_order": settings.MIN_ORDER,
        "max_order": settings.MAX_ORDER,
        "held_limit": quotas.held_limit(brand),
        "share_limit": quotas.share_limit(brand),
        "lada_share": quotas.lada_share_limit(brand),
        "lada_floor": settings.LADA_FLOOR_PER_BRAND,
        "hold_days": settings.HOLD_WORKING_DAYS,
        "daily": settings.DAILY_NOTIFICATIONS,
    }
    return render(request, "help_page.html", context)


def _example(text: str) -> Example:
    limit = text_limit.current()
    fixed = ad_text.fix(text, limit=limit)
    corrected = fixed.text if fixed.changes and not fixed.undecided else ""
    return Example(display.build(text, limit=limit), corrected)


def _replacements() -> list[Replacement]:
    """Return what the law makes of each common sign, grouped by the fix."""
    by_remedy: dict[str, list[str]] = {}
    unaccented: dict[str, str] = {}
    for sign in COMMON_SIGNS:
        for problem in ad_text.check(f"a{sign} a")[:1]:
            if problem.code == "accent" and problem.fix:
                unaccented[sign] = problem.fix
            elif problem.remedy:
                by_remedy.setdefault(problem.remedy, []).append(sign)
    plain = ", ".join(dict.fromkeys(unaccented.values()))
    accents = Replacement(list(unaccented), gettext("Cambiar por {letters}").format(letters=plain))
    others = [Replacement(signs, remedy) for remedy, signs in by_remedy.items()]
    return [accents, *others] if unaccented else others
