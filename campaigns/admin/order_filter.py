"""The filter of ad orders by what they need, as a row of links with counts."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from campaigns.models import AdOrder
from campaigns.models.ad_order import AdOrderQuerySet

ALL = "todas"
CHOICES: dict[str, tuple[str | Promise, Callable[[AdOrderQuerySet], AdOrderQuerySet]]] = {
    "atencion": (
        gettext_lazy("Requieren atención"),
        lambda orders: orders.needing_attention(timezone.now()),
    ),
    "problema": (gettext_lazy("Con problema"), lambda orders: orders.troubled()),
    "sin_confirmar": (gettext_lazy("Sin confirmar"), lambda orders: orders.pending()),
    ALL: (gettext_lazy("Todas"), lambda orders: orders),
}


class ConfirmationFilter(admin.SimpleListFilter):
    title = gettext_lazy("envío")
    parameter_name = "envio"
    template = "admin/campaigns/campaign/stage_filter.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, (label, _narrow) in CHOICES.items()]

    def value(self) -> str:
        chosen = super().value()
        return chosen if chosen in CHOICES else ALL

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the links; the counts are of all orders, so there are none while searching."""
        for key, label in self.lookup_choices:
            narrow = CHOICES[key][1]
            yield {
                "count": None if changelist.query else narrow(AdOrder.objects.of_channel()).count(),
                "selected": self.value() == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}, ["p"]),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[AdOrder]) -> QuerySet[AdOrder]:
        return CHOICES[self.value()][1](cast(AdOrderQuerySet, queryset))
