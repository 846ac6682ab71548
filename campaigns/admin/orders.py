"""The admin of ad orders: requested and confirmed state, retrying and comparing by hand."""

import json
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from campaigns import gateway_state, gateway_words, outbox
from campaigns.admin.order_filter import ConfirmationFilter
from campaigns.gateway_words import DESIRED_STATE_LABELS, GATEWAY_STATE_LABELS
from campaigns.models import AdOrder
from campaigns.models.ad_order import AdOrderQuerySet
from core import search
from core.admin import ReadOnlyAdmin
from core.wake import wake


def progress(order: AdOrder) -> tuple[str, str]:
    """Return a level (`ok`, `tight` or `out`) and a label for the newest generation."""
    if order.rejected:
        return "out", _("La plataforma la rechazó: requiere atención")
    if order.confirmed:
        return "ok", _("Confirmada")
    if order.refused:
        return "out", _("Rechazada: requiere atención")
    if order.needs_attention:
        return "out", _("Falla: requiere atención")
    if order.failing_since:
        return "tight", _("Falla: se reintenta")
    return "tight", _("Por enviar")


def explanation(last_error: str, *, since: datetime | None, remedy: str) -> SafeString:
    """Return an error in words, with its technical detail folded."""
    from_then = ""
    if since:
        day = date_format(localtime(since), "SHORT_DATETIME_FORMAT")
        from_then = _("Desde el {since}.").format(since=day)
    return format_html(
        '<p><b>{}</b> {}</p><p>{}</p><details class="more"><summary>{}</summary>'
        "<p><code>{}</code></p></details>",
        gateway_words.cause(last_error),
        from_then,
        remedy,
        _("Detalle técnico"),
        last_error,
    )


def trouble(order: AdOrder) -> SafeString | str:
    """Return the error of an order in words; empty once it is confirmed."""
    if order.confirmed or not order.last_error:
        return ""
    remedy = gateway_words.refused() if order.refused else gateway_words.retrying()
    return explanation(order.last_error, since=order.failing_since, remedy=remedy)


@admin.register(AdOrder)
class AdOrderAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """Read-only, but for retrying, which needs the permission to change ad orders."""

    list_display = [
        "campaign",
        "progress_badge",
        "desired_state_label",
        "gateway_state_label",
        "generations",
        "attempts",
        "last_answer",
        "since",
    ]
    list_per_page = 50
    change_list_template = "admin/campaigns/adorder/change_list.html"
    list_filter = [ConfirmationFilter]
    list_select_related = ["campaign"]
    search_fields = search.fields("campaign__folio", "campaign__name", "last_error")
    search_help_text = gettext_lazy("Folio, nombre de la campaña o error.")
    ordering = ["-next_attempt_at"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    actions = ["try_again"]
    fields = [
        "campaign",
        "progress_badge",
        "desired_state_label",
        "gateway_state_label",
        "gateway_state_reason",
        "generation",
        "acknowledged_generation",
        "acknowledged_at",
        "attempts",
        "next_attempt",
        "what_happened",
        "formatted_document",
    ]
    readonly_fields = [
        "progress_badge",
        "desired_state_label",
        "gateway_state_label",
        "next_attempt",
        "what_happened",
        "formatted_document",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdOrder]:
        return cast(AdOrderQuerySet, super().get_queryset(request)).of_channel()

    def get_urls(self) -> list[URLPattern]:
        retry = self.admin_site.admin_view(require_POST(self.try_again_view))
        reconcile = self.admin_site.admin_view(require_POST(self.reconcile_view))
        return [
            path("<uuid:order_id>/reintentar/", retry, name="campaigns_adorder_try_again"),
            path("conciliar/", reconcile, name="campaigns_adorder_reconcile"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Display the list below the state of the gateway and what can be done."""
        context = {
            "title": _("Envíos"),
            "subtitle": None,
            "may_change": self.has_try_again_permission(request),
            **gateway_state.context(),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def reconcile_view(self, request: HttpRequest) -> HttpResponse:
        """Wake the comparison with the gateway, and return to the list."""
        if not self.has_try_again_permission(request):
            raise PermissionDenied
        wake("campaigns.tasks.reconcile")
        message = _("Se compara todo con la plataforma de entrega. Lo que difiera queda anotado.")
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:campaigns_adorder_changelist")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Display an order, with its button while the gateway has not confirmed it."""
        order = self.get_object(request, unquote(object_id))
        may = order is not None and not order.confirmed and self.has_try_again_permission(request)
        context = {"may_try_again": may} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def try_again_view(self, request: HttpRequest, order_id: UUID) -> HttpResponse:
        """Try one order again, and return to its page."""
        if not self.has_try_again_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).filter(pk=order_id)
        if not rows.exists():
            raise Http404
        self.try_again(request, rows)
        return redirect("admin:campaigns_adorder_change", order_id)

    def has_try_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.change_adorder")

    @admin.action(description=gettext_lazy("Reintentar ahora"), permissions=["try_again"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[AdOrder]) -> None:
        unconfirmed = [order for order in queryset if not order.confirmed]
        for order in unconfirmed:
            outbox.resend(order.pk)
        if unconfirmed:
            message = ngettext(
                "Se reintenta {count} orden.", "Se reintentan {count} órdenes.", len(unconfirmed)
            ).format(count=len(unconfirmed))
            self.message_user(request, message, messages.SUCCESS)
        if confirmed := queryset.count() - len(unconfirmed):
            message = ngettext(
                "{count} orden ya estaba confirmada.",
                "{count} órdenes ya estaban confirmadas.",
                confirmed,
            ).format(count=confirmed)
            self.message_user(request, message, messages.INFO)

    @admin.display(description=gettext_lazy("envío"))
    def progress_badge(self, order: AdOrder) -> SafeString:
        return format_html('<span class="level {}">{}</span>', *progress(order))

    @admin.display(description=gettext_lazy("lo que se pide"), ordering="desired_state")
    def desired_state_label(self, order: AdOrder) -> str | Promise:
        return DESIRED_STATE_LABELS.get(order.desired_state, order.desired_state)

    @admin.display(description=gettext_lazy("la plataforma tiene"))
    def gateway_state_label(self, order: AdOrder) -> str | Promise:
        return GATEWAY_STATE_LABELS.get(order.gateway_state, order.gateway_state) or _(
            "Aún no la tiene"
        )

    @admin.display(description=gettext_lazy("generación"), ordering="generation")
    def generations(self, order: AdOrder) -> str:
        """The confirmed generation, and the newest one where it is not confirmed."""
        if order.confirmed:
            return str(order.generation)
        return _("{confirmed} de {wanted}").format(
            confirmed=order.acknowledged_generation, wanted=order.generation
        )

    @admin.display(description=gettext_lazy("siguiente intento"), ordering="next_attempt_at")
    def next_attempt(self, order: AdOrder) -> str:
        if order.confirmed or order.refused:
            return ""
        return date_format(localtime(order.next_attempt_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("última respuesta"), ordering="last_error")
    def last_answer(self, order: AdOrder) -> str:
        if order.confirmed:
            return _("La aceptó.")
        return gateway_words.cause(order.last_error) or _("Todavía ninguna.")

    @admin.display(description=gettext_lazy("desde"), ordering="failing_since")
    def since(self, order: AdOrder) -> str:
        """When it was confirmed, or has failed from; empty while it waits for its first try."""
        moment = order.acknowledged_at if order.confirmed else order.failing_since
        return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""

    @admin.display(description=gettext_lazy("qué pasó"))
    def what_happened(self, order: AdOrder) -> SafeString | str:
        """What happened, since when, what is done about it and what a person can do."""
        return trouble(order) or _("Nada: no ha fallado.")

    @admin.display(description=gettext_lazy("documento"))
    def formatted_document(self, order: AdOrder) -> SafeString:
        """Return the document as it is sent to the gateway."""
        pretty = json.dumps(order.document, ensure_ascii=False, indent=2)
        return format_html(
            '<pre class="document" tabindex="0" role="region" aria-label="{}">{}</pre>',
            _("Documento de la orden"),
            pretty,
        )
