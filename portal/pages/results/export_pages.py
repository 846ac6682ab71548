"""Results as files: what and how fine, the download at once, and the files that a worker writes."""

import tempfile
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Min, QuerySet
from django.http import FileResponse, Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.exports import files, queue, selection
from campaigns.exports.errors import ExportError
from campaigns.exports.selection import CampaignDay, Selection
from campaigns.models import Brand, Campaign, Export
from campaigns.results.blocks import Grain
from core.days import DaysFilter
from portal.accounts import access
from portal.accounts.access import SignedInRequest
from portal.pages.results import span
from portal.pages.results.span import Preset

AT_ONCE = 50_000  # rows that are written while the browser waits
LISTED = 200  # campaigns to choose from, the newest
RECENT = timedelta(days=29)  # before today: the span of a page that names none

HINTS: dict[Grain, str | Promise] = {
    Grain.DAY: gettext_lazy("Con los clics de cada día."),
    Grain.DAY_STATE: gettext_lazy("Cada LADA cuenta en el estado de su ciudad principal."),
    Grain.DAY_LADA: gettext_lazy("Con la ciudad de cada LADA."),
    Grain.HOUR: gettext_lazy("Hora del centro de México y UTC; todas las LADA juntas."),
    Grain.HOUR_LADA: gettext_lazy("El detalle más fino: 24 filas por LADA y día."),
}


class GrainChoice(NamedTuple):
    """A grain that may be chosen, with the largest number of rows, and why it may not be."""

    grain: Grain
    hint: str | Promise
    rows: int
    problem: str


class ExportQuery(NamedTuple):
    """What the page is asked for, in its address or its form."""

    selection: Selection
    days: DaysFilter
    notices: list[str]
    grain: str
    file_format: str

    @classmethod
    def parse(cls, brand: Brand, query: QueryDict) -> Self:
        """Parse a query; days that are missing, or cannot be read, are those of `_default_span`.

        Raises Http404 for a campaign that is not one of the brand's with an order.
        """
        campaign = None
        if folio := query.get("campana", ""):
            campaign = get_object_or_404(_exportable(brand), folio=folio)
        days = DaysFilter.read(query)
        first, last = _default_span(brand, campaign, days)
        grain, file_format = query.get("detalle", ""), query.get("formato", "")
        return cls(
            Selection(brand, campaign, first, last),
            days.showing(first, last),
            days.notices,
            grain if grain in Grain.values else Grain.DAY,
            file_format if file_format in Export.Format.values else Export.Format.CSV,
        )


@login_required
@access.costly(40)
@require_http_methods(["GET", "HEAD", "POST"])
def export_results(request: SignedInRequest, slug: str) -> HttpResponseBase:
    """Show how many rows each grain has; send a short file at once, have a worker write others."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    query = ExportQuery.parse(brand, request.POST if request.method == "POST" else request.GET)
    days = query.selection.days()
    if request.method != "POST" or query.days.errors:
        return _export_page(request, query, days)
    try:
        rows = selection.check(days, Grain(query.grain), query.file_format)
        if rows <= AT_ONCE:
            return _download(query)
        queue.request(query.selection, Grain(query.grain), query.file_format, by=request.user)
    except ExportError as error:
        return _export_page(request, query, days, problem=error.message)
    return redirect("portal:exports", slug=slug)


@login_required
@require_safe
def export_list(request: SignedInRequest, slug: str) -> HttpResponse:
    """List the files of a brand: those being written with their progress, and those to download."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    rows = Export.objects.filter(brand=brand).select_related("campaign", "requested_by")
    exports = [(export, Grain(export.grain).label, _expiry(export)) for export in rows]
    states = [export.state for export, _grain, _expires in exports]
    context = {
        "brand": brand,
        "nav": "reports",
        "exports": exports,
        "states": " ".join(states),
        "follows": "waiting" in states or "working" in states,
        "kept": queue.KEPT,
        "days": queue.KEPT_FOR.days,
    }
    return render(request, "results/exports.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def export_file(request: SignedInRequest, slug: str, pk: int) -> HttpResponseBase:
    """Send a finished file; a POST has one that failed written again."""
    brand = access.brand_of(request, slug)
    export = get_object_or_404(
        Export.objects.select_related("brand", "campaign"), brand=brand, pk=pk
    )
    if request.method == "POST":
        try:
            queue.retry(export.pk)
        except ExportError as error:
            messages.error(request, error.message)
        return redirect("portal:exports", slug=slug)
    if not export.finished_at:
        raise Http404
    response = StreamingHttpResponse(
        queue.read(export), content_type=files.CONTENT_TYPES[Export.Format(export.file_format)]
    )
    name = files.name(queue.selection_of(export), Grain(export.grain), export.file_format)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(export.size)
    return response


def _download(query: ExportQuery) -> FileResponse:
    """Return a short file. It is complete before the first byte is sent: an error is a page."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    files.write(file, query.selection, Grain(query.grain), query.file_format)
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=files.name(query.selection, Grain(query.grain), query.file_format),
        content_type=files.CONTENT_TYPES[Export.Format(query.file_format)],
    )


def _export_page(
    request: SignedInRequest, query: ExportQuery, days: list[CampaignDay], *, problem: str = ""
) -> HttpResponse:
    chosen = query.selection
    listed = list(_exportable(chosen.brand).order_by("-id")[:LISTED])
    if chosen.campaign and chosen.campaign not in listed:
        listed.append(chosen.campaign)
    context = {
        "brand": chosen.brand,
        "nav": "reports",
        "query": query,
        "campaigns": listed,
        "presets": _presets(chosen.brand),
        "choices": [_choice(grain, days) for grain in Grain] if days else [],
        "formats": Export.Format.choices,
        "at_once": AT_ONCE,
        "problem": problem,
        "has_files": Export.objects.filter(brand=chosen.brand).exists(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "results/export_results.html", context, status=status)


def _choice(grain: Grain, days: list[CampaignDay]) -> GrainChoice:
    problem = ""
    try:
        selection.check(days, grain, Export.Format.CSV)
    except ExportError as error:
        problem = error.message
    return GrainChoice(grain, HINTS[grain], selection.count_rows(days, grain), problem)


def _presets(brand: Brand) -> list[Preset]:
    """Return spans to choose by a click."""
    today = brand.today()
    earliest = _exportable(brand).aggregate(day=Min("starts_on"))["day"] or today
    return span.presets_of(min(earliest, today), today, today)


def _default_span(brand: Brand, campaign: Campaign | None, days: DaysFilter) -> tuple[date, date]:
    """Return the first and last day: those given, or of a campaign its own, else thirty days."""
    today = brand.today()
    first, last = today - RECENT, today
    if campaign and campaign.starts_on and campaign.ends_on:
        first = campaign.starts_on
        last = max(first, min(campaign.ends_on, today))
    first, last = days.first or first, days.last or last
    return min(first, last), max(first, last)


def _exportable(brand: Brand) -> QuerySet[Campaign]:
    return Campaign.objects.filter(brand=brand, ad_order__isnull=False)


def _expiry(export: Export) -> datetime | None:
    ended = export.finished_at or export.failed_at
    return ended + queue.KEPT_FOR if ended else None
