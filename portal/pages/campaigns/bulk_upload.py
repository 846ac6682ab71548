"""Many campaigns from one file: sent, looked at row by row, made by one click."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import bulk, readiness
from campaigns.errors import CampaignError
from campaigns.models import Brand, BulkFile, Campaign
from core import sheets
from core.problems import Problem
from core.sheets import BadSheet
from portal.accounts import access

PAGE = 50  # rows
ORDER = ("wrong", "pending", "ready")  # what has to be looked at comes first


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a file of campaigns; what cannot be read of it is said at once."""
    brand = _brand(request, slug)
    if request.method != "POST":
        return _upload_page(request, brand)
    file = request.FILES.get("archivo")
    if file is None:
        return _upload_page(request, brand, [Problem(_("Elige un archivo CSV de tu equipo."))])
    try:
        kept = bulk.keep(brand, file, file.name, by=request.user)
    except BadSheet as error:
        return _upload_page(request, brand, error.problems.listed)
    return redirect("portal:bulk_file", slug=slug, pk=kept.pk)


@login_required
@require_safe
def bulk_template(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a file to fill in, with two rows that show how."""
    _brand(request, slug)
    first = readiness.first_possible_day()
    last = first + timedelta(6)
    span = (first, last)
    recharge = ("Recarga de fin de semana", "difusión", "", "Recarga $100 y recibe 2 GB")
    two_for_one = ("2 por 1 en Jalisco", "promoción", last, "2 por 1 hoy en tu tienda")
    rows = [
        (*recharge, "todo México", "33", *span, 500_000, ""),
        (*two_for_one, "Jalisco, 55, 81", "", *span, 60_000, 10_000),
    ]
    answer = HttpResponse(
        "".join(sheets.write(bulk.SHAPE.columns, rows)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="plantilla-campanas.csv"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_file(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show what each row of a file would make, and make it; afterwards, what was made."""
    brand = _brand(request, slug)
    file = get_object_or_404(BulkFile, brand=brand, pk=pk)
    if request.method == "POST":
        return _make(request, brand, file)
    if file.used_at:
        made = Campaign.objects.filter(brand=brand, folio__in=file.folios).order_by("id")
        page = Paginator(made, PAGE).get_page(request.GET.get("page"))
        return _render(
            request, brand, "campaigns/bulk_upload_created.html", {"file": file, "page": page}
        )
    verdicts = bulk.judge(file)
    counts = Counter(verdict.kind for verdict in verdicts)
    shown = sorted(verdicts, key=lambda verdict: ORDER.index(verdict.kind))
    context = {
        "file": file,
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "ready": counts["ready"],
        "pending": counts["pending"],
        "wrong": counts["wrong"],
        "good": counts["ready"] + counts["pending"],
        "fixable": sum(bool(verdict.fixed) for verdict in verdicts if verdict.makes),
        "before": bulk.used_before(file),
    }
    return _render(request, brand, "campaigns/bulk_upload_file.html", context)


def _make(request: HttpRequest, brand: Brand, file: BulkFile) -> HttpResponse:
    try:
        made = bulk.make_drafts(
            file.pk, fix_texts=request.POST.get("corregir") == "si", by=request.user
        )
    except CampaignError as error:
        messages.error(request, error.message)
        return redirect("portal:bulk_file", slug=brand.slug, pk=file.pk)
    if made.failed:
        messages.warning(
            request,
            ngettext(
                "No se pudo crear {n} fila: la línea {lines}.",
                "No se pudieron crear {n} filas: las líneas {lines}.",
                len(made.failed),
            ).format(n=len(made.failed), lines=", ".join(map(str, made.failed))),
        )
    return redirect("portal:bulk_file", slug=brand.slug, pk=file.pk)


def _brand(request: HttpRequest, slug: str) -> Brand:
    """Give the brand to who may write for it; 404 to others."""
    brand = access.brand_of(request, slug)
    if not brand.may_edit(request.user):
        raise Http404
    access.remember(request, brand)
    return brand


def _upload_page(
    request: HttpRequest, brand: Brand, problems: Sequence[Problem] = ()
) -> HttpResponse:
    context = {
        "problems": problems,
        "most_rows": bulk.MOST_ROWS,
        "columns": bulk.SHAPE.columns,
    }
    status = 422 if problems else 200
    return _render(request, brand, "campaigns/bulk_upload.html", context, status=status)


def _render(
    request: HttpRequest, brand: Brand, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    frame = {"brand": brand, "nav": "campaigns"}
    return render(request, name, frame | context, status=status)
