"""Webhooks and their deliveries, read-only: only their brand changes them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Webhook, WebhookDelivery
from campaigns.models.webhook import WebhookDeliveryQuerySet
from core import search
from core.admin import ReadOnlyAdmin

LEVELS = {"delivered": "ok", "waiting": "tight", "given_up": "out"}


class WebhookStandingFilter(admin.SimpleListFilter):
    title = gettext_lazy("cómo va")
    parameter_name = "como"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("pausa", _("En pausa")), ("falla", _("Fallan"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> QuerySet[Webhook]:
        if self.value() == "pausa":
            return queryset.filter(paused_at__isnull=False)
        if self.value() == "falla":
            return queryset.filter(failures__gt=0)
        return queryset


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """Shows only the host: the rest of an address may contain a secret of the brand."""

    list_display = ["host", "brand", "standing", "failures", "last_delivered_at", "created_at"]
    list_filter = [WebhookStandingFilter]
    list_select_related = ["brand"]
    search_fields = search.fields("brand__name", "url")
    search_help_text = gettext_lazy("Marca o dirección.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = [
        "brand",
        "host",
        "event_types",
        "standing",
        "paused_at",
        "paused_for",
        "failures",
        "failing_since",
        "backoff_until",
        "last_delivered_at",
        "previous_until",
        "created_by",
        "created_at",
    ]
    readonly_fields = ["host", "standing"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        return super().get_queryset(request).filter(brand__sandbox_of=None)

    @admin.display(description=gettext_lazy("sitio"), ordering="url")
    def host(self, webhook: Webhook) -> str:
        return webhook.host

    @admin.display(description=gettext_lazy("cómo va"))
    def standing(self, webhook: Webhook) -> SafeString:
        level, label = "ok", _("Activo")
        if webhook.failures:
            level, label = "tight", _("Falla: se reintenta")
        if webhook.paused:
            level, label = "out", _("En pausa: {why}").format(why=webhook.get_paused_for_display())
        return format_html('<span class="level {}">{}</span>', level, label)


class DeliveryStateFilter(admin.SimpleListFilter):
    title = gettext_lazy("estado")
    parameter_name = "estado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in WebhookDelivery.State]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> QuerySet[WebhookDelivery]:
        assert isinstance(queryset, WebhookDeliveryQuerySet)
        state = self.value()
        return queryset.in_state(state) if state in WebhookDelivery.State.values else queryset


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = [
        "when",
        "sink",
        "brand",
        "type",
        "subject",
        "standing",
        "attempts",
        "last_status",
        "last_error",
    ]
    list_filter = [DeliveryStateFilter]
    list_select_related = ["webhook__brand"]
    search_fields = search.fields("subject", "event_id", "webhook__brand__name", "last_error")
    search_help_text = gettext_lazy("Folio, id del evento, marca o error.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = [
        "webhook",
        "event_id",
        "type",
        "subject",
        "standing",
        "created_at",
        "requested_at",
        "due_at",
        "attempts",
        "tried_at",
        "last_status",
        "last_error",
        "last_milliseconds",
        "delivered_at",
        "given_up_at",
        "body",
    ]
    readonly_fields = ["standing"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        return super().get_queryset(request).filter(webhook__brand__sandbox_of=None)

    @admin.display(description=gettext_lazy("cuándo"), ordering="id")
    def when(self, delivery: WebhookDelivery) -> str:
        return date_format(localtime(delivery.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("sitio"))
    def sink(self, delivery: WebhookDelivery) -> str:
        return delivery.webhook.host

    @admin.display(description=gettext_lazy("marca"), ordering="webhook__brand__name")
    def brand(self, delivery: WebhookDelivery) -> str:
        return delivery.webhook.brand.name

    @admin.display(description=gettext_lazy("estado"))
    def standing(self, delivery: WebhookDelivery) -> SafeString:
        level = LEVELS[delivery.state.value]
        return format_html('<span class="level {}">{}</span>', level, delivery.state_label)
