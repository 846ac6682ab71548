"""Recounts for staff: how much there was, and what did not agree."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.models import Audit
from segments.admin import ReadOnly


class Outcome(admin.SimpleListFilter):
    title = gettext_lazy("resultado")
    parameter_name = "resultado"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("hallazgos", _("Con hallazgos")), ("riesgo", _("Con apartados en riesgo"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Audit]) -> QuerySet[Audit]:
        if self.value() == "hallazgos":
            return queryset.exclude(breaches=[])
        if self.value() == "riesgo":
            return queryset.filter(at_risk__gt=0)
        return queryset


@admin.register(Audit)
class AuditAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "outcome", "capacity", "held", "booked", "at_risk", "took"]
    list_filter = [Outcome]
    list_per_page = 50
    ordering = ["-at", "-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = [
        "at",
        "findings",
        "capacity",
        "held",
        "booked",
        "at_risk",
        "cells",
        "reservations",
        "took",
    ]
    readonly_fields = ["findings", "took"]

    @admin.display(description=gettext_lazy("resultado"))
    def outcome(self, audit: Audit) -> SafeString:
        if audit.agrees:
            return format_html('<span class="level ok">{}</span>', _("Todo coincide"))
        count = len(audit.breaches)
        told = ngettext("{count:,} hallazgo", "{count:,} hallazgos", count).format(count=count)
        return format_html('<span class="level out">{}</span>', told)

    @admin.display(description=gettext_lazy("duración"), ordering="seconds")
    def took(self, audit: Audit) -> str:
        return _("{seconds:.1f} s").format(seconds=audit.seconds)

    @admin.display(description=gettext_lazy("hallazgos"))
    def findings(self, audit: Audit) -> SafeString:
        """What did not agree, one row each."""
        if audit.agrees:
            return self.outcome(audit)
        rows = format_html_join(
            "",
            '<tr><th scope="row">{where}</th><td>{told}</td><td><code>{kind}</code></td></tr>',
            audit.breaches,
        )
        return format_html(
            '<div class="table-wrap wide"><table class="table"><caption>{}</caption>'
            '<thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th></tr>'
            "</thead><tbody>{}</tbody></table></div>",
            _("Lo que no coincide"),
            _("Dónde"),
            _("Qué"),
            _("Clase"),
            rows,
        )
