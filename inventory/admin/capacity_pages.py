"""Pages to propose a change of capacity, download it as CSV, and repair reservations at risk."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.body_limits import max_body
from core.days import DaysFilter
from core.problems import Problems
from inventory import capacity, capacity_changes, capacity_csv, reservations
from inventory.admin.capacity_forms import FORMS, ChangeForm, FileForm
from inventory.errors import BadChange, InventoryError
from inventory.models import Reservation

BYTE_ORDER_MARK = "\ufeff"  # Excel needs it to recognise UTF-8


def may_change(request: HttpRequest) -> bool:
    """Return whether the person may change capacity."""
    return request.user.has_perm(capacity_changes.PERMISSION)


def user_of(request: HttpRequest) -> User:
    """Return the person who is signed in, as every page of the admin requires."""
    assert isinstance(request.user, User)
    return request.user


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless allowed."""
    if not allowed:
        raise PermissionDenied


class CapacityPages(admin.ModelAdmin):
    """Mixin of the admin of changes; proposing needs the permission to change capacity."""

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("nuevo/", self.begin_view, "change_capacity"),
            ("nuevo/<str:kind>/", self.form_view, "change_capacity_by"),
            ("csv/", self.csv_view, "capacity_csv"),
            ("en-riesgo/", self.at_risk_view, "reservations_at_risk"),
        ]
        own = [
            path(route, self.admin_site.admin_view(view), name=f"inventory_{name}")
            for route, view, name in pages
        ]
        return own + super().get_urls()

    def page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        """Render a page with the context of the admin site."""
        defaults = self.admin_site.each_context(request) | {"opts": self.opts}
        template = f"admin/inventory/{template}.html"
        return TemplateResponse(request, template, defaults | context, status=status)

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Redirect to the first kind of change."""
        require(may_change(request))
        return redirect("admin:inventory_change_capacity_by", next(iter(FORMS)))

    @max_body(2 * capacity_csv.MAX_BYTES)  # a file that is too long by less gets its own message
    def form_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Propose a change of one kind, and redirect to its preview."""
        require(may_change(request))
        if kind not in FORMS:
            raise Http404
        if request.method != "POST":
            return self._form_page(request, kind, FORMS[kind][1]())
        form = FORMS[kind][1](request.POST, request.FILES)
        if not form.is_valid():
            return self._form_page(request, kind, form, status=400)
        try:
            change = form.propose(user_of(request))
        except BadChange as error:
            return self._form_page(request, kind, form, problems=error.problems, status=400)
        except InventoryError as error:
            return self._form_page(request, kind, form, refusal=error.message, status=409)
        return redirect("admin:inventory_capacitychange_change", change.pk)

    def _form_page(
        self,
        request: HttpRequest,
        kind: str,
        form: ChangeForm,
        *,
        days: DaysFilter | None = None,
        problems: Problems | None = None,
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponse:
        first, last = capacity_changes.first_day(), capacity.last_open_day()
        context = {
            "title": _("Cambiar capacidad"),
            "kinds": [(name, label, name == kind) for name, (label, _form) in FORMS.items()],
            "kind": kind,
            "form": form,
            "problems": problems,
            "refusal": refusal,
            "days": days or DaysFilter({"desde": first, "hasta": last}),
            "first_day": first,
            "last_day": last,
        }
        return self.page(request, "capacity_form", context, status)

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Respond with the cells of a span as a file that can be edited and imported."""
        require(self.has_view_permission(request))
        days = DaysFilter.read(request.GET)
        if days.errors:
            return self._form_page(request, "archivo", FileForm(), days=days, status=400)
        first = days.first or capacity_changes.first_day()
        last = days.last or capacity.last_open_day() or first
        response = StreamingHttpResponse(_file(first, last), content_type="text/csv; charset=utf-8")
        name = f"capacidad-{first.isoformat()}-{last.isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def at_risk_view(self, request: HttpRequest) -> HttpResponse:
        """List the reservations at risk; a POST tries to repair them."""
        require(self.has_view_permission(request))
        if request.method == "POST":
            require(may_change(request))
            self._repair(request)
            return redirect("admin:inventory_reservations_at_risk")
        at_risk = list(
            Reservation.objects.live()
            .filter(allocation__at_risk__gt=0)
            .select_related("allocation")
            .defer("allocation__quantities", "daily_ceilings")
            .order_by("starts_on", "pk")
        )
        context = {
            "title": _("Promesas en riesgo"),
            "reservations": at_risk,
            "total": sum(reservation.allocation.at_risk for reservation in at_risk),
            "may_change": may_change(request),
        }
        return self.page(request, "capacity_at_risk", context)

    def _repair(self, request: HttpRequest) -> None:
        placed = reservations.repair()
        if not placed:
            self.message_user(request, _("Todavía no hay lugar para ellas."), messages.WARNING)
            return
        message = ngettext(
            "{n} notificación encontró lugar.", "{n} notificaciones encontraron lugar.", placed
        ).format(n=intcomma(placed))
        self.message_user(request, message, messages.SUCCESS)


def _file(first: date, last: date) -> Iterator[str]:
    yield BYTE_ORDER_MARK
    yield from capacity.as_csv(first, last)
