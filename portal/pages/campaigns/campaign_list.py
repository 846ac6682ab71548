"""A brand's campaigns as a list and as a file: what is asked stands in the address."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple, Self

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns import conversation, moves
from campaigns.models import Brand, Campaign
from campaigns.models.waiting_list_entry import OPEN_ENTRIES
from core import sheets
from portal.accounts import access
from segments import areas, gazetteer

PAGE = 25
ORDERS = {
    "": (gettext_lazy("La más nueva primero"), ("-id",)),
    "inicio": (gettext_lazy("La que empieza antes"), ("starts_on", "id")),
    "nombre": (gettext_lazy("Por nombre"), ("name", "id")),
    "volumen": (gettext_lazy("La de más volumen"), (F("volume").desc(nulls_last=True), "-id")),
}
COLUMNS = (
    "folio",
    "nombre",
    "estado",
    "uso",
    "vigencia",
    "texto",
    "zona",
    "lada",
    "primer_dia",
    "ultimo_dia",
    "notificaciones",
    "tope_diario",
    "creada",
    "enviada_version",
)


class Asked(NamedTuple):
    """What of the list is wanted, and what of the question could not be meant."""

    words: str = ""
    status: str = ""
    first: date | None = None
    last: date | None = None
    order: str = ""
    told: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Read the address. Never fails: what cannot be meant is told and left out."""
        told: list[str] = []
        first, last = (_day(query.get(name, ""), told) for name in ("desde", "hasta"))
        if first and last and last < first:
            told.append(_("La primera fecha era posterior a la última: se intercambiaron."))
            first, last = last, first
        status, order = query.get("estado", ""), query.get("orden", "")
        return cls(
            query.get("q", "").replace("\0", "").strip(),
            status if status in Campaign.Status.values else "",
            first,
            last,
            order if order in ORDERS else "",
            tuple(told),
        )

    @property
    def filters(self) -> bool:
        """Say whether some campaigns may be left out."""
        return bool(self.words or self.status or self.first or self.last)

    def rows(self, brand: Brand) -> QuerySet[Campaign]:
        """Give the brand's campaigns that are asked for; by dates, those that touch them."""
        rows = Campaign.objects.filter(brand=brand)
        if self.words:
            rows = rows.filter(
                Q(name__icontains=self.words)
                | Q(folio__icontains=self.words)
                | Q(text__icontains=self.words)
            )
        if self.status:
            rows = rows.filter(status=self.status)
        if self.first:
            rows = rows.filter(ends_on__gte=self.first)
        if self.last:
            rows = rows.filter(starts_on__lte=self.last)
        return rows.order_by(*ORDERS[self.order][1])


@login_required
@require_safe
def campaign_list(request: HttpRequest, slug: str) -> HttpResponse:
    """List a brand's campaigns as the address asks."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    asked = Asked.read(request.GET)
    rows = asked.rows(brand).select_related("ad_order", "reservation")
    page = Paginator(rows.prefetch_related(OPEN_ENTRIES), PAGE).get_page(request.GET.get("page"))
    ids = [campaign.pk for campaign in page]
    for campaign in page:
        campaign.buttons = [b for b in moves.buttons(campaign.status) if b.in_list]
    context = {
        "brand": brand,
        "nav": "campaigns",
        "may_edit": brand.may_edit(request.user),
        "page": page,
        "asked": asked,
        "statuses": Campaign.Status.choices,
        "orders": [(key, label) for key, (label, _fields) in ORDERS.items()],
        "unread": conversation.with_unread(ids, conversation.Side.BRAND),
        "kept": _kept(request.GET),
    }
    return render(request, "campaigns/campaign_list.html", context)


@login_required
@require_safe
def export(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Give the campaigns that the address asks for as a CSV that a spreadsheet opens."""
    brand = access.brand_of(request, slug)
    rows = Asked.read(request.GET).rows(brand)
    answer = StreamingHttpResponse(
        sheets.write(COLUMNS, _lines(rows)), content_type="text/csv; charset=utf-8"
    )
    name = f"campanas-{brand.slug}-{timezone.localdate().isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _kept(query: QueryDict) -> str:
    """Give the question of an address as a button brings it back: only what this page knows."""
    known = QueryDict(mutable=True)
    for name in ("q", "estado", "desde", "hasta", "orden", "page"):
        if query.get(name):
            known[name] = query[name]
    return known.urlencode()


def redirect_to_list(request: HttpRequest, brand: Brand) -> HttpResponse:
    """Come back to the list as it was asked for, after a button of one of its rows."""
    there = redirect("portal:campaigns", slug=brand.slug)
    if kept := _kept(QueryDict(request.POST.get("volver", ""))):
        there["Location"] += f"?{kept}"
    return there


def _lines(rows: QuerySet[Campaign]) -> Iterator[list[Any]]:
    places = gazetteer.current()
    for campaign in rows.iterator(chunk_size=500):
        where, count = _where(campaign, places)
        yield [
            campaign.folio,
            campaign.name,
            campaign.get_status_display(),
            campaign.get_use_display(),
            campaign.promotion_ends_on,
            campaign.text,
            where,
            count,
            campaign.starts_on,
            campaign.ends_on,
            campaign.volume,
            campaign.daily_cap,
            timezone.localtime(campaign.created_at).strftime("%Y-%m-%d %H:%M"),
            campaign.version_number,
        ]


def _where(campaign: Campaign, places: gazetteer.Gazetteer) -> tuple[str, int | None]:
    """Say the zone, and how many LADAs it is; None where it cannot be resolved."""
    try:
        area = campaign.chosen_area
        return (areas.describe(area, places), len(areas.resolve(area, places))) if area else ("", 0)
    except areas.AreaError:
        return "", None


def _day(text: str, told: list[str]) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if text and day is None:
        told.append(
            _("«{text}» no es una fecha: escríbela como 2026-12-31.").format(text=text[:20])
        )
    return day
