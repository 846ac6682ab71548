"""A brand's campaigns as a list and as a CSV, filtered by the query of the address."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, Self

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from campaigns import conversation, moves
from campaigns.models import Brand, Campaign
from campaigns.models.waiting_list_entry import OPEN_ENTRIES
from campaigns.reports import progress
from campaigns.reports.delivery import Delivery
from core import search, sheets
from core.days import DaysFilter
from portal.accounts import access
from portal.accounts.access import SignedInRequest
from segments import area_words, areas, gazetteer

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
    "destino",
    "creada",
    "enviada_version",
    "con_anuncio",
    "entregadas",
    "hasta",
)
CHUNK = 500  # campaigns of the file that are read at a time


class ListRow(NamedTuple):
    """A campaign of the list, the buttons beside it, and what was delivered once it has begun."""

    campaign: Campaign
    buttons: list[moves.Button]
    delivery: Delivery | None


class ListQuery(NamedTuple):
    """The filters and order of the list."""

    search: str
    status: str
    days: DaysFilter
    order: str

    @classmethod
    def parse(cls, query: QueryDict) -> Self:
        """Parse the address. Never fails: what cannot be read is left out, with an error."""
        status, order = query.get("estado", ""), query.get("orden", "")
        return cls(
            query.get("q", "").replace("\0", "").strip(),
            status if status in Campaign.Status.values else "",
            DaysFilter.read(query),
            order if order in ORDERS else "",
        )

    @property
    def is_filtered(self) -> bool:
        """Return whether some campaigns may be left out."""
        return bool(self.search or self.status or any(self.days.data.values()))

    def rows(self, brand: Brand) -> QuerySet[Campaign]:
        """Return the brand's campaigns that match; by dates, those that overlap them."""
        rows = Campaign.objects.filter(brand=brand)
        if self.search:
            rows = rows.filter(search.in_any(self.search, *Campaign.SEARCHED))
        if self.status:
            rows = rows.filter(status=self.status)
        else:
            rows = rows.exclude(status=Campaign.Status.DELETED)
        if self.days.first:
            rows = rows.filter(ends_on__gte=self.days.first)
        if self.days.last:
            rows = rows.filter(starts_on__lte=self.days.last)
        return rows.order_by(*ORDERS[self.order][1])


@login_required
@require_safe
def campaign_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """List a brand's campaigns."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    query = ListQuery.parse(request.GET)
    rows = query.rows(brand).select_related("ad_order", "reservation")
    page = Paginator(rows.prefetch_related(OPEN_ENTRIES), PAGE).get_page(request.GET.get("page"))
    ids = [campaign.pk for campaign in page]
    deliveries = progress.of_campaigns(page)
    context = {
        "brand": brand,
        "nav": "campaigns",
        "may_edit": brand.may_edit(request.user),
        "page": page,
        "rows": [
            ListRow(campaign, _list_buttons(campaign), deliveries.get(campaign.pk))
            for campaign in page
        ],
        "query": query,
        "statuses": Campaign.Status.choices,
        "orders": [(key, label) for key, (label, _fields) in ORDERS.items()],
        "new_messages": conversation.campaigns_with_unread(ids, conversation.Side.BRAND),
        "list_query": _list_query(request.GET),
    }
    return render(request, "campaigns/campaign_list.html", context)


@login_required
@require_safe
def export_campaigns(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """Return the campaigns of the list as a CSV that a spreadsheet opens."""
    brand = access.brand_of(request, slug)
    rows = ListQuery.parse(request.GET).rows(brand)
    response = StreamingHttpResponse(
        sheets.write(COLUMNS, _csv_rows(rows)), content_type="text/csv; charset=utf-8"
    )
    name = f"campanas-{brand.slug}-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _list_buttons(campaign: Campaign) -> list[moves.Button]:
    found = moves.buttons(campaign.status, paused_by=campaign.paused_by)
    return [button for button in found if button.in_list]


def _list_query(query: QueryDict) -> str:
    """Return the query string of the list, without parameters that it does not know."""
    known = QueryDict(mutable=True)
    for name in ("q", "estado", "desde", "hasta", "orden", "page"):
        if value := query.get(name):
            known[name] = value
    return known.urlencode()


def redirect_to_list(request: SignedInRequest, brand: Brand) -> HttpResponse:
    """Return to the list with its filters, after a button of one of its rows."""
    response = redirect("portal:campaigns", slug=brand.slug)
    if query := _list_query(QueryDict(request.POST.get("volver", ""))):
        response["Location"] += f"?{query}"
    return response


def _csv_rows(rows: QuerySet[Campaign]) -> Iterator[list[Any]]:
    places = gazetteer.current()
    found = rows.iterator(chunk_size=CHUNK)
    while some := list(islice(found, CHUNK)):
        deliveries = progress.of_campaigns(some)
        for campaign in some:
            yield [*_terms(campaign, places), *_delivered(deliveries.get(campaign.pk))]


def _terms(campaign: Campaign, places: gazetteer.Gazetteer) -> list[Any]:
    where, count = _zone(campaign, places)
    return [
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
        campaign.destination,
        _moment(campaign.created_at),
        campaign.version_number,
    ]


def _delivered(delivery: Delivery | None) -> list[Any]:
    """Return what was inserted and delivered, and until when; nothing before it has begun."""
    if delivery is None:
        return [None, None, None]
    as_of = _moment(delivery.as_of) if delivery.as_of else None
    return [delivery.inserted, delivery.delivered, as_of]


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _zone(campaign: Campaign, places: gazetteer.Gazetteer) -> tuple[str, int | None]:
    """Return the zone in full and its count of LADAs; None where it cannot be resolved."""
    where = ""
    try:
        if (area := campaign.chosen_area) is None:
            return "", 0
        where = area_words.write(area, places)
        return where, len(areas.resolve(area, places))
    except areas.AreaError:
        return where, None
