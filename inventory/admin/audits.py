"""Admin of audits: their totals and breaches. Read-only."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import ReadOnlyAdmin
from inventory.admin.pages import InventoryPages
from inventory.models import Audit


class AuditResultFilter(admin.SimpleListFilter):
    """Audits with breaches, or with notifications at risk."""

    title = gettext_lazy("resultado")
    parameter_name = "resultado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("hallazgos", _("Con hallazgos")), ("riesgo", _("Con notificaciones en riesgo"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Audit]) -> QuerySet[Audit]:
        if self.value() == "hallazgos":
            return queryset.exclude(breaches=[])
        if self.value() == "riesgo":
            return queryset.filter(at_risk__gt=0)
        return queryset


@admin.register(Audit)
class AuditAdmin(InventoryPages, ReadOnlyAdmin, admin.ModelAdmin):
    """Audits, newest first."""

    list_display = ["when", "result", "capacity", "held", "booked", "at_risk", "duration"]
    list_filter = [AuditResultFilter]
    list_per_page = 50
    ordering = ["-at", "-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    @admin.display(description=gettext_lazy("cuándo"), ordering="at")
    def when(self, audit: Audit) -> SafeString:
        return format_html('<span class="nowrap">{}</span>', _format_time(audit))

    @admin.display(description=gettext_lazy("resultado"))
    def result(self, audit: Audit) -> SafeString:
        level = "ok" if audit.agrees else "out"
        return format_html('<span class="level {}">{}</span>', level, _format_result(audit))

    @admin.display(description=gettext_lazy("duración"), ordering="seconds")
    def duration(self, audit: Audit) -> str:
        return _format_duration(audit)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one audit with its breaches."""
        audit = self.get_object(request, unquote(object_id))
        if audit is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
        if not self.has_view_permission(request, audit) or request.method == "POST":
            raise PermissionDenied
        title = _("Recuento del {when}").format(when=_format_time(audit))
        context = {
            "tab": "audit",
            "audit": audit,
            "result": _format_result(audit),
            "duration": _format_duration(audit),
        }
        return self.inventory_page(request, "audit", title, context)


def _format_time(audit: Audit) -> str:
    return date_format(localtime(audit.at), "SHORT_DATETIME_FORMAT")


def _format_result(audit: Audit) -> str:
    if audit.agrees:
        return _("Todo coincide")
    count = len(audit.breaches)
    return ngettext("{count:,} hallazgo", "{count:,} hallazgos", count).format(count=count)


def _format_duration(audit: Audit) -> str:
    return _("{seconds:.1f} s").format(seconds=audit.seconds)
