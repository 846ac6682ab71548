"""Serializers of many campaigns created at once, and the error if one refuses them all."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy, ngettext
from rest_framework import serializers

from campaigns.api.serializers import NewCampaignSerializer
from core.api.errors import ApiError
from core.api.fields import StrictBooleanField, TextField
from core.api.schema import ErrorSerializer
from core.api.serializers import StrictSerializer

MAX_CAMPAIGNS = 500

BulkItem = dict[str, Any]  # as BulkItemSerializer


class BulkSerializer(StrictSerializer):
    """Campaigns to create, not yet validated: each is validated by itself."""

    campaigns = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MAX_CAMPAIGNS
    )
    all_or_nothing = StrictBooleanField(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )


class BulkDocSerializer(StrictSerializer):
    """The documentation of BulkSerializer, with the members of each campaign."""

    example = {"campaigns": [NewCampaignSerializer.example], "allOrNothing": False}
    campaigns = serializers.ListField(
        child=NewCampaignSerializer(),
        min_length=1,
        max_length=MAX_CAMPAIGNS,
        help_text=gettext_lazy("Cada una se juzga por sí misma."),
    )
    all_or_nothing = StrictBooleanField(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )


class BulkItemSerializer(StrictSerializer):
    component_name = "Verdict"
    example = {"index": 0, "id": "LP-7K2M9Q", "error": None}
    index = serializers.IntegerField(help_text=gettext_lazy("Su lugar en lo enviado, desde 0."))
    id = TextField(allow_null=True, help_text=gettext_lazy("El folio, si se creó."))
    error = ErrorSerializer(allow_null=True, help_text=gettext_lazy("Por qué no, si no se creó."))


class BulkResultSerializer(StrictSerializer):
    example = {"created": 1, "results": [BulkItemSerializer.example]}
    created = serializers.IntegerField(help_text=gettext_lazy("Cuántas se crearon."))
    results = BulkItemSerializer(
        many=True, help_text=gettext_lazy("Una por cada una, en su orden.")
    )


def all_refused(refused: list[BulkItem]) -> ApiError:
    """Return the error of a request with `allOrNothing` in which some campaigns are refused."""
    message = ngettext(
        "Una no se puede, así que no se creó ninguna.",
        "{count} no se pueden, así que no se creó ninguna.",
        len(refused),
    ).format(count=len(refused))
    details = [detail for item in refused for detail in _details(item)]
    return ApiError("ITEMS_REFUSED", message, details=details)


def _details(item: BulkItem) -> Iterator[dict[str, str]]:
    """Yield the details of a refused campaign, with the path of each field in the request."""
    path, error = f"campaigns[{item['index']}]", item["error"]
    for detail in error.get("details") or [{"field": "", **error}]:
        field = f"{path}.{detail['field']}" if detail["field"] else path
        yield {"field": field, "code": detail["code"], "message": detail["message"]}
