"""Admin of capacity changes: their effect, and the decision to apply or discard them."""

from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import search
from core.admin import ReadOnlyAdmin
from inventory import capacity_changes, capacity_preview
from inventory.admin.capacity_pages import CapacityPages, may_change, require, user_of
from inventory.capacity_preview import Preview
from inventory.errors import InventoryError, ReservationsAtRisk
from inventory.models import CapacityChange
from segments import areas, gazetteer
from segments.gazetteer import Gazetteer

Status = CapacityChange.Status

MAX_ROWS = 200
RISK_GREW = gettext_lazy(
    "El inventario se movió mientras mirabas y ahora quedan sin lugar más notificaciones. "
    "Revisa la lista otra vez antes de aceptarla."
)
BADGES = {  # CSS classes of the campaign badges with a similar meaning
    Status.PROPOSED: "in_review",
    Status.APPLIED: "approved",
    Status.DISCARDED: "cancelled",
}


@admin.register(CapacityChange)
class CapacityChangeAdmin(CapacityPages, ReadOnlyAdmin, admin.ModelAdmin):
    """The history of changes; only `capacity_changes` writes it."""

    list_display = ["when", "description", "status_badge", "outcome", "risk", "people"]
    list_filter = ["status", "source"]
    list_select_related = ["proposed_by", "applied_by"]
    list_per_page = 50
    search_fields = search.fields("note", "proposed_by__email", "applied_by__email")
    search_help_text = gettext_lazy("Nota o correo.")
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    actions = None
    empty_value_display = ""

    @property
    def media(self) -> Media:
        """Without scripts: no page here needs one."""
        return Media()

    def has_view_permission(self, request: HttpRequest, obj: CapacityChange | None = None) -> bool:
        return super().has_view_permission(request, obj) or may_change(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CapacityChange]:
        """Defer the arrays of each change: they have up to 300,000 elements."""
        arrays = ("ladas", "days", "gross", "closes", "opens", "safety")
        return super().get_queryset(request).defer(*arrays)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"may_change": may_change(request)})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the effect of a change, and take the decision on it."""
        change = self.get_object(request, unquote(object_id))
        if change is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        require(self.has_view_permission(request, change))
        if request.method == "POST":
            require(may_change(request))
            return self._decide(request, change)
        return self._change_page(request, change)

    def _decide(self, request: HttpRequest, change: CapacityChange) -> HttpResponse:
        try:
            match request.POST.get("decision"):
                case "descartar":
                    capacity_changes.discard(change.pk, by=user_of(request))
                    message = _("Descartaste el cambio: nada se movió.")
                case "aplicar":
                    message = self._apply(request, change)
                case _other:
                    return self._change_page(request, change)
        except InventoryError as error:
            change.refresh_from_db()
            risk_grew = isinstance(error, ReservationsAtRisk) and "accept" in request.POST
            return self._change_page(
                request, change, str(RISK_GREW) if risk_grew else error.message
            )
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:inventory_capacitychange_changelist")

    def _apply(self, request: HttpRequest, change: CapacityChange) -> str:
        seen = request.POST.get("risk", "")  # the number at risk that the person saw
        applied = capacity_changes.apply(
            change.pk,
            by=user_of(request),
            accept_risk="accept" in request.POST,
            up_to=int(seen) if seen.isdecimal() and len(seen) < 19 else 0,
        )
        return ngettext(
            "Aplicado: cambió {n} celda.", "Aplicado: cambiaron {n} celdas.", applied.cells_changed
        ).format(n=intcomma(applied.cells_changed))

    def _change_page(
        self, request: HttpRequest, change: CapacityChange, refusal: str = ""
    ) -> HttpResponse:
        places = gazetteer.current()
        preview = capacity_preview.compute(change) if change.status == Status.PROPOSED else None
        context = {
            "title": change.get_source_display(),
            "change": change,
            "badge": BADGES[Status(change.status)],
            "may_change": may_change(request),
            "preview": preview,
            "cells": int(preview.changed.sum()) if preview else change.cells_changed,
            "rows": _preview_rows(preview, places) if preview else _requested_rows(change, places),
            "shares": _shares(change, places),
            "refusal": refusal,
        }
        return self.page(request, "capacity_change", context, 409 if refusal else 200)

    @admin.display(description=gettext_lazy("propuesto"), ordering="proposed_at")
    def when(self, change: CapacityChange) -> str:
        return date_format(localtime(change.proposed_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("qué"), ordering="note")
    def description(self, change: CapacityChange) -> SafeString:
        return format_html(
            '{} <span class="quiet">{}</span>', change.note, change.get_source_display()
        )

    @admin.display(description=gettext_lazy("estado"), ordering="status")
    def status_badge(self, change: CapacityChange) -> SafeString:
        badge = BADGES[Status(change.status)]
        return format_html('<span class="badge {}">{}</span>', badge, change.get_status_display())

    @admin.display(description=gettext_lazy("a la venta"), ordering="cells_changed")
    def outcome(self, change: CapacityChange) -> SafeString | str:
        """The totals on sale in its cells before and after."""
        if not change.applied_at:
            return ""
        cells = ngettext("{n} celda", "{n} celdas", change.cells_changed)
        return format_html(
            '{} → {} <span class="quiet">{}</span>',
            intcomma(change.capacity_before),
            intcomma(change.capacity_after),
            cells.format(n=intcomma(change.cells_changed)),
        )

    @admin.display(description=gettext_lazy("dejó en riesgo"), ordering="at_risk")
    def risk(self, change: CapacityChange) -> str:
        return intcomma(change.at_risk) if change.at_risk else ""

    @admin.display(description=gettext_lazy("quién"))
    def people(self, change: CapacityChange) -> str:
        if change.applied_by and change.applied_by != change.proposed_by:
            return _("{one}, y aplicó {other}").format(
                one=change.proposed_by, other=change.applied_by
            )
        return str(change.proposed_by)


def _preview_rows(preview: Preview, places: Gazetteer) -> list[dict[str, Any]]:
    return [row._asdict() | {"city": places.cities[row.lada]} for row in preview.rows(MAX_ROWS)]


def _requested_rows(change: CapacityChange, places: Gazetteer) -> list[dict[str, Any]]:
    """Return the first cells of a decided change; their capacity before it is not stored."""
    cells = islice(zip(change.days, change.ladas, change.gross, strict=True), MAX_ROWS)
    return [
        {"day": day, "lada": lada, "city": places.cities.get(lada, ""), "new_gross": gross}
        for day, lada, gross in cells
    ]


def _shares(change: CapacityChange, places: Gazetteer) -> list[tuple[int | None, str]]:
    """Return each safety share with a description of its LADAs."""
    by_percent: dict[int | None, set[str]] = {}
    for lada, percent in change.safety.items():
        by_percent.setdefault(percent, set()).add(lada)
    return [
        (percent, areas.describe(areas.Area(ladas=frozenset(ladas)), places))
        for percent, ladas in by_percent.items()
    ]
