"""A campaign as programs read and write it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import lifecycle, links
from campaigns.api.availability import AvailabilityShape
from campaigns.booking import BOOKING
from campaigns.bulk_rows import MAX_NAME_LENGTH, MAX_TEXT_LENGTH
from campaigns.models import Brand, Campaign, Event
from campaigns.models.campaign import MAX_VOLUME, OrderTerms
from core.api.errors import Refused
from core.api.serializers import Choice, Day, Line, OpenChoice, Shape, Text, Whole
from inventory.models import Reservation
from segments.api import AreaShape

Status = Campaign.Status

# The moves of the table under the names of their addresses.
ACTIONS: Mapping[str, str] = {"join": "wait", "leave": "stop-waiting"}
WORDS = (
    *("name", "use", "promotionEndsOn", "adText", "destination"),
    *("area", "startsOn", "endsOn", "volume", "dailyCap"),
)
NAMES = (*(ACTIONS.get(name, name) for name in lifecycle.OF_BRAND), "copy")


class TermsShape(Shape):
    """What a campaign asks of the channel."""

    example = {
        "name": "Recarga de diciembre",
        "adText": "Recarga $100 y recibe 2 GB en movistar.mx/promo",
        "area": {"ladas": ["33", "55", "81"]},
        "startsOn": "2026-12-01",
        "endsOn": "2026-12-07",
        "volume": 500_000,
    }
    name = Line(
        max_length=MAX_NAME_LENGTH, help_text=gettext_lazy("Para reconocerla; no se publica.")
    )
    use = Choice(
        choices=OrderTerms.Use.choices,
        required=False,
        help_text=gettext_lazy("`broadcast`: difusión; `promotion`: promoción, con vigencia."),
    )
    promotion_ends_on = Day(
        required=False,
        allow_null=True,
        help_text=gettext_lazy("Hasta cuándo vale una promoción."),
    )
    text = Text(
        required=False,
        allow_blank=True,
        max_length=MAX_TEXT_LENGTH,
        help_text=gettext_lazy("El texto del anuncio. Un borrador puede pasarse del límite."),
    )
    destination = Text(
        required=False,
        allow_blank=True,
        max_length=links.MAX_URL_LENGTH,
        help_text=gettext_lazy("La página https a la que lleva su enlace corto."),
    )
    area = AreaShape(
        required=False, allow_null=True, help_text=gettext_lazy("Dónde; null: aún no se elige.")
    )
    starts_on = Day(
        required=False, allow_null=True, help_text=gettext_lazy("Primer día del canal.")
    )
    ends_on = Day(required=False, allow_null=True, help_text=gettext_lazy("Último día del canal."))
    volume = Whole(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_VOLUME,
        help_text=gettext_lazy("Notificaciones en total."),
    )
    daily_cap = Whole(
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
            raise Refused(code, message, details=[detail])
        if "use" in attrs:
            attrs["promotion_ends_on"] = None
        return attrs

    def terms(self) -> dict[str, Any]:
        """Give what was sent as the domain takes it. The shape has been found valid."""
        sent = {name: value for name, value in self.validated_data.items() if name != "brand"}
        if "area" in sent:
            sent["area"] = sent["area"] or {}
        return sent


class ChangesShape(TermsShape):
    """What of a campaign shall be otherwise."""

    example = {"volume": 400_000, "endsOn": "2026-12-09"}
    name = Line(
        required=False,
        max_length=MAX_NAME_LENGTH,
        help_text=gettext_lazy("Para reconocerla; no se publica."),
    )


class NewCampaignShape(TermsShape):
    brand = Text(
        required=False,
        max_length=50,
        help_text=gettext_lazy("Clave de la marca; un programa ya tiene la suya."),
    )


class HoldShape(Shape):
    """What inventory stands behind a campaign."""

    example = {"status": "held", "quantity": 500_000, "expiresAt": "2026-11-23T18:00:00-06:00"}
    status = serializers.ChoiceField(
        choices=Reservation.Status.choices, help_text=gettext_lazy("Apartado, vendido o devuelto.")
    )
    quantity = serializers.IntegerField(help_text=gettext_lazy("Notificaciones."))
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text=gettext_lazy("Cuándo se libera si nadie decide.")
    )


class CampaignShape(TermsShape):
    """A campaign, its state, and what may be done to it now."""

    example = {
        **TermsShape.example,
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
        "bookingStatus": "Reserved",
        "version": 1,
        "shortLink": "",
        "reservation": HoldShape.example,
        "availableActions": ["withdraw", "cancel", "copy"],
        "createdAt": "2026-11-20T10:15:00-06:00",
        "savedAt": "2026-11-20T10:20:00-06:00",
        "statusAt": "2026-11-20T10:21:00-06:00",
    }
    id = Text(source="folio", help_text=gettext_lazy("El folio, como LP-7K2M9Q."))
    brand = Text(source="brand.slug", help_text=gettext_lazy("Clave de la marca."))
    status = serializers.ChoiceField(
        choices=Status.choices, help_text=gettext_lazy("Dónde está; no vendrán otros.")
    )
    status_label = Text(
        source="get_status_display", help_text=gettext_lazy("El estado para personas.")
    )
    booking_status = serializers.SerializerMethodField(
        help_text=gettext_lazy("El estado en palabras de OpenDirect 2.1.")
    )
    version = serializers.IntegerField(
        source="version_number", help_text=gettext_lazy("La última enviada; 0: ninguna.")
    )
    short_link = Text(help_text=gettext_lazy("Como va en el texto; vacío si no hay destino."))
    reservation = HoldShape(
        allow_null=True, help_text=gettext_lazy("Lo apartado; null: nada todavía.")
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

    @extend_schema_field(serializers.ListField(child=OpenChoice(choices=NAMES)))
    def get_available_actions(self, campaign: Campaign) -> list[str]:
        if campaign.brand_id not in self.context["editable"]:
            return []
        moves = lifecycle.open_to_brand(campaign, waits=bool(campaign.open_places))
        return [*(ACTIONS.get(move, move) for move in moves), "copy"]


class VersionShape(TermsShape):
    """What was sent to review, word by word."""

    example = {
        **{name: CampaignShape.example[name] for name in WORDS},
        "number": 1,
        "ladas": ["33", "55", "81"],
        "sentAt": "2026-11-20T10:20:00-06:00",
        "sentBy": "Agencia",
    }
    number = serializers.IntegerField(help_text=gettext_lazy("Desde 1."))
    ladas = serializers.ListField(
        child=Text(), help_text=gettext_lazy("La zona, resuelta al enviar.")
    )
    sent_at = serializers.DateTimeField(help_text=gettext_lazy("Cuándo se envió."))
    sent_by = Text(help_text=gettext_lazy("Quién la envió."))


class EventShape(Shape):
    """One line of a campaign's history."""

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
    action = Text(source="move", help_text=gettext_lazy("Qué paso fue; pueden venir nuevos."))
    told = Text(help_text=gettext_lazy("Lo que pasó, en las palabras del portal."))
    from_status = Text(help_text=gettext_lazy("Cómo estaba; vacío si empieza aquí."))
    to_status = serializers.ChoiceField(
        choices=Status.choices, help_text=gettext_lazy("Cómo quedó.")
    )
    version = serializers.IntegerField(
        source="version_number", help_text=gettext_lazy("La última enviada entonces; 0: ninguna.")
    )
    by = serializers.SerializerMethodField(help_text=gettext_lazy("Quién; null: el sistema."))
    reasons = serializers.ListField(
        child=Text(), help_text=gettext_lazy("Motivos de quien revisó, para personas.")
    )
    comment = Text(help_text=gettext_lazy("Lo que escribió quien revisó."))

    def get_by(self, event: Event) -> str | None:
        return str(event.by) if event.by else None


class RehearsalShape(Shape):
    """What sending would find; it would not be refused."""

    example = {"dryRun": True, "availability": AvailabilityShape.example}
    dry_run = serializers.BooleanField(help_text=gettext_lazy("Siempre true: nada cambió."))
    availability = AvailabilityShape(help_text=gettext_lazy("Lo que habría."))


def brand_for(sent: str | None, editable: Iterable[Brand]) -> Brand:
    """Choose the brand that a new campaign is of. Raises Refused."""
    editable = list(editable)
    named = [brand for brand in editable if sent in (None, brand.slug)]
    if len(named) == 1:
        return named[0]
    message = (
        _("No es una de tus marcas, o en ella solo consultas.")
        if sent
        else _("Di de qué marca: {slugs}.").format(
            slugs=", ".join(brand.slug for brand in editable)
        )
    )
    detail = {"field": "brand", "code": "BAD_BRAND", "message": message}
    raise Refused("BAD_BRAND", message, details=[detail])
