"""The reports for staff: five pages with filters, charts, tables and the same rows as CSV."""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from campaigns.admin.staff_reports import (
    brand_results,
    forecast,
    sales,
    short_campaigns,
    times,
)
from campaigns.admin.staff_reports.section import Section
from campaigns.admin.staff_reports.span import Span
from campaigns.models import StaffReport
from core import sheets
from core.admin import ReadOnlyAdmin


class Report(NamedTuple):
    """A page: its address, its name, what builds its sections, and how far ahead it looks."""

    slug: str
    label: str | Promise
    build: Callable[[Span], list[Section]]
    ahead: int = 0  # days after today


REPORTS = {
    report.slug: report
    for report in (
        Report("venta", _("Venta"), sales.build, ahead=15),
        Report("entrega-corta", _("Entrega corta"), short_campaigns.build),
        Report("pronostico", _("Pronóstico"), forecast.build),
        Report("tiempos", _("Tiempos"), times.build),
        Report("marcas", _("Por marca"), brand_results.build),
    )
}


@admin.register(StaffReport)
class StaffReportAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    """The pages of the reports; there are no rows to list."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self._path("", self.first_view, "changelist"),
            self._path("<slug:slug>/", self.report_view, "report"),
            self._path("<slug:slug>/<slug:table>.csv", self.csv_view, "csv"),
        ]

    def _path(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """Return the route of a page for those who may view the reports."""

        @wraps(view)
        def checked(request: HttpRequest, **names: str) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, **names)

        guarded = self.admin_site.admin_view(require_safe(checked))
        return path(route, guarded, name=f"campaigns_staffreport_{name}")

    def first_view(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:campaigns_staffreport_report", next(iter(REPORTS)))

    def report_view(self, request: HttpRequest, slug: str) -> HttpResponse:
        report = _report(slug)
        span = Span.from_query(request.GET, ahead=report.ahead)
        sections = report.build(span)
        order = request.GET.get("orden", "")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": report.label,
            "report": report,
            "reports": REPORTS.values(),
            "span": span,
            "sections": sections,
            "order": next(filter(None, [section.sort(order) for section in sections]), ""),
        }
        return TemplateResponse(request, "admin/campaigns/staffreport/report.html", context)

    def csv_view(self, request: HttpRequest, slug: str, table: str) -> StreamingHttpResponse:
        """Respond with the rows of a section, all of them, in the order of the page."""
        report = _report(slug)
        span = Span.from_query(request.GET, ahead=report.ahead)
        for section in report.build(span):
            if section.id == table:
                section.sort(request.GET.get("orden", ""))
                name = f"{slug}-{table}-{span.first:%Y%m%d}-{span.last:%Y%m%d}.csv"
                response = StreamingHttpResponse(
                    sheets.write(section.file_columns, section.file_rows),
                    content_type="text/csv; charset=utf-8",
                )
                response["Content-Disposition"] = f'attachment; filename="{name}"'
                return response
        raise Http404


def _report(slug: str) -> Report:
    if slug not in REPORTS:
        raise Http404
    return REPORTS[slug]
