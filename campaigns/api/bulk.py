"""Serializers of many campaigns in one request, and the error if one refuses them all."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy, ngettext
from rest_framework import serializers
from rest_framework.response import Response

from campaigns.api.terms import NewCampaignSerializer
from campaigns.bulk import MAX_ROWS
from core.api.errors import ApiError
from core.api.fields import StrictBooleanField, StrictListField, TextField
from core.api.schema import ErrorSerializer
from core.api.serializers import StrictSerializer
from core.body_limits import KIB

MAX_CAMPAIGNS = MAX_ROWS  # as many as a file has
MAX_SUBMITTED = 100
MAX_BULK_BODY = 1024 * KIB
ITEM_DETAILS = 5  # of a refused campaign, among up to 500

BulkItem = dict[str, Any]  # as BulkItemSerializer


class BulkSerializer(StrictSerializer):
    """Campaigns to create, not yet validated: each is validated by itself."""

    campaigns = StrictListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MAX_CAMPAIGNS
    )
    all_or_nothing = StrictBooleanField(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )


class BulkDocSerializer(StrictSerializer):
    """The documentation of BulkSerializer, with the members of each campaign."""

    example = {"campaigns": [NewCampaignSerializer.example], "allOrNothing": False}
    campaigns = StrictListField(
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


class SubmitBulkSerializer(StrictSerializer):
    """Campaigns to submit."""

    component_name = "Submissions"
    example = {"campaigns": ["LP-7K2M9Q"], "allOrNothing": False, "dryRun": False}
    campaigns = StrictListField(
        child=TextField(max_length=16),
        min_length=1,
        max_length=MAX_SUBMITTED,
        help_text=gettext_lazy("Sus folios, en el orden en que se envían."),
    )
    all_or_nothing = StrictBooleanField(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )
    dry_run = StrictBooleanField(
        required=False,
        default=False,
        help_text=gettext_lazy("Probar: contesta lo mismo y no cambia nada."),
    )


class SubmitVerdictSerializer(StrictSerializer):
    example = {"index": 0, "id": "LP-7K2M9Q", "error": None}
    index = serializers.IntegerField(help_text=gettext_lazy("Su lugar en lo enviado, desde 0."))
    id = TextField(help_text=gettext_lazy("El folio que mandaste."))
    error = ErrorSerializer(allow_null=True, help_text=gettext_lazy("Por qué no, si no se envió."))


class SubmitBulkResultSerializer(StrictSerializer):
    component_name = "Submission"
    example = {"submitted": 1, "dryRun": False, "results": [SubmitVerdictSerializer.example]}
    submitted = serializers.IntegerField(
        help_text=gettext_lazy("Cuántas se enviaron; con dryRun, cuántas se enviarían.")
    )
    dry_run = serializers.BooleanField(help_text=gettext_lazy("true: nada cambió."))
    results = SubmitVerdictSerializer(
        many=True, help_text=gettext_lazy("Una por cada una, en su orden.")
    )


def short_error(response: Response | None) -> Any:
    """Return the body of an error response with its first ITEM_DETAILS details."""
    if response is None:
        return None
    details = response.data.get("details", ())
    return response.data | ({"details": details[:ITEM_DETAILS]} if details else {})


def all_refused(refused: list[BulkItem]) -> ApiError:
    """Return the error of a request with `allOrNothing` in which some campaigns are refused."""
    message = ngettext(
        "Una no se puede, así que no se hizo nada.",
        "{count} no se pueden, así que no se hizo nada.",
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
