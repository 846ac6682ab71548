"""Review: the queue of campaigns that wait, and the page where one is decided."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from campaigns import conversation, review
from campaigns.admin import case, decision, drafts
from campaigns.errors import CampaignError
from campaigns.models import Campaign
from core.admin import ReadOnlyAdmin
from inventory.errors import InventoryError
from segments import areas, gazetteer

Status = Campaign.Status

WAITING = "en-revision"
GROUPS = {
    WAITING: (gettext_lazy("En revisión"), {Status.IN_REVIEW}),
    "con-la-marca": (
        gettext_lazy("Con la marca"),
        {*Campaign.EDITABLE, Status.RESERVING},
    ),
    "en-marcha": (
        gettext_lazy("En marcha"),
        Campaign.ORDERED,
    ),
    "cerradas": (gettext_lazy("Cerradas"), Campaign.ENDED),
    "todas": (gettext_lazy("Todas"), set(Status)),
}


class Stage(admin.SimpleListFilter):
    """Where campaigns are. Those in review unless another is chosen; all while searching."""

    title = gettext_lazy("etapa")
    parameter_name = "etapa"
    template = "admin/campaigns/campaign/stages.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.default = "todas" if request.GET.get(SEARCH_VAR) else WAITING
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, (label, _statuses) in GROUPS.items()]

    def value(self) -> str:
        chosen = super().value()
        return chosen if chosen in GROUPS else self.default

    def choices(self, changelist: ChangeList) -> Any:
        for key, label in self.lookup_choices:
            yield {
                "selected": self.value() == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}, ["p"]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        if self.value() == "todas":
            return queryset
        return queryset.filter(status__in=GROUPS[self.value()][1])


class Queue(ChangeList):
    """A page of campaigns, each with its zones in words; the catalogue is read once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        places = gazetteer.current()
        ids = [campaign.pk for campaign in self.result_list]
        unread = conversation.with_unread(ids, conversation.Side.STAFF)
        for campaign in self.result_list:
            campaign.zones_told = _zones(campaign, places)
            campaign.unread = campaign.pk in unread


def _zones(campaign: Campaign, places: gazetteer.Gazetteer) -> str:
    try:
        chosen = campaign.chosen_area
    except areas.MalformedArea:
        return ""
    return areas.describe(chosen, places) if chosen else ""


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """Campaigns are written by their brand and moved by `lifecycle`: nothing is edited here."""

    list_display = ["airs", "ad", "who", "zones", "notifications", "edition", "since"]
    list_display_links = ["ad"]
    list_filter = [Stage]
    list_per_page = 50
    search_fields = ["folio", "name", "brand__name", "text"]
    search_help_text = gettext_lazy("Folio, nombre, marca o texto. Busca en todas las etapas.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    ordering = ["starts_on", "status_at", "id"]

    @property
    def media(self) -> Media:
        """Neither page needs a script."""
        return Media()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return super().get_queryset(request).select_related("brand", "reservation")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Queue

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """What airs first is decided first; elsewhere the newest is at the top."""
        stage = request.GET.get("etapa") or ("todas" if request.GET.get(SEARCH_VAR) else WAITING)
        return self.ordering if stage == WAITING else ["-id"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Revisión"), "subtitle": None}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one campaign to decide on, and take the decision."""
        campaign = self.get_object(request, unquote(object_id))
        if campaign is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, campaign):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request, campaign)
        return self._page(request, campaign)

    def get_urls(self) -> list[URLPattern]:
        say = self.admin_site.admin_view(require_POST(self.say_view))
        return [
            path("<path:object_id>/mensaje/", say, name="campaigns_campaign_say"),
            *super().get_urls(),
        ]

    def say_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say something to the brand and come back to the campaign."""
        campaign = self.get_object(request, unquote(object_id))
        if campaign is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not review.may_review(request.user):
            raise PermissionDenied
        asked = decision.read(request.POST)
        drafts.keep(request, campaign, asked)
        try:
            side = conversation.Side.STAFF
            conversation.write(campaign.pk, asked.message, side=side, by=request.user)
        except CampaignError as error:
            return self._page(
                request, campaign, asked=asked, refusal=error.message, talk_error=error.message
            )
        self.message_user(request, _("Mensaje enviado a la marca."), messages.SUCCESS)
        there = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
        return redirect(f"{there}#conversacion")

    def _decide(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        if not review.may_review(request.user):
            raise PermissionDenied
        asked = decision.read(request.POST)
        following = review.next_after(campaign, request.user)
        try:
            told = decision.take(campaign.pk, asked, by=request.user)
        except (CampaignError, InventoryError) as error:
            fresh = self.get_queryset(request).get(pk=campaign.pk)
            return self._page(request, fresh, asked=asked, refusal=error.message)
        drafts.forget(request, campaign)
        self.message_user(request, told, messages.SUCCESS)
        if asked.goes_on and following:
            return redirect("admin:campaigns_campaign_change", following.pk)
        return redirect("admin:campaigns_campaign_changelist")

    def _page(
        self,
        request: HttpRequest,
        campaign: Campaign,
        *,
        asked: decision.Decision | None = None,
        refusal: str = "",
        talk_error: str = "",
    ) -> HttpResponse:
        asked = asked or drafts.kept(request, campaign)
        if asked and campaign.status != Status.IN_REVIEW:
            drafts.forget(request, campaign)  # it is shown once more, to be copied
        context = {
            **self.admin_site.each_context(request),
            **case.of(campaign, request.user, asked),
            "title": campaign.name,
            "refusal": refusal,
            "talk_error": talk_error,
            "opts": self.opts,
            "original": campaign,
        }
        template = "admin/campaigns/campaign/decision.html"
        return TemplateResponse(request, template, context, status=409 if refusal else 200)

    @admin.display(description=gettext_lazy("sale al aire"), ordering="starts_on")
    def airs(self, campaign: Campaign) -> SafeString:
        """The first day, and how far off it is while somebody has to decide."""
        if campaign.starts_on is None:
            return format_html('<span class="quiet">{}</span>', _("Sin fecha"))
        day = date_format(campaign.starts_on, "l j M").lower()
        if campaign.status != Status.IN_REVIEW:
            return format_html('<span class="nowrap">{}</span>', day)
        left = (campaign.starts_on - timezone.localdate()).days
        return format_html(
            '<b class="due {}">{}</b> <span class="quiet nowrap">{}</span>',
            "soon" if left <= 1 else "",
            _days_left(left),
            day,
        )

    @admin.display(description=gettext_lazy("texto"), ordering="text")
    def ad(self, campaign: Campaign) -> str:
        return campaign.text or _("Sin texto")

    @admin.display(description=gettext_lazy("marca"), ordering="brand__name")
    def who(self, campaign: Any) -> SafeString:
        unread = format_html(' <span class="unread">{}</span>', _("Mensaje nuevo"))
        return format_html(
            '<b>{}</b> <span class="quiet">{} · {}</span>{}',
            campaign.brand.name,
            campaign.folio,
            campaign.name,
            unread if campaign.unread else "",
        )

    @admin.display(description=gettext_lazy("zonas"))
    def zones(self, campaign: Any) -> str:
        return campaign.zones_told

    @admin.display(description=gettext_lazy("volumen"), ordering="volume")
    def notifications(self, campaign: Campaign) -> SafeString | str:
        if campaign.volume is None:
            return ""
        return format_html(
            '{} <span class="unit">{}</span>', intcomma(campaign.volume), _("notificaciones")
        )

    @admin.display(description=gettext_lazy("versión"), ordering="version_number")
    def edition(self, campaign: Campaign) -> SafeString:
        return format_html(
            '<span class="unit">{}</span> {}', _("versión"), campaign.version_number or "–"
        )

    @admin.display(description=gettext_lazy("desde"), ordering="status_at")
    def since(self, campaign: Campaign) -> SafeString:
        """How long it has been where it is."""
        badge = format_html(
            '<span class="badge {}">{}</span> ', campaign.status, campaign.get_status_display()
        )
        return format_html(
            '{}<time class="quiet nowrap" datetime="{}">{}</time>',
            "" if campaign.status == Status.IN_REVIEW else badge,
            campaign.status_at.isoformat(),
            _("hace {time}").format(time=timesince(campaign.status_at, depth=1)),
        )


def _days_left(days: int) -> str:
    if days <= 0:
        return _("Hoy")
    if days == 1:
        return _("Mañana")
    return ngettext("En {days} día", "En {days} días", days).format(days=days)
