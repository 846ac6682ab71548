"""Many campaigns in one request: created or submitted, each with a verdict of its own."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import lifecycle
from campaigns.api import drafts
from campaigns.api.bulk import (
    ITEM_DETAILS,
    MAX_BULK_BODY,
    BulkDocSerializer,
    BulkItem,
    BulkResultSerializer,
    BulkSerializer,
    SubmitBulkResultSerializer,
    SubmitBulkSerializer,
    all_refused,
    short_error,
)
from campaigns.api.permissions import ActsForBrand
from campaigns.errors import CampaignError
from campaigns.models import Brand, Campaign
from core.api import errors
from core.api.errors import ApiError
from core.api.idempotency import EffectlessResponse
from core.api.schema import operation
from core.api.viewsets import ApiViewSet


class ManyCampaignsViewSet(ApiViewSet):
    """Operations on many campaigns of the caller's brands."""

    tag = "campaigns"
    scopes = ("campaigns:read", "campaigns:write")
    permission_classes = (*ApiViewSet.permission_classes, ActsForBrand)
    max_bodies = {"bulk": MAX_BULK_BODY}

    @cached_property
    def editable(self) -> list[Brand]:
        """The brands that the caller may edit."""
        return list(Brand.objects.edited_by(self.user))

    @operation(
        _("Crea hasta 500 campañas"),
        _(
            "Cada una se crea o se dice por qué no; con allOrNothing, todas o ninguna. "
            "De tu límite usa una petición por campaña."
        ),
        request=BulkDocSerializer,
        responses={201: BulkResultSerializer, 207: BulkResultSerializer},
        refusals=("ITEMS_REFUSED",),
        operation_id="createCampaigns",
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Create up to 500 campaigns and return the result of each."""
        serializer = BulkSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        campaigns = serializer.validated_data["campaigns"]
        self.charge(len(campaigns))
        with transaction.atomic():
            items = [self._item(index, self._create, data) for index, data in enumerate(campaigns)]
            done = _count(items, all_or_nothing=serializer.validated_data["all_or_nothing"])
        return _respond({"created": done, "results": items}, 201)

    @operation(
        _("Envía a revisión hasta 100 campañas"),
        _(
            "Cada una se envía o se dice por qué no, como si las enviaras una por una en ese "
            "orden; con allOrNothing, todas o ninguna. Con dryRun se contesta lo mismo y no cambia "
            "nada. "
            "De tu límite usa una petición por campaña."
        ),
        request=SubmitBulkSerializer,
        responses={200: SubmitBulkResultSerializer, 207: SubmitBulkResultSerializer},
        refusals=("ITEMS_REFUSED",),
        operation_id="submitCampaigns",
    )
    @action(detail=False, methods=["post"])
    def submit(self, request: Request) -> Response:
        """Submit up to 100 campaigns and return the result of each."""
        serializer = SubmitBulkSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        folios, is_dry_run = (serializer.validated_data[name] for name in ("campaigns", "dry_run"))
        self.charge(len(folios))
        with transaction.atomic():
            self._lock(folios)
            items = [self._item(index, self._submit, folio) for index, folio in enumerate(folios)]
            done = _count(items, all_or_nothing=serializer.validated_data["all_or_nothing"])
            transaction.set_rollback(is_dry_run)
        results = [item | {"id": folio} for item, folio in zip(items, folios, strict=True)]
        data = {"submitted": done, "dryRun": is_dry_run, "results": results}
        return _respond(data, 200, has_effect=not is_dry_run)

    def _create(self, data: Any) -> str:
        made = drafts.create(data, editable=self.editable, by=self.user, most_errors=ITEM_DETAILS)
        return made.folio

    def _submit(self, folio: str) -> str:
        campaign = Campaign.objects.visible_to(self.user).filter(folio=folio).first()
        if campaign is None:
            raise Http404
        lifecycle.submit(campaign.pk, by=self.user)
        return folio

    def _lock(self, folios: Sequence[str]) -> None:
        """Lock the campaigns in one order, whatever that of the request."""
        rows = Campaign.objects.visible_to(self.user).filter(folio__in=folios)
        for pk in rows.order_by("pk").values_list("pk", flat=True):
            lifecycle.lock(pk)

    def _item(self, index: int, handle: Callable[[Any], str], data: Any) -> BulkItem:
        """Return the verdict on one campaign of a request: done whole or not at all."""
        try:
            with transaction.atomic():
                return {"index": index, "id": handle(data), "error": None}
        except (serializers.ValidationError, ApiError, CampaignError, Http404) as error:
            response = errors.exception_handler(error, {})
            return {"index": index, "id": None, "error": short_error(response)}


def _count(items: Sequence[BulkItem], *, all_or_nothing: bool) -> int:
    """Return how many are done. Raises ApiError where all were to be, and one is not."""
    refused = [item for item in items if item["error"]]
    if refused and all_or_nothing:
        raise all_refused(refused)
    return len(items) - len(refused)


def _respond(data: dict[str, Any], status: int, *, has_effect: bool = True) -> Response:
    """Return the verdicts: 207 if any is a refusal. What had no effect is not stored."""
    items = data["results"]
    all_done = not any(item["error"] for item in items)
    has_effect = has_effect and not all(item["error"] for item in items)
    response_class = Response if has_effect else EffectlessResponse
    return response_class(data, status if all_done else 207)
