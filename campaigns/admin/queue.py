"""The review queue: its filter by stage, its rows with zones and unread messages, its columns."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import conversation
from campaigns.models import Campaign, Version
from segments import areas, gazetteer

Status = Campaign.Status

IN_REVIEW = "en-revision"
ALL = "todas"
STAGES: dict[str, tuple[str | Promise, Collection[str]]] = {
    IN_REVIEW: (gettext_lazy("En revisión"), {Status.IN_REVIEW}),
    "con-la-marca": (
        gettext_lazy("Con la marca"),
        {*Campaign.EDITABLE, Status.RESERVING},
    ),
    "en-marcha": (
        gettext_lazy("En marcha"),
        Campaign.ORDERED,
    ),
    "cerradas": (gettext_lazy("Cerradas"), Campaign.ENDED),
    ALL: (gettext_lazy("Todas"), set(Status)),
}


def default_stage(request: HttpRequest) -> str:
    """Return the stage that is listed where none is chosen."""
    return ALL if request.GET.get(SEARCH_VAR) else IN_REVIEW


class StageFilter(admin.SimpleListFilter):
    """Filter by stage: in review by default, all while searching."""

    title = gettext_lazy("etapa")
    parameter_name = "etapa"
    template = "admin/campaigns/campaign/stage_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.default = default_stage(request)
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, (label, _statuses) in STAGES.items()]

    def value(self) -> str:
        chosen = super().value()
        return chosen if chosen in STAGES else self.default

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        counts = {} if changelist.query else _counts()
        for key, label in self.lookup_choices:
            yield {
                "count": counts.get(key),
                "selected": self.value() == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}, ["p"]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        if self.value() == ALL:
            return queryset
        return queryset.filter(status__in=STAGES[self.value()][1])


def _counts() -> dict[str, int]:
    """Return the number of campaigns of each stage. One query."""
    rows = Campaign.objects.of_channel().order_by().values_list("status").annotate(Count("pk"))
    by_status = dict(rows)
    return {
        key: sum(by_status.get(status, 0) for status in statuses)
        for key, (_label, statuses) in STAGES.items()
    }


class QueueChangeList(ChangeList):
    """A page of campaigns, with `zones_label` and `unread` set on each.

    The catalogue is read once, and so are the unread messages.
    """

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        show_sent(self.result_list)
        places = gazetteer.current()
        ids = [campaign.pk for campaign in self.result_list]
        unread = conversation.campaigns_with_unread(ids, conversation.Side.STAFF)
        for campaign in self.result_list:
            campaign.zones_label = _zones_label(campaign, places)
            campaign.unread = campaign.pk in unread


def show_sent(campaigns: Iterable[Campaign]) -> None:
    """Give campaigns that their brand may be editing the terms that it sent last, to display.

    A draft that was never sent shows none.
    """
    drafts = [c for c in campaigns if c.status in {*Campaign.EDITABLE, Status.DELETED}]
    latest = Version.objects.filter(campaign__in=drafts, number=F("campaign__version_number"))
    sent = {version.campaign_id: version for version in latest} if drafts else {}
    for campaign in drafts:
        terms = sent.get(campaign.pk) or Version()
        for name in Campaign.TERMS:
            setattr(campaign, name, getattr(terms, name))


def _zones_label(campaign: Campaign, places: gazetteer.Gazetteer) -> str:
    try:
        chosen = campaign.chosen_area
    except areas.MalformedArea:
        return ""
    return areas.describe(chosen, places) if chosen else ""


class QueueColumns:
    """The columns of the queue, for the campaign's ModelAdmin."""

    @admin.display(description=gettext_lazy("sale al aire"), ordering="starts_on")
    def airs(self, campaign: Campaign) -> SafeString:
        """The first day, and the days left to decide while the campaign is in review."""
        if campaign.starts_on is None or campaign.decide_by is None:
            return format_html('<span class="quiet">{}</span>', _("Sin fecha"))
        day = date_format(campaign.starts_on, _("l j M"))
        if campaign.status != Status.IN_REVIEW:
            return format_html('<span class="nowrap">{}</span>', day)
        last = timezone.localdate(campaign.decide_by - timedelta(microseconds=1))
        left = (last - timezone.localdate()).days
        return format_html(
            '<b class="due {}">{}</b> <span class="quiet nowrap">{}</span>',
            "soon" if left <= 1 else "",
            _days_left(left),
            day,
        )

    @admin.display(description=gettext_lazy("texto"), ordering="text")
    def ad(self, campaign: Campaign) -> str:
        if campaign.version_number == 0:
            return _("Todavía no la envía")
        return campaign.text or _("Sin texto")

    @admin.display(description=gettext_lazy("marca"), ordering="brand__name")
    def who(self, campaign: Any) -> SafeString:
        notes = []
        if campaign.brand.is_suspended:
            notes.append(("badge rejected", _("Marca suspendida")))
        if campaign.unread:
            notes.append(("unread", _("Mensaje nuevo")))
        return format_html(
            '<b>{}</b> <span class="quiet">{} · {}</span>{}',
            campaign.brand.name,
            campaign.folio,
            campaign.name or _("borrador"),
            format_html_join("", ' <span class="{}">{}</span>', notes),
        )

    @admin.display(description=gettext_lazy("zonas"))
    def zones(self, campaign: Any) -> str:
        return campaign.zones_label

    @admin.display(description=gettext_lazy("volumen"), ordering="volume")
    def notifications(self, campaign: Campaign) -> SafeString | str:
        if campaign.volume is None:
            return ""
        note = _("{n} en riesgo").format(n=intcomma(campaign.at_risk)) if campaign.at_risk else ""
        if campaign.status == Status.IN_REVIEW and campaign.current_hold is None:
            note = _("Sin apartado")
        return format_html(
            '{} <span class="unit">{}</span>{}',
            intcomma(campaign.volume),
            _("notificaciones"),
            format_html('<br><span class="level tight">{}</span>', note) if note else "",
        )

    @admin.display(description=gettext_lazy("versión"), ordering="version_number")
    def edition(self, campaign: Campaign) -> SafeString:
        return format_html(
            '<span class="unit">{}</span> {}', _("versión"), campaign.version_number or "–"
        )

    @admin.display(description=gettext_lazy("desde"), ordering="status_at")
    def since(self, campaign: Campaign) -> SafeString:
        """The time since the last change of status, with the status unless it is in review."""
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
        return _("Decide hoy")
    if days == 1:
        return _("Decide mañana")
    return ngettext("Decide en {days} día", "Decide en {days} días", days).format(days=days)
