"""Campaigns: begun, read, changed and moved by programs, through the same doors as the pages."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import lifecycle
from campaigns.api import availability
from campaigns.api.bulk import BulkDocShape, BulkResultShape, BulkShape, Verdict, none_of
from campaigns.api.serializers import (
    CampaignShape,
    ChangesShape,
    EventShape,
    NewCampaignShape,
    RehearsalShape,
    VersionShape,
    brand_for,
)
from campaigns.errors import CampaignError
from campaigns.models import Brand, Campaign
from campaigns.models.campaign import FOLIO_ALPHABET
from campaigns.models.waiting_list_entry import OPEN_ENTRIES
from core.api import errors, pagination
from core.api.errors import Refused
from core.api.pagination import MOMENT, NEWEST, Order, PageQuery
from core.api.schema import IF_MATCH, IF_MATCH_NEEDED, IF_NONE_MATCH, operation
from core.api.serializers import Choice, Day, Query, QueryFlag, Text
from core.api.viewsets import Resource, is_unchanged, require_match

ORDERS: Mapping[str, Order] = {
    "newest": NEWEST,
    "oldest": Order("id"),
    "name": Order("name"),
    "savedAt": Order("saved_at", backwards=True, read=MOMENT),
}


SubmittedShape = PolymorphicProxySerializer(
    component_name="Submitted",
    serializers=[CampaignShape, RehearsalShape],
    resource_type_field_name=None,
)


class SubmitQuery(Query):
    dry_run = QueryFlag(
        default=False,
        help_text=_("Probar: contesta lo mismo y no cambia nada."),
    )


class CampaignQuery(PageQuery):
    q = Text(required=False, max_length=90, help_text=_("En nombre, folio o texto."))
    status = Choice(
        required=False, choices=Campaign.Status.choices, help_text=_("Las que están así.")
    )
    brand = Text(required=False, max_length=50, help_text=_("Clave de una marca."))
    runs_from = Day(required=False, help_text=_("Las que terminan este día o después."))
    runs_until = Day(required=False, help_text=_("Las que empiezan este día o antes."))
    order = Choice(
        required=False,
        choices=list(ORDERS),
        help_text=_("De la más nueva si no se dice; savedAt: la cambiada al último primero."),
    )


class Campaigns(Resource):
    """The campaigns of the brands that the caller acts for."""

    tag = _("Campañas")
    lookup_schema = {"type": "string", "pattern": f"^LP-[{FOLIO_ALPHABET}]{{6}}$"}
    lookup_told = _("El folio, como LP-7K2M9Q.")
    scopes = ("campaigns:read", "campaigns:write")
    lookup_field = "folio"
    lookup_url_kwarg = "id"
    serializer_class = CampaignShape
    matches = True

    def get_queryset(self) -> QuerySet[Campaign]:
        rows = Campaign.objects.visible_to(self.request.user)
        return rows.select_related("brand", "link", "reservation").prefetch_related(OPEN_ENTRIES)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "editable": self.editable}

    @cached_property
    def editable(self) -> dict[int, Brand]:
        """The brands that the caller writes for."""
        return {brand.pk: brand for brand in Brand.objects.edited_by(self.request.user)}

    @operation(_("Lista campañas"), query=CampaignQuery, page=CampaignShape)
    def list(self, request: Request) -> Response:
        query = CampaignQuery.read(request)
        mine = Brand.objects.visible_to(request.user).values_list("pk", flat=True)
        # Keys and no subquery: PostgreSQL then knows how many rows each has, and takes their index.
        rows = self.get_queryset().filter(brand__in=list(mine))
        if words := query.get("q"):
            rows = rows.filter(
                Q(name__icontains=words) | Q(folio__icontains=words) | Q(text__icontains=words)
            )
        named = {
            "status": "status",
            "brand": "brand__slug",
            "runs_from": "ends_on__gte",
            "runs_until": "starts_on__lte",
        }
        rows = rows.filter(**{named[name]: query[name] for name in named.keys() & query.keys()})
        page = pagination.cut(rows, query, ORDERS)
        items = self.get_serializer(page.rows, many=True).data
        return pagination.response(items, page.cursor, request)

    @operation(
        _("Crea una campaña"),
        _("Nace como borrador: puede faltarle todo menos el nombre."),
        takes=NewCampaignShape,
        gives=CampaignShape,
        status=201,
    )
    def create(self, request: Request) -> Response:
        campaign = self._begin(request.data)
        return self.created(self._shown(campaign.pk), campaign.folio)

    @operation(_("Lee una campaña"), gives=CampaignShape, headers=(IF_NONE_MATCH,))
    def retrieve(self, request: Request, id: str) -> Response:
        response = self._show(self.get_object())
        if is_unchanged(request, response["ETag"]):
            return Response(status=304, headers={"ETag": response["ETag"]})
        return response

    @operation(
        _("Cambia una campaña"),
        _("Solo lo que envías, y solo si nadie la cambió desde que la leíste."),
        takes=ChangesShape,
        gives=CampaignShape,
        headers=(IF_MATCH_NEEDED,),
    )
    def partial_update(self, request: Request, id: str) -> Response:
        with transaction.atomic():
            campaign = self._locked(request, needed=True)
            shape = ChangesShape(campaign, data=request.data, partial=True)
            shape.is_valid(raise_exception=True)
            lifecycle.edit(campaign.pk, shape.terms(), revision=campaign.revision, by=request.user)
        return self._shown(campaign.pk)

    @operation(
        _("Crea hasta 500 campañas"),
        _("Cada una se crea o se dice por qué no; con allOrNothing, todas o ninguna."),
        takes=BulkDocShape,
        responses={201: BulkResultShape, 207: BulkResultShape},
        operation_id="createCampaigns",
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Begin up to 500 campaigns; say of each what became of it."""
        shape = BulkShape(data=request.data)
        shape.is_valid(raise_exception=True)
        verdicts: list[Verdict] = []
        with transaction.atomic():
            for at, item in enumerate(shape.validated_data["campaigns"]):
                verdicts.append(self._judged(at, item))
            refused = [verdict for verdict in verdicts if verdict["error"]]
            if refused and shape.validated_data["all_or_nothing"]:
                raise none_of(refused)
        status = 207 if refused else 201
        return Response({"created": len(verdicts) - len(refused), "results": verdicts}, status)

    @operation(
        _("Envía a revisión"),
        _("Con dryRun se contesta lo mismo y no cambia nada."),
        query=SubmitQuery,
        headers=(IF_MATCH,),
        responses={200: SubmittedShape},
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, id: str) -> Response:
        """Send to review. With `dryRun` all is done and undone: what would be refused, is."""
        if not SubmitQuery.read(request)["dry_run"]:
            return self._move(request, lifecycle.submit)
        with transaction.atomic():
            campaign = self._locked(request)
            lifecycle.submit(campaign.pk, by=request.user)
            transaction.set_rollback(True)
        found = availability.of_campaign(campaign)
        return Response({"dryRun": True, "availability": availability.shown(found)})

    @operation(_("Retira de revisión"), gives=CampaignShape, headers=(IF_MATCH,))
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.withdraw)

    @operation(_("Pausa"), gives=CampaignShape, headers=(IF_MATCH,))
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.pause)

    @operation(_("Reanuda"), gives=CampaignShape, headers=(IF_MATCH,))
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.resume)

    @operation(_("Cancela"), gives=CampaignShape, headers=(IF_MATCH,))
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.cancel)

    @operation(_("Pide aviso cuando haya inventario"), gives=CampaignShape, headers=(IF_MATCH,))
    @action(detail=True, methods=["post"])
    def wait(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.join)

    @operation(_("Deja la lista de espera"), gives=CampaignShape, headers=(IF_MATCH,))
    @action(detail=True, methods=["post"], url_path="stop-waiting")
    def stop_waiting(self, request: Request, id: str) -> Response:
        return self._move(request, lifecycle.leave)

    @operation(_("Copia como borrador nuevo"), gives=CampaignShape, status=201)
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, id: str) -> Response:
        copied = lifecycle.copy(self.get_object().pk, by=request.user)
        return self.created(self._shown(copied.pk), copied.folio)

    @operation(
        _("Lista lo que se envió"),
        query=PageQuery,
        page=VersionShape,
        operation_id="listCampaignVersions",
    )
    @action(detail=True)
    def versions(self, request: Request, id: str) -> Response:
        rows = self.get_object().versions.select_related("sent_by")
        page = pagination.cut(rows, PageQuery.read(request), {"newest": NEWEST})
        return pagination.response(VersionShape(page.rows, many=True).data, page.cursor, request)

    @operation(
        _("Lista su historia"), query=PageQuery, page=EventShape, operation_id="listCampaignHistory"
    )
    @action(detail=True)
    def history(self, request: Request, id: str) -> Response:
        rows = self.get_object().events.select_related("by")
        page = pagination.cut(rows, PageQuery.read(request), {"newest": NEWEST})
        return pagination.response(EventShape(page.rows, many=True).data, page.cursor, request)

    def _begin(self, data: Any) -> Campaign:
        shape = NewCampaignShape(data=data)
        shape.is_valid(raise_exception=True)
        brand = brand_for(shape.validated_data.get("brand"), self.editable.values())
        return lifecycle.draft(brand.pk, shape.terms(), by=self.request.user)

    def _judged(self, at: int, item: Any) -> Verdict:
        """Begin one of many; it makes all of its campaign or nothing."""
        try:
            with transaction.atomic():
                return {"index": at, "id": self._begin(item).folio, "error": None}
        except (serializers.ValidationError, Refused, CampaignError) as error:
            told = errors.answer(error, {})
            return {"index": at, "id": None, "error": told.data if told else None}

    def _move(self, request: Request, move: Callable[..., Campaign]) -> Response:
        with transaction.atomic():
            campaign = self._locked(request)
            move(campaign.pk, by=request.user)
        return self._shown(campaign.pk)

    def _locked(self, request: Request, *, needed: bool = False) -> Campaign:
        """Own the campaign until the transaction ends, as the request saw it. Raises Refused."""
        lifecycle.lock(self.get_object().pk)
        campaign = self.get_object()
        require_match(request, self._tag(campaign), needed=needed)
        return campaign

    def _shown(self, pk: int) -> Response:
        return self._show(self.get_queryset().get(pk=pk))

    def _show(self, campaign: Campaign) -> Response:
        data = self.get_serializer(campaign).data
        return Response(data, headers={"ETag": _etag(campaign, data)})

    def _tag(self, campaign: Campaign) -> str:
        return _etag(campaign, self.get_serializer(campaign).data)


def _etag(campaign: Campaign, data: Any) -> str:
    """Return the strong entity tag of a representation: the draft's revision, and its hash.

    The hash is there for what changes without an edit: status, reservation, permissions.
    """
    return f'"{campaign.revision}-{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:20]}"'
