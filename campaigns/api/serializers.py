"""Serializers of a campaign, its versions and its history."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import links, pricing
from campaigns.api import quotes
from campaigns.api.availability import AvailabilitySerializer
from campaigns.api.delivery_counts import DeliveryCountsSerializer
from campaigns.api.holds import HoldSerializer
from campaigns.api.quotes import QuoteSerializer
from campaigns.booking import BOOKING
from campaigns.bulk_rows import MAX_NAME_LENGTH, MAX_TEXT_LENGTH
from campaigns.models import Campaign, Event
from campaigns.models.campaign import MAX_VOLUME, OrderTerms
from campaigns.moves import API_ACTIONS, brand_moves
from campaigns.reports import delivery
from campaigns.reports.delivery import Delivery
from core.api.errors import ApiError
from core.api.fields import (
    OpenChoiceField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
    TextField,
    TrimmedTextField,
)
from core.api.serializers import StrictSerializer
from segments.api import AreaSerializer

Status = Campaign.Status

TERMS = (
    *("name", "use", "promotionEndsOn", "adText", "destination"),
    *("area", "startsOn", "endsOn", "volume", "dailyCap"),
)


class TermsSerializer(StrictSerializer):
    """The terms of a campaign."""

    example = {
        "name": "Recarga de diciembre",
        "adText": "Recarga $100 y recibe 2 GB en movistar.mx/promo",
        "area": {"ladas": ["33", "55", "81"]},
        "startsOn": "2026-12-01",
        "endsOn": "2026-12-07",
        "volume": 500_000,
    }
    name = TrimmedTextField(
        max_length=MAX_NAME_LENGTH, help_text=gettext_lazy("Para reconocerla; no se publica.")
    )
    use = StrictChoiceField(
        choices=OrderTerms.Use.choices,
        required=False,
        help_text=gettext_lazy("`broadcast`: difusión; `promotion`: promoción, con vigencia."),
    )
    promotion_ends_on = StrictDateField(
        required=False,
        allow_null=True,
        help_text=gettext_lazy("Hasta cuándo vale una promoción."),
    )
    text = TextField(
        required=False,
        allow_blank=True,
        max_length=MAX_TEXT_LENGTH,
        help_text=gettext_lazy("El texto del anuncio. Un borrador puede pasarse del límite."),
    )
    destination = TextField(
        required=False,
        allow_blank=True,
        max_length=links.MAX_URL_LENGTH,
        help_text=gettext_lazy("La página https a la que lleva su enlace corto."),
    )
    area = AreaSerializer(
        required=False, allow_null=True, help_text=gettext_lazy("Dónde; null: aún no se elige.")
    )
    starts_on = StrictDateField(
        required=False, allow_null=True, help_text=gettext_lazy("Primer día del canal.")
    )
    ends_on = StrictDateField(
        required=False, allow_null=True, help_text=gettext_lazy("Último día del canal.")
    )
    volume = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_VOLUME,
        help_text=gettext_lazy("Notificaciones en total."),
    )
    daily_cap = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_VOLUME,
        help_text=gettext_lazy("Lo más de un día; null: ritmo parejo."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        use = attrs.get("use", getattr(self.instance, "use", OrderTerms.Use.BROADCAST))
        if use == OrderTerms.Use.PROMOTION:
            return attrs
        if attrs.get("promotion_ends_on"):
            message = _("Solo una promoción tiene vigencia: quítala o pon use en promotion.")
            code, field = "NOT_A_PROMOTION", "promotionEndsOn"
            detail = {"field": field, "code": code, "message": message}
            raise ApiError(code, message, details=[detail])
        if "use" in attrs:
            attrs["promotion_ends_on"] = None
        return attrs

    def terms(self) -> dict[str, Any]:
        """Return the validated data as `lifecycle.draft` and `lifecycle.edit` take it."""
        terms = {name: value for name, value in self.validated_data.items() if name != "brand"}
        if "area" in terms:
            terms["area"] = terms["area"] or {}
        return terms


class CampaignChangesSerializer(TermsSerializer):
    """The terms of a campaign that change."""

    component_name = "Changes"
    example = {"volume": 400_000, "endsOn": "2026-12-09"}
    name = TrimmedTextField(
        required=False,
        max_length=MAX_NAME_LENGTH,
        help_text=gettext_lazy("Para reconocerla; no se publica."),
    )


class NewCampaignSerializer(TermsSerializer):
    brand = TextField(
        required=False,
        max_length=50,
        help_text=gettext_lazy("Clave de la marca; un programa ya tiene la suya."),
    )


class CampaignSerializer(TermsSerializer):
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
