"""Serializers of a campaign, its versions and its history, as they are read."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import pricing
from campaigns.api import quotes
from campaigns.api.availability import AvailabilitySerializer
from campaigns.api.delivery_counts import DeliveryCountsSerializer
from campaigns.api.holds import HoldSerializer
from campaigns.api.quotes import QuoteSerializer
from campaigns.api.terms import ReferencesSerializer, TermsSerializer
from campaigns.booking import BOOKING
from campaigns.models import Campaign, Event
from campaigns.moves import API_ACTIONS, brand_moves
from campaigns.reports import delivery
from campaigns.reports.delivery import Delivery
from core.api.fields import OpenChoiceField, TextField
from core.api.serializers import StrictSerializer

Status = Campaign.Status

TERMS = (
    *("name", "use", "promotionEndsOn", "adText", "destination"),
    *("area", "startsOn", "endsOn", "volume", "dailyCap"),
)


class CampaignSerializer(TermsSerializer, ReferencesSerializer):
    """A campaign with its status and the actions that are available now."""

    example = {
        **TermsSerializer.example,
        "use": "broadcast",
        "promotionEndsOn": None,
        "destination": "",
        "area": {
            "nationwide": False,
            "states": [],
            "ladas": ["33", "55", "81"],
            "excludedStates": [],
            "excludedLadas": [],
        },
        "dailyCap": None,
        **ReferencesSerializer.example,
        "id": "LP-7K2M9Q",
        "brand": "tienda",
        "status": "in_review",
        "statusLabel": "En revisión",
        "pausedBy": "",
        "bookingStatus": "Reserved",
        "version": 1,
        "shortLink": "",
        "reservation": HoldSerializer.example,
        "delivery": None,
        "quote": None,
        "availableActions": ["withdraw", "cancel", "copy"],
        "createdAt": "2026-11-20T10:15:00-06:00",
        "savedAt": "2026-11-20T10:20:00-06:00",
        "statusAt": "2026-11-20T10:21:00-06:00",
    }
    id = TextField(source="folio", help_text=gettext_lazy("El folio, como LP-7K2M9Q."))
    brand = TextField(source="brand.slug", help_text=gettext_lazy("Clave de la marca."))
    status = serializers.ChoiceField(
        choices=Status.choices, help_text=gettext_lazy("Dónde está; no vendrán otros.")
    )
    status_label = TextField(
        source="get_status_display", help_text=gettext_lazy("El estado para personas.")
    )
    paused_by = TextField(
        help_text=gettext_lazy(
            "Quién la pausó: `brand`, `staff` o `suspension`, y pueden venir nuevos; vacío si no "
            "está en pausa. Tú reanudas solo lo que pausó tu marca."
        )
    )
    booking_status = serializers.SerializerMethodField(
        help_text=gettext_lazy("El estado en palabras de OpenDirect 2.1.")
    )
    version = serializers.IntegerField(
        source="version_number", help_text=gettext_lazy("La última enviada; 0: ninguna.")
    )
    short_link = TextField(help_text=gettext_lazy("Como va en el texto; vacío si no hay destino."))
    reservation = HoldSerializer(
        allow_null=True, help_text=gettext_lazy("Lo apartado; null: nada todavía.")
    )
    delivery = serializers.SerializerMethodField(
        help_text=gettext_lazy(
            "Lo entregado; null: todavía no hay orden. Cambia sola: If-Match no la toma en cuenta."
        )
    )
    quote = serializers.SerializerMethodField(
        help_text=gettext_lazy(
            "El precio con que se envió su última versión; null: no se ha enviado, o sin tarifa."
        )
    )
    available_actions = serializers.SerializerMethodField(
        help_text=gettext_lazy("Lo que puedes hacerle ahora.")
    )
    created_at = serializers.DateTimeField(help_text=gettext_lazy("Cuándo se creó."))
    saved_at = serializers.DateTimeField(help_text=gettext_lazy("Cuándo cambió el borrador."))
    status_at = serializers.DateTimeField(help_text=gettext_lazy("Desde cuándo está así."))

    @extend_schema_field(serializers.ChoiceField(choices=sorted(set(BOOKING.values()))))
    def get_booking_status(self, campaign: Campaign) -> str:
        return BOOKING[campaign.status]

    @extend_schema_field(DeliveryCountsSerializer(allow_null=True))
    def get_delivery(self, campaign: Campaign) -> dict[str, Any] | None:
        found = self._deliveries.get(campaign.pk)
        return dict(DeliveryCountsSerializer(found).data) if found else None

    @cached_property
    def _deliveries(self) -> dict[int, Delivery]:
        """The deliveries of all campaigns of the response, by key."""
        return delivery.of_campaigns(self._campaigns)

    @property
    def _campaigns(self) -> Any:
        """The campaigns of the response."""
        return [self.instance] if self.parent is None else self.parent.instance

    @extend_schema_field(QuoteSerializer(allow_null=True))
    def get_quote(self, campaign: Campaign) -> dict[str, Any] | None:
        return quotes.serialize(self._quotes.get(campaign.pk))

    @cached_property
    def _quotes(self) -> dict[int, pricing.Quote]:
        """The prices of all campaigns of the response, by key."""
        return pricing.of_campaigns(self._campaigns)

    @extend_schema_field(serializers.ListField(child=OpenChoiceField(choices=API_ACTIONS)))
    def get_available_actions(self, campaign: Campaign) -> list[str]:
        if campaign.brand_id not in self.context["editable"] or not campaign.brand.active:
            return []
        waiting = bool(campaign.open_entries)  # type: ignore[attr-defined]  # prefetched
        moves = brand_moves(campaign.status, waiting=waiting, paused_by=campaign.paused_by)
        return [*(move.api_action for move in moves), "copy"]


class VersionSerializer(TermsSerializer):
    """The terms of a campaign as they were sent to review."""

    example = {
        **{name: CampaignSerializer.example[name] for name in TERMS},
        "number": 1,
        "ladas": ["33", "55", "81"],
        "sentAt": "2026-11-20T10:20:00-06:00",
        "sentBy": "Agencia",
    }
    number = serializers.IntegerField(help_text=gettext_lazy("Desde 1."))
    ladas = serializers.ListField(
        child=TextField(), help_text=gettext_lazy("La zona, resuelta al enviar.")
    )
    sent_at = serializers.DateTimeField(help_text=gettext_lazy("Cuándo se envió."))
    sent_by = TextField(help_text=gettext_lazy("Quién la envió."))


class EventSerializer(StrictSerializer):
    """An event of a campaign's history."""

    example = {
        "id": 4021,
        "at": "2026-11-20T10:21:00-06:00",
        "action": "hold",
        "told": "Se apartó inventario",
        "fromStatus": "reserving",
        "toStatus": "in_review",
        "version": 1,
        "by": None,
        "reasons": [],
        "comment": "",
    }
    id = serializers.IntegerField(help_text=gettext_lazy("Su número."))
    at = serializers.DateTimeField(help_text=gettext_lazy("Cuándo."))
    action = TextField(source="move", help_text=gettext_lazy("Qué paso fue; pueden venir nuevos."))
    told = TextField(
        source="label", help_text=gettext_lazy("Lo que pasó, en las palabras del portal.")
    )
    from_status = TextField(help_text=gettext_lazy("Cómo estaba; vacío si empieza aquí."))
    to_status = serializers.ChoiceField(
        choices=Status.choices, help_text=gettext_lazy("Cómo quedó.")
    )
    version = serializers.IntegerField(
        source="version_number", help_text=gettext_lazy("La última enviada entonces; 0: ninguna.")
    )
    by = serializers.SerializerMethodField(help_text=gettext_lazy("Quién; null: el sistema."))
    reasons = serializers.ListField(
        child=TextField(), help_text=gettext_lazy("Motivos de quien revisó, para personas.")
    )
    comment = TextField(help_text=gettext_lazy("Lo que escribió quien revisó."))

    def get_by(self, event: Event) -> str | None:
        return str(event.by) if event.by else None


class DryRunSerializer(StrictSerializer):
    """The result of a submission with `dryRun` that would succeed."""

    component_name = "Rehearsal"
    example = {
        "dryRun": True,
        "availability": AvailabilitySerializer.example,
        "quote": QuoteSerializer.example | {"validUntil": "2026-12-31"},
    }
    dry_run = serializers.BooleanField(help_text=gettext_lazy("Siempre true: nada cambió."))
    availability = AvailabilitySerializer(help_text=gettext_lazy("Lo que habría."))
    quote = QuoteSerializer(
        allow_null=True, help_text=gettext_lazy("Lo que costaría enviarla hoy; null: sin tarifa.")
    )
