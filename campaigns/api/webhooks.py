"""Webhooks of a brand: subscriptions, their deliveries, and tests and repetitions of these."""

import json
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.serializers import choose_brand
from campaigns.models import Brand, Webhook, WebhookDelivery
from campaigns.moves import EVENT_TYPES, MOVES
from campaigns.webhooks import subscriptions
from campaigns.webhooks.address import MAX_URL
from core.api.fields import OpenChoiceField, StrictChoiceField, TextField
from core.api.pagination import PageQuerySerializer
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet

DELIVERY_PATH = r"deliveries/(?P<delivery>[0-9]{1,18})"
TYPE_EXAMPLES = [MOVES["approve"].event_type, MOVES["start"].event_type]


class WebhookChangesSerializer(StrictSerializer):
    example: ClassVar[Any] = {"eventTypes": TYPE_EXAMPLES}
    url = TextField(
        required=False, max_length=MAX_URL, help_text=_("Con https, a un sitio público.")
    )
    event_types = serializers.ListField(
        child=StrictChoiceField(choices=EVENT_TYPES),
        required=False,
        max_length=len(EVENT_TYPES),
        help_text=_("Vacío: todos, también los que vengan."),
    )


class NewWebhookSerializer(WebhookChangesSerializer):
    example: ClassVar[Any] = {
        "url": "https://agencia.example.com/eventos",
        "eventTypes": TYPE_EXAMPLES,
    }
    url = TextField(max_length=MAX_URL, help_text=_("Con https, a un sitio público."))
    brand = TextField(
        required=False,
        max_length=50,
        help_text=_("Clave de la marca; un programa ya tiene la suya."),
    )


class WebhookSerializer(StrictSerializer):
    """A URL that receives the events of a brand's campaigns."""

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
    brand = TextField(source="brand.slug", help_text=_("Clave de la marca."))
    url = TextField(help_text=_("A dónde van los eventos."))
    event_types = serializers.ListField(child=TextField(), help_text=_("Vacío: todos."))
    status = serializers.SerializerMethodField(help_text=_("`active` o `paused`."))
    paused_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Desde cuándo está en pausa; null: no lo está.")
    )
    paused_for = OpenChoiceField(
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


class WebhookSecretSerializer(WebhookSerializer):
    """A webhook with its secret, which no other response has."""

    component_name = "Secret"
    example: ClassVar[Any] = {
        **WebhookSerializer.example,
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    }
    secret = TextField(help_text=_("Para revisar la firma (Standard Webhooks): guárdalo ya."))


class DeliverySerializer(StrictSerializer):
    """A delivery of an event, with the result of its last attempt."""

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
    event_id = TextField(help_text=_("Va en `webhook-id`: el mismo en cada intento."))
    type = TextField(help_text=_("El tipo del evento."))
    subject = TextField(help_text=_("El folio de la campaña."))
    state = OpenChoiceField(choices=WebhookDelivery.State.choices, help_text=_("Cómo va."))
    attempts = serializers.IntegerField(help_text=_("Desde que se pidió por última vez."))
    created_at = serializers.DateTimeField(help_text=_("Cuándo pasó lo que cuenta."))
    due_at = serializers.DateTimeField(allow_null=True, help_text=_("El siguiente intento."))
    tried_at = serializers.DateTimeField(allow_null=True, help_text=_("El último intento."))
    last_status = serializers.IntegerField(
        allow_null=True, help_text=_("Lo que contestó, en HTTP; null: nada.")
    )
    last_error = TextField(help_text=_("Qué falló; vacío: nada."))
    last_milliseconds = serializers.IntegerField(
        allow_null=True, help_text=_("Lo que tardó en contestar.")
    )
    delivered_at = serializers.DateTimeField(allow_null=True, help_text=_("Cuándo se recibió."))
    given_up_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Cuándo se dejó de intentar.")
    )


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with its event."""

    component_name = "Sent"
    example: ClassVar[Any] = {
        **DeliverySerializer.example,
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


class DeliveryQuerySerializer(PageQuerySerializer):
    state = StrictChoiceField(
        required=False, choices=WebhookDelivery.State.choices, help_text=_("Solo las que van así.")
    )


class WebhookViewSet(ApiViewSet):
    """Webhooks of the brands that the caller may edit."""

    tag = _("Webhooks")
    scopes = ("webhooks:manage", "webhooks:manage")
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = WebhookSerializer

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.managed_by(self.request.user).select_related("brand")

    @operation(_("Lista webhooks"), query=PageQuerySerializer, page=WebhookSerializer)
    def list(self, request: Request) -> Response:
        return self.page_response(self.get_queryset())

    @operation(
        _("Da de alta un webhook"),
        _("Contesta su secreto, esta vez y ninguna otra. Una marca tiene hasta 20."),
        request=NewWebhookSerializer,
        response=WebhookSecretSerializer,
        status=201,
    )
    def create(self, request: Request) -> Response:
        serializer = NewWebhookSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        brand = choose_brand(data.get("brand"), Brand.objects.edited_by(request.user))
        types = data.get("event_types", [])
        webhook = subscriptions.create(brand.pk, data["url"], types, by=request.user)
        return self.created_response(_secret_response(webhook), webhook.pk)

    @operation(_("Lee un webhook"), response=WebhookSerializer)
    def retrieve(self, request: Request, id: str) -> Response:
        return _webhook_response(self.get_object())

    @operation(
        _("Cambia un webhook"),
        _("Solo lo que envías; lo pendiente va a la dirección nueva."),
        request=WebhookChangesSerializer,
        response=WebhookSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:
        serializer = WebhookChangesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        changes = serializer.validated_data
        webhook = subscriptions.change(self.get_object().pk, **changes, by=request.user)
        return _webhook_response(webhook)

    @operation(_("Borra un webhook"), _("Con su registro de envíos."), status=204)
    def destroy(self, request: Request, id: str) -> Response:
        subscriptions.delete(self.get_object().pk, by=request.user)
        return Response(status=204)

    @operation(
        _("Envía un evento de prueba"),
        _("Una vez y ahora, también en pausa. Lee el envío para saber cómo le fue."),
        response=DeliveryDetailSerializer,
        status=202,
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:
        delivery = subscriptions.test(self.get_object().pk, by=request.user)
        return Response(DeliveryDetailSerializer(delivery).data, status=202)

    @operation(
        _("Cambia su secreto"),
        _("Contesta el nuevo, esta vez y ninguna otra. El anterior firma también por 24 horas."),
        response=WebhookSecretSerializer,
        operation_id="rotateWebhookSecret",
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, id: str) -> Response:
        return _secret_response(subscriptions.rotate(self.get_object().pk, by=request.user))

    @operation(
        _("Pausa un webhook"), _("Lo que pase lo espera 30 días."), response=WebhookSerializer
    )
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:
        return _webhook_response(subscriptions.pause(self.get_object().pk, by=request.user))

    @operation(
        _("Reanuda un webhook"), _("Le envía lo que quedó pendiente."), response=WebhookSerializer
    )
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:
        return _webhook_response(subscriptions.resume(self.get_object().pk, by=request.user))

    @operation(
        _("Lista sus envíos"),
        _("De los últimos 30 días, el más nuevo primero."),
        query=DeliveryQuerySerializer,
        page=DeliverySerializer,
        operation_id="listWebhookDeliveries",
    )
    @action(detail=True)
    def deliveries(self, request: Request, id: str) -> Response:
        query = DeliveryQuerySerializer.parse(request)
        rows = self.get_object().deliveries.all()
        if state := query.get("state"):
            rows = rows.in_state(state)
        return self.page_response(rows, query, serializer_class=DeliverySerializer)

    @operation(
        _("Lee un envío"),
        response=DeliveryDetailSerializer,
        operation_id="getWebhookDelivery",
    )
    @action(detail=True, url_path=DELIVERY_PATH)
    def delivery(self, request: Request, id: str, **kwargs: str) -> Response:
        return Response(DeliveryDetailSerializer(self._delivery(kwargs)).data)

    @operation(
        _("Repite un envío"),
        _("Ahora, con el mismo `webhook-id`, y por tres días si hace falta."),
        response=DeliveryDetailSerializer,
        status=202,
        operation_id="redeliverWebhookDelivery",
    )
    @action(detail=True, methods=["post"], url_path=f"{DELIVERY_PATH}/redeliver")
    def redeliver(self, request: Request, id: str, **kwargs: str) -> Response:
        delivery = subscriptions.redeliver(self._delivery(kwargs).pk, by=request.user)
        return Response(DeliveryDetailSerializer(delivery).data, status=202)

    def _delivery(self, kwargs: dict[str, str]) -> WebhookDelivery:
        return get_object_or_404(self.get_object().deliveries, pk=kwargs["delivery"])


def _webhook_response(webhook: Webhook) -> Response:
    return Response(WebhookSerializer(webhook).data)


def _secret_response(webhook: Webhook) -> Response:
    """Return a webhook with its secret. No other response has it."""
    return Response(WebhookSecretSerializer(webhook).data, headers={"Cache-Control": "no-store"})
