"""The admin of the gateway's events: what came, what was set aside and why, what is missing."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.gateway.events import Stream
from campaigns.models import GatewaySource, InboxEvent, StreamPosition
from campaigns.reports import inbox
from core import search
from core.admin import ReadOnlyAdmin

DETAIL = 80  # characters in a list
STREAM_LABELS: dict[str, str | Promise] = {
    Stream.ORDER_PROGRESS.value: gettext_lazy("Avance de órdenes"),
    Stream.HOURLY_COUNTS.value: gettext_lazy("Cuentas por hora"),
    Stream.LADA_TRAFFIC.value: gettext_lazy("Tráfico por LADA"),
    Stream.STATE_CHANGES.value: gettext_lazy("Cambios de estado"),
    "": gettext_lazy("Latido u otro"),
}


def standing(event: InboxEvent) -> tuple[str, str]:
    """Return a level (`ok`, `tight` or `out`) and a label for what became of an event."""
    if event.set_aside:
        return "out", str(event.get_set_aside_display())
    if event.applied_at:
        return "ok", _("Aplicado")
    return "tight", _("Por aplicar")


class StandingFilter(admin.SimpleListFilter):
    title = gettext_lazy("estado")
    parameter_name = "estado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        reasons = [(reason.value, str(reason.label)) for reason in InboxEvent.Reason]
        return [("pendientes", _("Por aplicar")), ("apartados", _("Apartados")), *reasons]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[InboxEvent]
    ) -> QuerySet[InboxEvent]:
        value = self.value()
        if value == "pendientes":
            return queryset.filter(applied_at__isnull=True, set_aside="")
        if value == "apartados":
            return queryset.exclude(set_aside="")
        return queryset.filter(set_aside=value) if value else queryset


class StreamFilter(admin.SimpleListFilter):
    title = gettext_lazy("serie")
    parameter_name = "serie"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(name, str(label)) for name, label in STREAM_LABELS.items() if name]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[InboxEvent]
    ) -> QuerySet[InboxEvent]:
        return queryset.filter(stream=self.value()) if self.value() else queryset


@admin.register(InboxEvent)
class InboxEventAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """Read-only, but for applying again, which needs the permission to change events."""

    list_display = ["received", "name", "sequence", "standing_badge", "short_detail"]
    list_display_links = ["received"]
    list_filter = [StandingFilter, StreamFilter]
    search_fields = search.fields("event_id", "source", "detail")
    search_help_text = gettext_lazy("Evento, origen, o algo del detalle, como una orden.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    actions = ["apply_again"]
    fields = [
        "standing_badge",
        "detail",
        "type",
        "stream",
        "sequence",
        "event_id",
        "source",
        "received",
        "applied",
        "formatted_body",
    ]
    readonly_fields = ["standing_badge", "received", "applied", "formatted_body"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEvent]:
        return super().get_queryset(request).defer("body")

    def has_apply_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.change_inboxevent")

    @admin.action(description=gettext_lazy("Aplicar de nuevo"), permissions=["apply_again"])
    def apply_again(self, request: HttpRequest, queryset: QuerySet[InboxEvent]) -> None:
        count = inbox.apply_again(queryset)
        message = ngettext(
            "Se aplica de nuevo {count} evento.", "Se aplican de nuevo {count} eventos.", count
        ).format(count=count)
        level = messages.SUCCESS if count else messages.INFO
        self.message_user(
            request, message if count else _("Ninguno de esos estaba apartado."), level
        )

    @admin.display(description=gettext_lazy("recibido"), ordering="id")
    def received(self, event: InboxEvent) -> str:
        return date_format(localtime(event.received_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("aplicado"))
    def applied(self, event: InboxEvent) -> str:
        at = event.applied_at
        return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else _("Todavía no")

    @admin.display(description=gettext_lazy("serie"), ordering="stream")
    def name(self, event: InboxEvent) -> str | Promise:
        return STREAM_LABELS.get(event.stream, event.stream)

    @admin.display(description=gettext_lazy("qué pasó con él"))
    def standing_badge(self, event: InboxEvent) -> SafeString:
        return format_html('<span class="level {}">{}</span>', *standing(event))

    @admin.display(description=gettext_lazy("detalle"))
    def short_detail(self, event: InboxEvent) -> str:
        return event.detail if len(event.detail) <= DETAIL else f"{event.detail[:DETAIL]}…"

    @admin.display(description=gettext_lazy("contenido"))
    def formatted_body(self, event: InboxEvent) -> SafeString:
        """Return the event as it came, indented."""
        body = json.loads(bytes(event.body))
        return format_html(
            '<pre class="document" tabindex="0" role="region" aria-label="{}">{}</pre>',
            _("Contenido del evento"),
            json.dumps(body, ensure_ascii=False, indent=2),
        )


@admin.register(StreamPosition)
class StreamPositionAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """How far each stream was read, beside the last heartbeat of its source."""

    list_display = [
        "name",
        "state_badge",
        "sequence",
        "last_sequence",
        "lost",
        "heartbeat",
        "source",
    ]
    list_display_links = None
    ordering = ["-source", "stream"]
    show_full_result_count = False

    @admin.display(description=gettext_lazy("serie"), ordering="stream")
    def name(self, position: StreamPosition) -> str | Promise:
        return STREAM_LABELS.get(position.stream, position.stream)

    @admin.display(description=gettext_lazy("estado"), ordering="gap_since")
    def state_badge(self, position: StreamPosition) -> SafeString:
        since = position.gap_since
        if since is None:
            return format_html('<span class="level ok">{}</span>', _("Al corriente"))
        text = _("Faltan eventos desde el {since}").format(
            since=date_format(localtime(since), "SHORT_DATETIME_FORMAT")
        )
        return format_html('<span class="level out">{}</span>', text)

    @admin.display(description=gettext_lazy("último latido"))
    def heartbeat(self, position: StreamPosition) -> str:
        found = GatewaySource.objects.filter(pk=position.source).first()
        at = found and found.heartbeat_at
        return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else _("Ninguno")
