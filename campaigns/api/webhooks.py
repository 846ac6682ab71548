"""Webhooks by program: where a brand's events go, how they went, and to send them again."""

import json
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.serializers import brand_for
from campaigns.models import Brand, Webhook, WebhookDelivery
from campaigns.webhooks import subscriptions
from campaigns.webhooks.address import MAX_URL_LENGTH
from campaigns.webhooks.events import TYPES
from core.api import pagination
from core.api.pagination import NEWEST, PageQuery
from core.api.schema import operation
from core.api.serializers import Choice, OpenChoice, Shape, Text
from core.api.viewsets import Resource

PAST = r"deliveries/(?P<delivery>[0-9]{1,18})"
TYPE_EXAMPLES = [TYPES["approve"], TYPES["start"]]


class WebhookChangesShape(Shape):
    example: ClassVar[Any] = {"eventTypes": TYPE_EXAMPLES}
    url = Text(
        required=False, max_length=MAX_URL_LENGTH, help_text=_("Con https, a un sitio público.")
    )
    event_types = serializers.ListField(
        child=Choice(choices=list(TYPES.values())),
        required=False,
        max_length=len(TYPES),
        help_text=_("Vacío: todos, también los que vengan."),
    )


class NewWebhookShape(WebhookChangesShape):
    example: ClassVar[Any] = {
        "url": "https://agencia.example.com/eventos",
        "eventTypes": TYPE_EXAMPLES,
    }
    url = Text(max_length=MAX_URL_LENGTH, help_text=_("Con https, a un sitio público."))
    brand = Text(
        required=False,
        max_length=50,
        help_text=_("Clave de la marca; un programa ya tiene la suya."),
    )


class WebhookShape(Shape):
    """An address that is told of what happens to a brand's campaigns."""

    example: ClassVar[Any] = {
        "id": 41,
        "brand": "tienda",
        "url": "https://agencia.example.com/eventos",
        "eventTypes": TYPE_EXAMPLES,
        "status": "active",
        "pausedAt": None,
        "pausedFor": "",
        "failingSince": None,
        "lastDeliveredAt": "2026-11-20T10:15:02-06:00",
        "previousSecretUntil": None,
        "createdAt": "2026-11-18T09:00:00-06:00",
    }
    id = serializers.IntegerField(help_text=_("Su número."))
    brand = Text(source="brand.slug", help_text=_("Clave de la marca."))
    url = Text(help_text=_("A dónde van los eventos."))
    event_types = serializers.ListField(child=Text(), help_text=_("Vacío: todos."))
    status = serializers.SerializerMethodField(help_text=_("`active` o `paused`."))
    paused_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Desde cuándo está en pausa; null: no lo está.")
    )
    paused_for = OpenChoice(
        choices=["", *Webhook.PausedFor.values],
        help_text=_("`asked`: lo pediste; `gone`: contestó 410; `dead`: tres días sin recibir."),
    )
    failing_since = serializers.DateTimeField(
        allow_null=True, help_text=_("Desde cuándo no recibe nada; null: recibe.")
    )
    last_delivered_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Cuándo recibió por última vez.")
    )
    previous_secret_until = serializers.DateTimeField(
        source="previous_until",
        allow_null=True,
        help_text=_("Hasta cuándo firma también el secreto anterior."),
    )
    created_at = serializers.DateTimeField(help_text=_("Cuándo se dio de alta."))

    def get_status(self, webhook: Webhook) -> str:
        return "paused" if webhook.paused else "active"


class SecretShape(WebhookShape):
    """A webhook with its secret, which is answered this once."""

    example: ClassVar[Any] = {
        **WebhookShape.example,
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    }
    secret = Text(help_text=_("Para revisar la firma (Standard Webhooks): guárdalo ya."))


class DeliveryShape(Shape):
    """An event on its way, or past, with how its last attempt went."""

    example: ClassVar[Any] = {
        "id": 9021,
        "eventId": "evt-5120",
        "type": TYPE_EXAMPLES[0],
        "subject": "LP-7K2M9Q",
        "state": WebhookDelivery.State.values[0],
        "attempts": 1,
        "createdAt": "2026-11-20T10:15:00-06:00",
        "dueAt": None,
        "triedAt": "2026-11-20T10:15:02-06:00",
        "lastStatus": 204,
        "lastError": "",
        "lastMilliseconds": 84,
        "deliveredAt": "2026-11-20T10:15:02-06:00",
        "givenUpAt": None,
    }
    id = serializers.IntegerField(help_text=_("Su número."))
    event_id = Text(help_text=_("Va en `webhook-id`: el mismo en cada intento."))
    type = Text(help_text=_("El tipo del evento."))
    subject = Text(help_text=_("El folio de la campaña."))
    state = OpenChoice(choices=WebhookDelivery.State.choices, help_text=_("Cómo va."))
    attempts = serializers.IntegerField(help_text=_("Desde que se pidió por última vez."))
    created_at = serializers.DateTimeField(help_text=_("Cuándo pasó lo que cuenta."))
    due_at = serializers.DateTimeField(allow_null=True, help_text=_("El siguiente intento."))
    tried_at = serializers.DateTimeField(allow_null=True, help_text=_("El último intento."))
    last_status = serializers.IntegerField(
        allow_null=True, help_text=_("Lo que contestó, en HTTP; null: nada.")
    )
    last_error = Text(help_text=_("Qué falló; vacío: nada."))
    last_milliseconds = serializers.IntegerField(
        allow_null=True, help_text=_("Lo que tardó en contestar.")
    )
    delivered_at = serializers.DateTimeField(allow_null=True, help_text=_("Cuándo se recibió."))
    given_up_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Cuándo se dejó de intentar.")
    )


class SentShape(DeliveryShape):
    """A delivery with the event itself."""

    example: ClassVar[Any] = {
        **DeliveryShape.example,
        "event": {
            "specversion": "1.0",
            "id": "evt-5120",
            "source": "https://portal.example/api/v1/campaigns",
            "type": TYPE_EXAMPLES[0],
            "subject": "LP-7K2M9Q",
            "time": "2026-11-20T16:15:00.000Z",
            "datacontenttype": "application/json",
            "data": {"id": "LP-7K2M9Q", "brand": "tienda", "status": "approved"},
        },
    }
    event = serializers.SerializerMethodField(help_text=_("El CloudEvent."))

    def get_event(self, delivery: WebhookDelivery) -> dict[str, Any]:
        return json.loads(delivery.body)


class DeliveryQuery(PageQuery):
    state = Choice(
        required=False, choices=WebhookDelivery.State.choices, help_text=_("Solo las que van así.")
    )


class Webhooks(Resource):
    """The webhooks of the brands that the caller writes for."""

    tag = _("Webhooks")
    scopes = ("webhooks:manage", "webhooks:manage")
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = WebhookShape

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.managed_by(self.request.user).select_related("brand")

    @operation(_("Lista webhooks"), query=PageQuery, page=WebhookShape)
    def list(self, request: Request) -> Response:
        page = pagination.cut(self.get_queryset(), PageQuery.read(request), {"newest": NEWEST})
        return pagination.response(WebhookShape(page.rows, many=True).data, page.cursor, request)

    @operation(
        _("Da de alta un webhook"),
        _("Contesta su secreto, esta vez y ninguna otra. Una marca tiene hasta 20."),
        takes=NewWebhookShape,
        gives=SecretShape,
        status=201,
    )
    def create(self, request: Request) -> Response:
        shape = NewWebhookShape(data=request.data)
        shape.is_valid(raise_exception=True)
        sent = shape.validated_data
        brand = brand_for(sent.get("brand"), Brand.objects.edited_by(request.user))
        types = sent.get("event_types", [])
        webhook = subscriptions.create(brand.pk, sent["url"], types, by=request.user)
        return self.created(_once(webhook), webhook.pk)

    @operation(_("Lee un webhook"), gives=WebhookShape)
    def retrieve(self, request: Request, id: str) -> Response:
        return _shown(self.get_object())

    @operation(
        _("Cambia un webhook"),
        _("Solo lo que envías; lo pendiente va a la dirección nueva."),
        takes=WebhookChangesShape,
        gives=WebhookShape,
    )
    def partial_update(self, request: Request, id: str) -> Response:
        shape = WebhookChangesShape(data=request.data)
        shape.is_valid(raise_exception=True)
        changes = shape.validated_data
        return _shown(subscriptions.update(self.get_object().pk, **changes, by=request.user))

    @operation(_("Borra un webhook"), _("Con su registro de envíos."), status=204)
    def destroy(self, request: Request, id: str) -> Response:
        subscriptions.delete(self.get_object().pk, by=request.user)
        return Response(status=204)

    @operation(
        _("Envía un evento de prueba"),
        _("Una vez y ahora, también en pausa. Lee el envío para saber cómo le fue."),
        gives=SentShape,
        status=202,
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:
        sent = subscriptions.send_test(self.get_object().pk, by=request.user)
        return Response(SentShape(sent).data, status=202)

    @operation(
        _("Cambia su secreto"),
        _("Contesta el nuevo, esta vez y ninguna otra. El anterior firma también por 24 horas."),
        gives=SecretShape,
        operation_id="rotateWebhookSecret",
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, id: str) -> Response:
        return _once(subscriptions.rotate(self.get_object().pk, by=request.user))

    @operation(_("Pausa un webhook"), _("Lo que pase lo espera 30 días."), gives=WebhookShape)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:
        return _shown(subscriptions.pause(self.get_object().pk, by=request.user))

    @operation(_("Reanuda un webhook"), _("Le envía lo que quedó pendiente."), gives=WebhookShape)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:
        return _shown(subscriptions.resume(self.get_object().pk, by=request.user))

    @operation(
        _("Lista sus envíos"),
        _("De los últimos 30 días, el más nuevo primero."),
        query=DeliveryQuery,
        page=DeliveryShape,
        operation_id="listWebhookDeliveries",
    )
    @action(detail=True)
    def deliveries(self, request: Request, id: str) -> Response:
        query = DeliveryQuery.read(request)
        rows = self.get_object().deliveries.all()
        if state := query.get("state"):
            rows = rows.in_state(state)
        page = pagination.cut(rows, query, {"newest": NEWEST})
        return pagination.response(DeliveryShape(page.rows, many=True).data, page.cursor, request)

    @operation(
        _("Lee un envío"),
        gives=SentShape,
        operation_id="getWebhookDelivery",
    )
    @action(detail=True, url_path=PAST)
    def delivery(self, request: Request, id: str, **past: str) -> Response:
        return Response(SentShape(self._past(past)).data)

    @operation(
        _("Repite un envío"),
        _("Ahora, con el mismo `webhook-id`, y por tres días si hace falta."),
        gives=SentShape,
        status=202,
        operation_id="redeliverWebhookDelivery",
    )
    @action(detail=True, methods=["post"], url_path=f"{PAST}/redeliver")
    def redeliver(self, request: Request, id: str, **past: str) -> Response:
        again = subscriptions.redeliver(self._past(past).pk, by=request.user)
        return Response(SentShape(again).data, status=202)

    def _past(self, past: dict[str, str]) -> WebhookDelivery:
        return get_object_or_404(self.get_object().deliveries, pk=past["delivery"])


def _shown(webhook: Webhook) -> Response:
    return Response(WebhookShape(webhook).data)


def _once(webhook: Webhook) -> Response:
    """Show a webhook with its secret; no other answer has it."""
    return Response(SecretShape(webhook).data, headers={"Cache-Control": "no-store"})
