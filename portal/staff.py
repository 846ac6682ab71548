"""The admin site of Telefónica's staff."""

from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from campaigns import gateway_state, gateway_trouble, shortfalls
from campaigns.certificates.issue import PERMISSION
from campaigns.models import Brand, Campaign, CertificateAnswer, Drift
from campaigns.reconciliation import drifts
from core import pending_post
from portal.accounts.models import User

MAX_LISTED = 5  # campaigns at risk, by folio


def _brands_waiting(user: User | AnonymousUser) -> dict[str, Any] | None:
    """Return the number of brands to activate and the oldest date, or None.

    None also for users who may not activate brands.
    """
    if not user.has_perm("campaigns.activate_brand"):
        return None
    waiting = Brand.objects.waiting().aggregate(count=Count("pk"), since=Min("created_at"))
    return waiting if waiting["count"] else None


def _drifts(user: User | AnonymousUser) -> dict[str, Any] | None:
    """Return the open differences with the gateway by kind: those for a person, and the others."""
    if not user.has_perm("campaigns.view_drift"):
        return None
    rows = Drift.objects.open().exclude(kind=Drift.Kind.SILENT)  # which is trouble of the gateway
    return {
        "for_a_person": drifts.count_by_kind(rows.filter(needs_person=True)),
        "healing": rows.filter(needs_person=False).count(),
    }


def _campaigns_at_risk(user: User | AnonymousUser) -> dict[str, Any] | None:
    """Return the approved campaigns of which a part has no place, the first to air first."""
    if not user.has_perm("campaigns.view_campaign"):
        return None
    rows = Campaign.objects.at_risk()
    count = rows.count()
    listed = list(rows.with_risk().order_by("starts_on", "id")[:MAX_LISTED]) if count else []
    return {"count": count, "campaigns": listed, "more": count - len(listed)}


def _falling_short(user: User | AnonymousUser) -> dict[str, Any] | None:
    """Return the campaigns on air that are projected to miss something, the largest first."""
    if not user.has_perm("campaigns.view_campaign"):
        return None
    found = shortfalls.falling_short()
    count = found.count()
    listed = list(found[:MAX_LISTED]) if count else []
    return {"count": count, "rows": listed, "more": count - len(listed)}


def _disputes(user: User | AnonymousUser) -> dict[str, Any] | None:
    """Return the number of disputes to answer, of those overdue, and the first day; or None."""
    if not user.has_perm(PERMISSION):
        return None
    overdue = Count("pk", filter=Q(due_on__lt=timezone.localdate()))
    disputes = CertificateAnswer.objects.open_disputes()
    found = disputes.aggregate(count=Count("pk"), overdue=overdue, due_on=Min("due_on"))
    return found if found["count"] else None


class StaffSite(admin.AdminSite):
    """Django's admin, with the sign-in page of the portal."""

    site_header = _("Llamada Perdida · Telefónica")
    site_title = _("Llamada Perdida")
    index_title = _("Revisión y operación")
    site_url = "/"
    enable_nav_sidebar = False

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Render the index with what needs a person: the gateway, campaigns, brands, disputes."""
        sees_orders = request.user.has_perm(f"campaigns.{gateway_trouble.PERMISSION}")
        needs = {
            "gateway_troubles": gateway_trouble.current() if sees_orders else [],
            "drifts": _drifts(request.user),
            **(gateway_state.context() if sees_orders else {}),
            "at_risk": _campaigns_at_risk(request.user),
            "falling_short": _falling_short(request.user),
            "brands_waiting": _brands_waiting(request.user),
            "disputes": _disputes(request.user),
        }
        return super().index(request, needs | (extra_context or {}))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return a view for staff alone; what is posted to it while signed out is kept."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                pending_post.keep(request)
            return inner(request, *args, **named)

        return guarded

    @method_decorator(secure_admin_login)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().login(request, extra_context)
