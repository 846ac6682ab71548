"""The catalogue in the admin, read only: `load_catalogue` is what writes it."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin import ReadOnlyAdmin
from segments import place_rows
from segments.models import (
    CatalogueLoad,
    Lada,
    LadaMunicipality,
    Municipality,
    State,
    Zone,
    ZoneState,
)


class CatalogueAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """The base of the catalogue's admins, searched as pages are."""

    search_fields = ("code",)  # shows the box; `get_search_results` does the search
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        return place_rows.find(queryset, search_term), False


@admin.register(State)
class StateAdmin(CatalogueAdmin):
    list_display = ["common_name", "code", "abbreviation", "population", "zone_count"]
    search_help_text = _("Nombre, abreviatura o clave; los acentos no cuentan.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[State]:
        return super().get_queryset(request).annotate(zone_count=Count("zones"))

    @admin.display(description=_("zonas"), ordering="zone_count")
    def zone_count(self, state: Any) -> int:
        return state.zone_count


class ZoneStateInline(ReadOnlyAdmin, admin.TabularInline):
    model = ZoneState
    fields = ["state", "position"]


class ZoneLadaInline(ReadOnlyAdmin, admin.TabularInline):
    model = Lada
    fields = ["code", "kind", "population", "movistar_numbers", "weight_ppm"]
    show_change_link = True


@admin.register(Zone)
class ZoneAdmin(CatalogueAdmin):
    list_display = ["code", "city", "state_names", "lada_codes", "population"]
    list_filter = ["states"]
    search_help_text = _("LADA, ciudad o estado; los acentos no cuentan.")
    inlines = [ZoneStateInline, ZoneLadaInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Zone]:
        return super().get_queryset(request).prefetch_related("zone_states__state", "ladas")

    @admin.display(description=pgettext_lazy("lugar", "estados"))
    def state_names(self, zone: Zone) -> str:
        return ", ".join(state.common_name for state in zone.states_in_order)

    @admin.display(description=_("LADA"))
    def lada_codes(self, zone: Zone) -> str:
        return ", ".join(lada.code for lada in zone.ladas.all())


class LadaMunicipalityInline(ReadOnlyAdmin, admin.TabularInline):
    model = LadaMunicipality
    fields = ["municipality", "share", "population", "is_main", "method"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LadaMunicipality]:
        return super().get_queryset(request).select_related("municipality").order_by("-population")


@admin.register(Lada)
class LadaAdmin(CatalogueAdmin):
    list_display = ["code", "city", "kind", "state_names", "population", "weight_ppm"]
    list_filter = ["kind", "region", "zone__states"]
    search_help_text = _("LADA, ciudad o estado; los acentos no cuentan.")
    inlines = [LadaMunicipalityInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lada]:
        zones = Zone.objects.prefetch_related("zone_states__state")
        return super().get_queryset(request).prefetch_related(Prefetch("zone", zones))

    @admin.display(description=pgettext_lazy("lugar", "estados"))
    def state_names(self, lada: Lada) -> str:
        return ", ".join(state.common_name for state in lada.zone.states_in_order)


class MunicipalityLadaInline(LadaMunicipalityInline):
    fields = ["lada", "share", "population", "is_main", "method"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LadaMunicipality]:
        return super().get_queryset(request).select_related("lada")


@admin.register(Municipality)
class MunicipalityAdmin(CatalogueAdmin):
    list_display = ["name", "code", "state", "lada_codes"]
    list_filter = ["state", "lada_municipalities__method"]
    list_select_related = ["state"]
    search_help_text = _("Municipio, estado o clave; los acentos no cuentan.")
    inlines = [MunicipalityLadaInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Municipality]:
        return super().get_queryset(request).prefetch_related("ladas")

    @admin.display(description=_("LADA"))
    def lada_codes(self, municipality: Municipality) -> str:
        return ", ".join(lada.code for lada in municipality.ladas.all())


@admin.register(CatalogueLoad)
class CatalogueLoadAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["loaded_at", "digest"]
