"""Campaigns: created, read, edited and moved by the same domain functions as in the pages."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import lifecycle, pricing, references
from campaigns.api import availability, drafts, entity_tags, quotes, results
from campaigns.api.operations import SubmitResultSerializer, move_operation
from campaigns.api.permissions import ActsForBrand
from campaigns.api.queries import ORDERINGS, CampaignQuerySerializer, SubmitQuerySerializer
from campaigns.api.results import ResultPageSerializer, ResultQuerySerializer
from campaigns.api.serializers import CampaignSerializer, EventSerializer, VersionSerializer
from campaigns.api.terms import CampaignChangesSerializer, NewCampaignSerializer
from campaigns.models import Brand, Campaign
from campaigns.models.campaign import FOLIO_ALPHABET
from campaigns.models.waiting_list_entry import OPEN_ENTRIES
from core import search
from core.api.idempotency import EffectlessResponse
from core.api.pagination import PageQuerySerializer
from core.api.schema import IF_MATCH, IF_MATCH_REQUIRED, IF_NONE_MATCH, operation
from core.api.viewsets import ApiViewSet, is_unchanged, require_match


class CampaignViewSet(ApiViewSet):
    """Campaigns of the brands that the caller is a member of."""

    tag = "campaigns"
    lookup_schema = {"type": "string", "pattern": f"^LP-[{FOLIO_ALPHABET}]{{6}}$"}
    lookup_description = _("El folio, como LP-7K2M9Q.")
    scopes = ("campaigns:read", "campaigns:write")
    lookup_field = "folio"
    lookup_url_kwarg = "id"
    serializer_class = CampaignSerializer
    uses_etags = True
    permission_classes = (*ApiViewSet.permission_classes, ActsForBrand)

    def get_queryset(self) -> QuerySet[Campaign]:
        rows = Campaign.objects.visible_to(self.user).with_risk()
        return rows.select_related("brand", "link").prefetch_related(OPEN_ENTRIES)

    def get_serializer_context(self) -> dict[str, Any]:
        editable = self.editable if self.may_write() else {}
        return {**super().get_serializer_context(), "editable": editable}

    @cached_property
    def editable(self) -> dict[int, Brand]:
        """The brands that the caller may edit, by key."""
        return {brand.pk: brand for brand in Brand.objects.edited_by(self.user)}

    @operation(
        _("Lista campañas"),
        _("Sin `status` faltan los borradores eliminados."),
        query=CampaignQuerySerializer,
        page=CampaignSerializer,
    )
    def list(self, request: Request) -> Response:
        query = self.query
        brand_ids = Brand.objects.visible_to(self.user).values_list("pk", flat=True)
        # Keys instead of a subquery: PostgreSQL can then estimate the rows and use their index.
        rows = self.get_queryset().filter(brand__in=list(brand_ids))
        if text := query.get("q"):
            rows = rows.filter(search.in_any(text, *Campaign.SEARCHED))
        lookups = {
            "status": "status",
            "brand": "brand__slug",
            "runs_from": "ends_on__gte",
            "runs_until": "starts_on__lte",
        }
        rows = rows.filter(**{lookups[name]: query[name] for name in lookups.keys() & query.keys()})
        rows = references.having(
            rows, query.get("external_reference", ""), query.get("metadata", {})
        )
        if "status" not in query:
            rows = rows.exclude(status=Campaign.Status.DELETED)
        return self.page_response(rows, orderings=ORDERINGS)

    @operation(
        _("Crea una campaña"),
        _("Nace como borrador: puede faltarle todo menos el nombre."),
        request=NewCampaignSerializer,
        response=CampaignSerializer,
        refusals=("BAD_BRAND", "NOT_A_PROMOTION", "BAD_METADATA"),
        status=201,
    )
    def create(self, request: Request) -> Response:
        campaign = drafts.create(request.data, editable=self.editable.values(), by=self.user)
        return self.created_response(self._reload(campaign.pk), campaign.folio)

    @operation(_("Lee una campaña"), response=CampaignSerializer, headers=(IF_NONE_MATCH,))
    def retrieve(self, request: Request, id: str) -> Response:
        response = self._campaign_response(self.get_object())
        if is_unchanged(request, response["ETag"]):
            return Response(status=304, headers={"ETag": response["ETag"]})
        return response

    @operation(
        _("Cambia una campaña"),
        _(
            "Solo lo que envías, y solo si nadie la cambió desde que la leíste. externalReference "
            "y metadata se cambian en cualquier estado: no son del pedido y nadie los revisa."
        ),
        request=CampaignChangesSerializer,
        response=CampaignSerializer,
        headers=(IF_MATCH_REQUIRED,),
        refusals=("WRONG_STATUS", "NOT_A_PROMOTION", "BAD_METADATA"),
    )
    def partial_update(self, request: Request, id: str) -> Response:
        with transaction.atomic():
            campaign = self._lock(request, if_match_required=True)
            serializer = CampaignChangesSerializer(campaign, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            terms, noted = serializer.terms(), serializer.references()
            if terms or not noted:
                lifecycle.edit(campaign.pk, terms, revision=campaign.revision, by=self.user)
            if noted:
                references.change(campaign.pk, **noted, by=self.user)
        return self._reload(campaign.pk)

    @operation(
        _("Envía a revisión"),
        _("Con dryRun se contesta lo mismo y no cambia nada."),
        query=SubmitQuerySerializer,
        headers=(IF_MATCH,),
        refusals=(
            *("WRONG_STATUS", "NOT_READY", "PRICE_CHANGED"),
            *("TOO_MANY_HOLDS", "TOO_MUCH_HELD", "TOO_LARGE_SHARE"),
        ),
        responses={200: SubmitResultSerializer},
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, id: str) -> Response:
        """Send to review. With `dryRun` it is done and rolled back, so that errors are the same."""
        submit = partial(lifecycle.submit, shown=self.query.get("accepted_total"))
        if not self.query["dry_run"]:
            return self._move(request, submit)
        self.charge(availability.COST)
        with transaction.atomic():
            campaign = self._lock(request)
            submit(campaign.pk, by=self.user)
            transaction.set_rollback(True)
        return EffectlessResponse(
            {
                "dryRun": True,
                "availability": availability.serialize(availability.for_campaign(campaign)),
                "quote": quotes.serialize_offer(pricing.offer(campaign)),
            }
        )

    @move_operation(_("Retira de revisión"))
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.withdraw)

    @move_operation(_("Pausa"))
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.pause)

    @move_operation(_("Reanuda"), "PAUSED_BY_STAFF")
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.resume)

    @move_operation(_("Cancela"))
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.cancel)

    @move_operation(_("Elimina un borrador"), operation_id="deleteCampaign")
    @action(detail=True, methods=["post"], url_path="delete")
    def delete_draft(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.delete)

    @move_operation(_("Recupera un borrador eliminado"))
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.restore)

    @move_operation(_("Pide aviso cuando haya inventario"), "TOO_LATE_TO_WAIT")
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.join)

    @move_operation(_("Deja la lista de espera"))
    @action(detail=True, methods=["post"], url_path="stop-waiting")
    def stop_waiting(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.leave)

    @operation(_("Copia como borrador nuevo"), response=CampaignSerializer, status=201)
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, id: str) -> Response:
        copied = lifecycle.copy(self.get_object().pk, by=self.user)
        return self.created_response(self._reload(copied.pk), copied.folio)

    @operation(
        _("Lista sus resultados"),
        _("Por día, si no dices otra cosa."),
        query=ResultQuerySerializer,
        response=ResultPageSerializer,
        operation_id="listCampaignResults",
    )
    @action(detail=True)
    def results(self, request: Request, id: str) -> Response:
        campaign = self.get_object()
        found = Campaign.objects.filter(pk=campaign.pk)
        return results.page_response(found, self.query, request)

    @operation(
        _("Lista lo que se envió"),
        query=PageQuerySerializer,
        page=VersionSerializer,
        operation_id="listCampaignVersions",
    )
    @action(detail=True)
    def versions(self, request: Request, id: str) -> Response:
        rows = self.get_object().versions.select_related("sent_by")
        return self.page_response(rows, serializer_class=VersionSerializer)

    @operation(
        _("Lista su historia"),
        query=PageQuerySerializer,
        page=EventSerializer,
        operation_id="listCampaignHistory",
    )
    @action(detail=True)
    def history(self, request: Request, id: str) -> Response:
        rows = self.get_object().events.select_related("by")
        return self.page_response(rows, serializer_class=EventSerializer)

    def _move(self, request: Request, move: Callable[..., Campaign]) -> Response:
        with transaction.atomic():
            campaign = self._lock(request)
            move(campaign.pk, by=self.user)
        return self._reload(campaign.pk)

    def _lock(self, request: Request, *, if_match_required: bool = False) -> Campaign:
        """Lock the campaign until the transaction ends. Raises ApiError unless If-Match holds."""
        lifecycle.lock(self.get_object().pk)
        campaign = self.get_object()
        etag = self._campaign_response(campaign)["ETag"]
        require_match(
            request, etag, required=if_match_required, compared=entity_tags.without_counts
        )
        return campaign

    def _reload(self, pk: int) -> Response:
        return self._campaign_response(self.get_queryset().get(pk=pk))

    def _campaign_response(self, campaign: Campaign) -> Response:
        data = self.get_serializer(campaign).data
        return Response(data, headers={"ETag": entity_tags.write(campaign, data)})
