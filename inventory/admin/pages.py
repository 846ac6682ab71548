"""Pages of inventory that are no table of rows: their addresses, who may see them, their frame."""

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponse]


class InventoryPages:
    """For the admin of capacity: who may view that may view these."""

    def inventory_path(self, route: str, view: View, name: str) -> URLPattern:
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
        frame = {"opts": self.opts, "title": title, "tab": "occupancy"}
        context = self.admin_site.each_context(request) | frame | context
        return TemplateResponse(request, f"admin/inventory/{template}.html", context)


def address(name: str, *args: str, query: str = "") -> str:
    return reverse(f"admin:inventory_{name}", args=args) + query


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer)
    writer.writerow(columns)
    writer.writerows(rows)
    return answer
