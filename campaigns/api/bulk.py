"""Many campaigns at once as programs write them, and how all are refused where one is."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy, ngettext
from rest_framework import serializers

from campaigns.api.serializers import NewCampaignShape
from core.api.errors import Refused
from core.api.schema import RefusalShape
from core.api.serializers import Flag, Shape, Text

MOST_AT_ONCE = 500  # campaigns

Verdict = dict[str, Any]


class BulkShape(Shape):
    """Many campaigns to begin at once."""

    campaigns = serializers.ListField(
        child=serializers.JSONField(), min_length=1, max_length=MOST_AT_ONCE
    )
    all_or_nothing = Flag(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )


class BulkDocShape(Shape):
    """Many campaigns, as they are documented: each is judged by itself."""

    example = {"campaigns": [NewCampaignShape.example], "allOrNothing": False}
    campaigns = serializers.ListField(
        child=NewCampaignShape(),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text=gettext_lazy("Cada una se juzga por sí misma."),
    )
    all_or_nothing = Flag(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )


class VerdictShape(Shape):
    example = {"index": 0, "id": "LP-7K2M9Q", "error": None}
    index = serializers.IntegerField(help_text=gettext_lazy("Su lugar en lo enviado, desde 0."))
    id = Text(allow_null=True, help_text=gettext_lazy("El folio, si se creó."))
    error = RefusalShape(allow_null=True, help_text=gettext_lazy("Por qué no, si no se creó."))


class BulkResultShape(Shape):
    example = {"created": 1, "results": [VerdictShape.example]}
    created = serializers.IntegerField(help_text=gettext_lazy("Cuántas se crearon."))
    results = VerdictShape(many=True, help_text=gettext_lazy("Una por cada una, en su orden."))


def none_of(refused: list[Verdict]) -> Refused:
    """Refuse all for the sake of some, each named by its place."""
    message = ngettext(
        "Una no se puede, así que no se creó ninguna.",
        "{count} no se pueden, así que no se creó ninguna.",
        len(refused),
    ).format(count=len(refused))
    details = [detail for verdict in refused for detail in _details(verdict)]
    return Refused("ITEMS_REFUSED", message, details=details)


def _details(verdict: Verdict) -> Iterator[dict[str, str]]:
    """Give what is wrong with one of many, each named by its place in the list."""
    at, error = f"campaigns[{verdict['index']}]", verdict["error"]
    for detail in error.get("details") or [{"field": "", **error}]:
        field = f"{at}.{detail['field']}" if detail["field"] else at
        yield {"field": field, "code": detail["code"], "message": detail["message"]}
