"""The log of differences with the gateway, and its comparisons: read-only, but for two actions."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import AbstractUser as User
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.errors import CampaignError
from campaigns.models import Drift, ReconciliationRun
from campaigns.models.brand import MAX_REASON_LENGTH
from campaigns.models.drift import DriftQuerySet
from campaigns.reconciliation import drifts, words
from core import pending_post, search
from core.admin import ReadOnlyAdmin
from core.wake import wake

LIST = "admin:campaigns_drift_changelist"
RECONCILE_PERMISSION = "campaigns.change_adorder"


class StandingFilter(admin.SimpleListFilter):
    """The open ones, unless others are chosen."""

    title = gettext_lazy("estado")
    parameter_name = "estado"
    default = "abiertas"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            (self.default, _("Abiertas")),
            ("persona", _("Requieren a una persona")),
            ("resueltas", _("Resueltas")),
            ("todas", _("Todas")),
        ]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {
                "selected": value == (self.value() or self.default),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Drift]) -> QuerySet[Drift]:
        assert isinstance(queryset, DriftQuerySet)
        match self.value():
            case "todas":
                return queryset
            case "resueltas":
                return queryset.filter(resolved_at__isnull=False)
            case "persona":
                return queryset.for_a_person()
        return queryset.open()


@admin.register(Drift)
class DriftAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["kind", "order", "what_differs", "action", "standing", "since"]
    list_filter = [StandingFilter, "kind"]
    search_fields = search.fields("order_id", "found", "action")
    search_help_text = gettext_lazy("Id de la orden, o una palabra de lo que se vio o se hizo.")
    ordering = [F("resolved_at").desc(nulls_first=True), "-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    fields = [
        "meaning",
        "order",
        "expected",
        "found",
        "action",
        "what_to_do",
        "standing",
        "found_at",
        "seen_at",
        "times",
        "resolution",
    ]
    readonly_fields = ["meaning", "order", "what_to_do", "standing", "resolution"]
    change_list_template = "admin/campaigns/drift/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        now = self.admin_site.admin_view(require_POST(self.reconcile_view))
        resolve = self.admin_site.admin_view(self.resolve_view)
        return [
            path("conciliar/", now, name="campaigns_drift_reconcile"),
            path("<int:drift_id>/resolver/", resolve, name="campaigns_drift_resolve"),
            *super().get_urls(),
        ]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the page with the campaign of each difference, by one query."""
        changelist = super().get_changelist_instance(request)
        _add_campaigns(changelist.result_list)
        return changelist

    def get_object(self, request: HttpRequest, *args: Any, **named: Any) -> Drift | None:
        drift = super().get_object(request, *args, **named)
        _add_campaigns([drift] if drift else [])
        return drift

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        run = ReconciliationRun.objects.first()
        context = {
            "subtitle": None,
            "run": run,
            "is_under_way": run is not None and run.is_under_way(timezone.now()),
            "cause": words.cause(run) if run else "",
            "may_reconcile": request.user.has_perm(RECONCILE_PERMISSION),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Display a difference, with its button where a person may resolve it."""
        drift = self.get_object(request, unquote(object_id))
        may = drift is not None and drift.may_be_resolved
        context = {"may_resolve": may and request.user.has_perm(drifts.PERMISSION)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def reconcile_view(self, request: HttpRequest) -> HttpResponse:
        """Start a comparison, and return to the list."""
        if not request.user.has_perm(RECONCILE_PERMISSION):
            raise PermissionDenied
        wake("campaigns.tasks.reconcile")
        done = _(
            "Pediste una conciliación: empieza en unos segundos. Recarga la página para verla."
        )
        self.message_user(request, done, messages.SUCCESS)
        return redirect(LIST)

    def resolve_view(self, request: HttpRequest, drift_id: int) -> HttpResponse:
        """Ask for the reason, then resolve a difference."""
        user, drift = request.user, self.get_object(request, str(drift_id))
        if not (isinstance(user, User) and user.has_perm(drifts.PERMISSION)):
            raise PermissionDenied
        if drift is None:
            raise Http404
        kept = pending_post.recover(request) if request.method != "POST" else None
        reason, error = (kept or request.POST).get("reason", ""), ""
        if request.method == "POST":
            try:
                drifts.resolve(drift.pk, reason=reason, by=user)
                done = _("La marcaste como resuelta.")
                self.message_user(request, done, messages.SUCCESS)
                return redirect(LIST)
            except CampaignError as refusal:
                error = refusal.message
        context = {
            **self.admin_site.each_context(request),
            "title": _("Marcar como resuelta"),
            "opts": self.opts,
            "drift": drift,
            "remedy": words.REMEDY[drift.kind],
            "reason": reason,
            "error": error,
            "longest_reason": MAX_REASON_LENGTH,
        }
        template = "admin/campaigns/drift/resolve.html"
        return TemplateResponse(request, template, context, status=422 if error else 200)

    @admin.display(description=gettext_lazy("orden"))
    def order(self, drift: Drift) -> SafeString | str:
        """Return a link to the order, by its campaign; of one that is not ours, its id."""
        campaign = getattr(drift, "campaign", None)
        if campaign is None:
            return drift.order_id
        page = reverse("admin:campaigns_adorder_change", args=[drift.order_id])
        return format_html('<a href="{}">{}</a>', page, campaign)

    @admin.display(description=gettext_lazy("qué difiere"))
    def what_differs(self, drift: Drift) -> SafeString:
        return format_html(
            "<div>{}</div><div>{}</div>",
            _("Aquí: {expected}").format(expected=drift.expected),
            _("Allá: {found}").format(found=drift.found),
        )

    @admin.display(description=gettext_lazy("estado"), ordering="needs_person")
    def standing(self, drift: Drift) -> SafeString:
        level, label = "tight", _("Se arregla sola")
        if not drift.is_open:
            level, label = "ok", _("Resuelta")
        elif drift.needs_person:
            level, label = "out", _("Requiere a una persona")
        return format_html('<span class="level {}"><span>{}</span></span>', level, label)

    @admin.display(description=gettext_lazy("desde"), ordering="found_at")
    def since(self, drift: Drift) -> str:
        return _format_time(drift.found_at)

    @admin.display(description=gettext_lazy("qué significa"))
    def meaning(self, drift: Drift) -> str | Promise:
        return words.MEANING[drift.kind]

    @admin.display(description=gettext_lazy("qué puedes hacer"))
    def what_to_do(self, drift: Drift) -> str | Promise:
        return words.remedy(drift) if drift.is_open else _("Nada: ya está resuelta.")

    @admin.display(description=gettext_lazy("cómo se resolvió"))
    def resolution(self, drift: Drift) -> str:
        if drift.resolved_at is None:
            return _("Aún no")
        when = _format_time(drift.resolved_at)
        if drift.resolved_by is None:
            return _("{when}: una conciliación ya no la encontró").format(when=when)
        return _("{when}, {who}: {reason}").format(
            when=when, who=drift.resolved_by, reason=drift.reason
        )


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["began", "kind", "duration", "orders", "differences", "outcome"]
    list_display_links = None
    list_filter = ["kind"]
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False

    @admin.display(description=gettext_lazy("empezó"), ordering="id")
    def began(self, run: ReconciliationRun) -> str:
        return _format_time(run.began_at)

    @admin.display(description=gettext_lazy("duración"))
    def duration(self, run: ReconciliationRun) -> str:
        return _("{seconds:.1f} s").format(seconds=run.seconds) if run.ended_at else ""

    @admin.display(description=gettext_lazy("resultado"))
    def outcome(self, run: ReconciliationRun) -> SafeString:
        level, label = "ok", _("Todo coincide")
        if run.ended_at is None:
            level, label = "tight", _("En curso")
        elif run.error:
            level, label = "out", _("No concluyó. {cause}").format(cause=words.cause(run))
        elif run.lost_state:
            level, label = "out", _("La plataforma perdió órdenes")
        elif run.differences:
            level, label = "tight", _("Con diferencias")
        return format_html('<span class="level {}"><span>{}</span></span>', level, label)


def _add_campaigns(rows: Any) -> None:
    """Give each difference of ours its campaign, by one query."""
    campaigns = drifts.campaigns_of(drift.order_id for drift in rows)
    for drift in rows:
        drift.campaign = campaigns.get(drift.order_id)


def _format_time(moment: Any) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
