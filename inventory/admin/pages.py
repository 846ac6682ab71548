"""Base of the inventory's own admin pages: their routes, permission and context."""

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]


class InventoryPages(admin.ModelAdmin):
    """Mixin of a ModelAdmin: pages for those who may view the model."""

    def inventory_path(self, route: str, view: View, name: str) -> URLPattern:
        """Return the route of a read-only page, guarded by the view permission."""

        @wraps(view)
        def checked(request: HttpRequest, **names: str) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request, **names)

        guarded = self.admin_site.admin_view(require_safe(checked))
        return path(route, guarded, name=f"inventory_{name}")

    def inventory_page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> TemplateResponse:
        """Render a page with the context of the admin site."""
        defaults = {"opts": self.opts, "title": title, "tab": "occupancy"}
        context = self.admin_site.each_context(request) | defaults | context
        return TemplateResponse(request, f"admin/inventory/{template}.html", context)


def address(name: str, *args: str, query: str = "") -> str:
    """Return the address of an admin page of the inventory, with a query string."""
    return reverse(f"admin:inventory_{name}", args=args) + query


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return rows as a CSV download."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows(rows)
    return response
