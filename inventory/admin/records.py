"""Inventory for staff: to look things up, never to write (`inventory.reservations` writes)."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from inventory.models import Capacity, JournalEntry, Reservation
from segments.admin import ReadOnly


@admin.register(Capacity)
class CapacityAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["day", "lada", "capacity", "planned", "left"]
    list_select_related = ["lada"]
    list_per_page = 50
    date_hierarchy = "day"
    search_fields = ["=lada__code", "lada__city"]
    search_help_text = _("LADA o ciudad.")
    ordering = ["day", "lada"]
    show_full_result_count = False
    fields = ["lada", "day", "capacity", "planned", "left"]
    readonly_fields = ["left"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Capacity]:
        return super().get_queryset(request).annotate(not_planned=F("capacity") - F("planned"))

    @admin.display(description=_("libres"), ordering="not_planned")
    def left(self, cell: Any) -> int:
        return cell.free


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [
        "reference",
        "status",
        "quantity",
        "lada_count",
        "starts_on",
        "ends_on",
        "expires_at",
    ]
    list_filter = ["status"]
    search_fields = ["reference"]
    search_help_text = _("Folio de la campaña.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = [
        "reference",
        "status",
        "quantity",
        "starts_on",
        "ends_on",
        "expires_at",
        "created_at",
        "lada_count",
        "ladas",
        "daily_ceilings",
    ]
    readonly_fields = ["lada_count"]

    @admin.display(description=_("LADA"))
    def lada_count(self, reservation: Reservation) -> int:
        return len(reservation.ladas)


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "reservation_reference", "action", "quantity"]
    list_filter = ["action", "at"]
    list_select_related = ["reservation"]
    search_fields = ["reservation__reference"]
    search_help_text = _("Folio de la campaña.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    @admin.display(description=_("apartado"), ordering="reservation__reference")
    def reservation_reference(self, entry: JournalEntry) -> str:
        return entry.reservation.reference
