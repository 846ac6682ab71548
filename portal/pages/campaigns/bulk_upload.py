"""Campaigns from one file: uploaded, reviewed row by row, created by one click."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import bulk, readiness
from campaigns.errors import CampaignError
from campaigns.models import Brand, BulkFile, Campaign
from core import sheets
from core.body_limits import max_body
from core.problems import Problem
from core.sheets import BadSheet
from portal.accounts import access
from portal.accounts.access import SignedInRequest

PAGE = 50  # rows
ORDER = ("wrong", "pending", "ready")  # what needs attention comes first


@max_body(8 * bulk.MAX_BYTES)  # a file that is too long by less gets its own message
@login_required
@access.costly(40)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_upload(request: SignedInRequest, slug: str) -> HttpResponse:
    """Accept a file of campaigns, or show at once why it cannot be read."""
    brand = _brand(request, slug)
    if request.method != "POST":
        return _upload_page(request, brand)
    file = request.FILES.get("archivo")
    if file is None:
        return _upload_page(request, brand, [Problem(_("Elige un archivo CSV de tu equipo."))])
    try:
        upload = bulk.store(brand, cast(BinaryIO, file), file.name or "", by=request.user)
    except BadSheet as error:
        return _upload_page(request, brand, error.problems.listed)
    return redirect("portal:bulk_file", slug=slug, pk=upload.pk)


@login_required
@require_safe
def bulk_template(request: SignedInRequest, slug: str) -> HttpResponse:
    """Return a file to fill in, with two example rows."""
    first = readiness.first_possible_day(_brand(request, slug).now())
    last = first + timedelta(6)
    span = (first, last)
    recharge = ("Recarga de fin de semana", "difusión", "", "Recarga $100 y recibe 2 GB")
    two_for_one = ("2 por 1 en Jalisco", "promoción", last, "2 por 1 hoy en tu tienda")
    rows = [
        (*recharge, "todo México", "33", *span, 500_000, ""),
        (*two_for_one, "Jalisco, 55, 81", "", *span, 60_000, 10_000),
    ]
    response = HttpResponse(
        "".join(sheets.write(bulk.SHAPE.columns, rows)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="plantilla-campanas.csv"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_file(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Show what each row of a file would create, and create it; afterwards, what was created."""
    brand = _brand(request, slug)
    file = get_object_or_404(BulkFile, brand=brand, pk=pk)
    if request.method == "POST":
        return _create(request, brand, file)
    if file.used_at:
        created = Campaign.objects.filter(brand=brand, folio__in=file.folios).order_by("id")
        page = Paginator(created, PAGE).get_page(request.GET.get("page"))
        return _render(
            request, brand, "campaigns/bulk_upload_created.html", {"file": file, "page": page}
        )
    verdicts = bulk.preview(file)
    counts = Counter(verdict.status for verdict in verdicts)
    ordered = sorted(verdicts, key=lambda verdict: ORDER.index(verdict.status))
    context = {
        "file": file,
        "page": Paginator(ordered, PAGE).get_page(request.GET.get("page")),
        "ready": counts["ready"],
        "pending": counts["pending"],
        "wrong": counts["wrong"],
        "good": counts["ready"] + counts["pending"],
        "fixable": [verdict for verdict in verdicts if verdict.makes_draft and verdict.fixed],
        "before": bulk.previous_use(file),
    }
    return _render(request, brand, "campaigns/bulk_upload_file.html", context)


def _create(request: SignedInRequest, brand: Brand, file: BulkFile) -> HttpResponse:
    try:
        result = bulk.make_drafts(file.pk, fix_lines=_lines(request), by=request.user)
    except CampaignError as error:
        messages.error(request, error.message)
        return redirect("portal:bulk_file", slug=brand.slug, pk=file.pk)
    if result.failed:
        messages.warning(
            request,
            ngettext(
                "No se pudo crear {n} fila: la línea {lines}.",
                "No se pudieron crear {n} filas: las líneas {lines}.",
                len(result.failed),
            ).format(n=len(result.failed), lines=", ".join(map(str, result.failed))),
        )
    return redirect("portal:bulk_file", slug=brand.slug, pk=file.pk)


def _lines(request: SignedInRequest) -> set[int]:
    """Return the lines whose fixed text is ticked."""
    return {
        int(line) for line in request.POST.getlist("corregir") if re.fullmatch("[0-9]{1,9}", line)
    }


def _brand(request: SignedInRequest, slug: str) -> Brand:
    """Return the brand. Raises Http404 for those who may not write for it."""
    brand = access.brand_of(request, slug)
    access.require_editor(request, brand)
    access.remember(request, brand)
    return brand


def _upload_page(
    request: SignedInRequest, brand: Brand, problems: Sequence[Problem] = ()
) -> HttpResponse:
    context = {
        "problems": problems,
        "most_rows": bulk.MAX_ROWS,
        "columns": bulk.SHAPE.columns,
    }
    status = 422 if problems else 200
    return _render(request, brand, "campaigns/bulk_upload.html", context, status=status)


def _render(
    request: SignedInRequest, brand: Brand, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    frame = {"brand": brand, "nav": "campaigns"}
    return render(request, name, frame | context, status=status)
