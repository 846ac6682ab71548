"""Read-only records: the history, the submitted versions, and the waiting list."""

from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Event, Version, WaitingListEntry
from core import search
from core.admin import ReadOnlyAdmin
from segments import areas


class ResultingStatusFilter(admin.SimpleListFilter):
    title = gettext_lazy("estado al que pasó")
    parameter_name = "a"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Campaign.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(to_status=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = [
        "when",
        "campaign_link",
        "change",
        "who",
        "version_number",
        "reasons_and_comment",
    ]
    list_display_links = None
    list_filter = [ResultingStatusFilter, "at"]
    list_select_related = ["campaign", "by"]
    search_fields = search.fields("campaign__folio", "campaign__name", "by__email", "comment")
    search_help_text = gettext_lazy("Folio, nombre, correo de quien lo hizo o comentario.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = ["at", "campaign", "change", "who", "version_number", "reasons_given", "comment"]
    readonly_fields = ["change", "who", "reasons_given"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).filter(campaign__sandbox=False)

    @admin.display(description=gettext_lazy("cuándo"), ordering="id")
    def when(self, event: Event) -> str:
        return date_format(localtime(event.at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("campaña"), ordering="campaign")
    def campaign_link(self, event: Event) -> SafeString:
        page = reverse("admin:campaigns_campaign_change", args=[event.campaign_id])
        return format_html('<a href="{}">{}</a>', page, event.campaign)

    @admin.display(description=gettext_lazy("paso"))
    def change(self, event: Event) -> SafeString:
        badge = format_html(
            '<span class="badge {}">{}</span>', event.to_status, event.get_to_status_display()
        )
        if event.from_status in ("", event.to_status):
            return badge
        return format_html(
            '<span class="quiet">{} →</span> {}', event.get_from_status_display(), badge
        )

    @admin.display(description=gettext_lazy("quién"), ordering="by__first_name")
    def who(self, event: Event) -> str:
        return str(event.by) if event.by else _("Sistema")

    @admin.display(description=gettext_lazy("motivos y comentario"))
    def reasons_and_comment(self, event: Event) -> str:
        return " · ".join(filter(None, [*event.reasons, event.comment]))

    @admin.display(description=gettext_lazy("motivos"))
    def reasons_given(self, event: Event) -> str:
        return ", ".join(event.reasons)


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = [
        "campaign",
        "number",
        "status",
        "text",
        "volume",
        "starts_on",
        "ends_on",
        "sent_at",
    ]
    search_fields = search.fields("campaign__folio", "campaign__name", "text")
    search_help_text = gettext_lazy("Folio, nombre o texto.")
    ordering = ["-id"]
    show_full_result_count = False
    fields = [
        "campaign",
        "number",
        "sent_by",
        "sent_at",
        "name",
        "use",
        "promotion_ends_on",
        "text",
        "destination",
        "where",
        "ladas",
        "starts_on",
        "ends_on",
        "volume",
        "daily_cap",
    ]
    readonly_fields = ["where"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        rows = super().get_queryset(request).filter(campaign__sandbox=False)
        return rows.select_related("campaign", "sent_by")

    @admin.display(description=gettext_lazy("estado"))
    def status(self, version: Version) -> SafeString:
        """The status of its campaign, or that a newer version replaced it."""
        campaign = version.campaign
        if version.number != campaign.version_number:
            return format_html('<span class="quiet">{}</span>', _("La reemplazó otra"))
        return format_html(
            '<span class="badge {}">{}</span>', campaign.status, campaign.get_status_display()
        )

    @admin.display(description=gettext_lazy("zona"))
    def where(self, version: Version) -> str:
        chosen = version.chosen_area
        return areas.describe(chosen) if chosen else ""


class WaitingListFilter(admin.SimpleListFilter):
    title = gettext_lazy("turno")
    parameter_name = "turno"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("espera", _("Esperan")), ("oferta", _("Con oferta"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WaitingListEntry]
    ) -> QuerySet[WaitingListEntry]:
        if self.value() == "espera":
            return queryset.filter(ended_at__isnull=True, offered_at__isnull=True)
        if self.value() == "oferta":
            return queryset.filter(ended_at__isnull=True, offered_at__isnull=False)
        return queryset


@admin.register(WaitingListEntry)
class WaitingListEntryAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """The waiting list in its order, then the entries that have ended, newest first."""

    list_display = ["waiting_since", "campaign_link", "brand", "volume", "first_day", "standing"]
    list_display_links = None
    list_filter = [WaitingListFilter]
    list_select_related = ["campaign__brand"]
    search_fields = search.fields("campaign__folio", "campaign__name", "campaign__brand__name")
    search_help_text = gettext_lazy("Folio, nombre o marca.")
    ordering = [F("ended_at").desc(nulls_first=True), "since", "id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = ["campaign", "since", "requested_by", "offered_at", "ended_at", "ending"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingListEntry]:
        return super().get_queryset(request).filter(campaign__sandbox=False)

    @admin.display(description=gettext_lazy("desde"), ordering="since")
    def waiting_since(self, entry: WaitingListEntry) -> str:
        return date_format(localtime(entry.since), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("campaña"), ordering="campaign")
    def campaign_link(self, entry: WaitingListEntry) -> SafeString:
        page = reverse("admin:campaigns_campaign_change", args=[entry.campaign_id])
        return format_html('<a href="{}">{}</a>', page, entry.campaign)

    @admin.display(description=gettext_lazy("marca"), ordering="campaign__brand__name")
    def brand(self, entry: WaitingListEntry) -> str:
        return entry.campaign.brand.name

    @admin.display(description=gettext_lazy("volumen"), ordering="campaign__volume")
    def volume(self, entry: WaitingListEntry) -> str:
        return intcomma(entry.campaign.volume or 0)

    @admin.display(description=gettext_lazy("sale al aire"), ordering="campaign__starts_on")
    def first_day(self, entry: WaitingListEntry) -> str:
        day = entry.campaign.starts_on
        return date_format(day, _("l j M")) if day else ""

    @admin.display(description=gettext_lazy("cómo va"), ordering="ending")
    def standing(self, entry: WaitingListEntry) -> str:
        if entry.ended_at:
            return entry.get_ending_display()
        return _("Con oferta") if entry.offered_at else _("Espera")
