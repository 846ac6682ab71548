"""Admin of cells, reservations and the journal. Read-only: `inventory.reservations` writes."""

from datetime import date
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core import charts, search
from core.admin import ReadOnlyAdmin
from inventory import occupancy
from inventory.admin.occupancy import OccupancyPages
from inventory.admin.pages import InventoryPages
from inventory.admin.sell_through import SellThroughPages
from inventory.models import Capacity, JournalEntry, Reservation
from segments import gazetteer

MAX_JOURNAL_ENTRIES = 50  # listed of a reservation


@admin.register(Capacity)
class CapacityAdmin(OccupancyPages, SellThroughPages, ReadOnlyAdmin, admin.ModelAdmin):
    """Cells, and the pages of occupancy and sell-through."""

    list_display = ["day", "lada", "capacity", "planned", "left"]
    list_select_related = ["lada"]
    list_per_page = 50
    date_hierarchy = "day"
    search_fields = ["=lada__code", *search.fields("lada__city")]
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
class ReservationAdmin(InventoryPages, ReadOnlyAdmin, admin.ModelAdmin):
    """Reservations, newest first."""

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
    list_per_page = 50
    search_fields = search.fields("reference")
    search_help_text = _("Folio de la campaña.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reservation]:
        return super().get_queryset(request).filter(ledger=None)

    @admin.display(description=_("LADA"))
    def lada_count(self, reservation: Reservation) -> int:
        return len(reservation.ladas)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one reservation with its days, its LADAs and its journal."""
        reservation = self.get_object(request, unquote(object_id))
        if reservation is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        if not self.has_view_permission(request, reservation) or request.method == "POST":
            raise PermissionDenied
        journal = list(reservation.journal.order_by("-id")[: MAX_JOURNAL_ENTRIES + 1])
        context = {
            "tab": "reservation",
            "reservation": reservation,
            "at_risk": reservation.allocation.at_risk,
            "by_day": _by_day(reservation),
            "places": _places(reservation),
            "journal": journal[:MAX_JOURNAL_ENTRIES],
            "more_journal": len(journal) > MAX_JOURNAL_ENTRIES,
        }
        return self.inventory_page(request, "reservation", reservation.reference, context)


class ReservationDay(NamedTuple):
    """A day of a reservation, drawn as a part of its ceiling."""

    day: date
    planned: int
    ceiling: int
    parts: list[charts.Rectangle]


class ReservationState(NamedTuple):
    """The LADAs of a reservation in one state; a LADA that spans two states is in both."""

    state: str
    ladas: list[str]


def _by_day(reservation: Reservation) -> list[ReservationDay]:
    """Return the days that may carry notifications."""
    return [
        ReservationDay(
            day,
            planned,
            ceiling,
            charts.band(
                max(ceiling, planned), [(reservation.status, planned), ("free", ceiling - planned)]
            ),
        )
        for day, planned, ceiling in occupancy.planned_and_ceilings(reservation)
        if planned or ceiling
    ]


def _places(reservation: Reservation) -> list[ReservationState]:
    catalogue, chosen = gazetteer.current(), set(reservation.ladas)
    return [
        ReservationState(name, [f"{code} {catalogue.cities[code]}" for code in sorted(in_state)])
        for state, name in catalogue.states.items()
        if (in_state := chosen & catalogue.ladas_of[state])
    ]


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """The journal, newest first."""

    list_display = ["at", "reservation_reference", "action", "quantity"]
    list_filter = ["action", "at"]
    list_select_related = ["reservation"]
    search_fields = search.fields("reservation__reference")
    search_help_text = _("Folio de la campaña.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    @admin.display(description=_("apartado"), ordering="reservation__reference")
    def reservation_reference(self, entry: JournalEntry) -> str:
        return entry.reservation.reference
