"""The page that asks for the reason before chosen brands are discarded or suspended."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser as User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import brands, lifecycle
from campaigns.errors import CampaignError
from campaigns.models import Brand
from campaigns.models.brand import MAX_REASON_LENGTH
from core import pending_post


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonedAction:
    """An action on brands that needs a reason, with the words of its page.

    `concerns` are the brands that it may change; `execute` returns whether it changed one.
    """

    name: str
    title: str | Promise
    help: str | Promise
    confirm: str | Promise
    back: str | Promise
    stage: str  # of the list to go back to
    concerns: Callable[[Brand], bool]
    execute: Callable[[Brand, str, User], bool]
    none: str | Promise
    done: str | Promise
    logged: str | Promise


DISCARD = ReasonedAction(
    name="discard",
    title=_("Descartar marcas"),
    help=_(
        "Lo recibe por correo quien la registró, tal como lo escribas. Su cuenta sigue abierta y "
        "puede pedirlo de nuevo."
    ),
    confirm=_("Descartar y avisar"),
    back=_("Volver sin descartar"),
    stage="por-activar",
    concerns=lambda brand: brand.is_waiting,
    execute=lambda brand, reason, by: brands.discard(brand.pk, reason),
    none=_("Ninguna de las elegidas esperaba."),
    done=_("Descartadas: {names}. Les avisamos por correo."),
    logged=_("La descartó: {reason}"),
)
SUSPEND = ReasonedAction(
    name="suspend",
    title=_("Suspender marcas"),
    help=_(
        "Lo recibe por correo toda la gente de la marca, tal como lo escribas. Sus campañas en "
        "marcha quedan en pausa; puede entrar y ver todo, y no puede cambiar nada."
    ),
    confirm=_("Suspender y avisar"),
    back=_("Volver sin suspender"),
    stage="activas",
    concerns=lambda brand: brand.active,
    execute=lambda brand, reason, by: lifecycle.suspend(brand.pk, reason=reason, by=by),
    none=_("Ninguna de las elegidas está activa."),
    done=_("Suspendidas: {names}. Sus campañas quedaron en pausa y les avisamos por correo."),
    logged=_("La suspendió: {reason}"),
)


def recover(model_admin: "admin.ModelAdmin[Brand]", request: HttpRequest) -> HttpResponse | None:
    """Return the page with the reason that was posted while signed out, or None."""
    actions = {action.name: action for action in (DISCARD, SUSPEND)}
    kept = pending_post.take(request)
    action = actions.get(kept.get("action", "")) if kept else None
    if kept is None or action is None or action.name not in model_admin.get_actions(request):
        return None
    ids = [key for key in kept.getlist("_selected_action") if key.isdecimal() and len(key) < 10]
    chosen = [b for b in model_admin.get_queryset(request).filter(pk__in=ids) if action.concerns(b)]
    if not chosen:
        return None
    pending_post.report(request)
    return _page(model_admin, request, action, chosen, kept.get("reason", ""))


def act(
    model_admin: "admin.ModelAdmin[Brand]",
    request: HttpRequest,
    action: ReasonedAction,
    queryset: QuerySet[Brand],
) -> HttpResponse | None:
    """Ask for the reason, then do it to those of the chosen brands that it concerns."""
    chosen = [brand for brand in queryset if action.concerns(brand)]
    if not chosen:
        model_admin.message_user(request, str(action.none), messages.INFO)
        return None
    reason = request.POST.get("reason", "")
    if "confirmed" not in request.POST:
        return _page(model_admin, request, action, chosen, reason)
    assert isinstance(request.user, User)
    try:
        changed = [brand for brand in chosen if action.execute(brand, reason, request.user)]
    except CampaignError as error:
        return _page(model_admin, request, action, chosen, reason, error.message)
    for brand in changed:
        model_admin.log_change(request, brand, str(action.logged).format(reason=reason))
    names = ", ".join(brand.name for brand in changed)
    model_admin.message_user(request, str(action.done).format(names=names), messages.SUCCESS)
    return None


def _page(
    model_admin: "admin.ModelAdmin[Brand]",
    request: HttpRequest,
    action: ReasonedAction,
    chosen: list[Brand],
    reason: str,
    error: str = "",
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": action.title,
        "opts": model_admin.opts,
        "action": action,
        "chosen": chosen,
        "reason": reason,
        "error": error,
        "longest_reason": MAX_REASON_LENGTH,
    }
    template = "admin/campaigns/brand/reason.html"
    return TemplateResponse(request, template, context, status=422 if error else 200)
