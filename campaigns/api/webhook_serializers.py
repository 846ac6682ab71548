"""Serializers of webhooks and their deliveries."""

import json
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from campaigns.models import Webhook, WebhookDelivery
from campaigns.moves import MOVES
from campaigns.webhooks.address import MAX_URL_LENGTH
from campaigns.webhooks.events import EVENT_TYPES
from core.api.fields import OpenChoiceField, StrictChoiceField, StrictListField, TextField
from core.api.pagination import PageQuerySerializer
from core.api.serializers import StrictSerializer

TYPE_EXAMPLES = [MOVES["approve"].event_type, MOVES["start"].event_type]


class WebhookChangesSerializer(StrictSerializer):
    example: ClassVar[Any] = {"eventTypes": TYPE_EXAMPLES}
    url = TextField(
        required=False, max_length=MAX_URL_LENGTH, help_text=_("Con https, a un sitio público.")
    )
    event_types = StrictListField(
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
    url = TextField(max_length=MAX_URL_LENGTH, help_text=_("Con https, a un sitio público."))
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
    secret = TextField(
        allow_null=True,
        help_text=_(
            "Para revisar la firma (Standard Webhooks): guárdalo ya. null: ya se te dio; si lo "
            "perdiste, cámbialo."
        ),
    )


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
