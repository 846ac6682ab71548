"""A campaign as programs read and write it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from api.fields import Choice, Flag, Shape, Text, Whole
from api.schema import RefusalShape
from campaigns import lifecycle, links
from campaigns.api.availability import AvailabilityShape
from campaigns.booking import BOOKING
from campaigns.bulk_rows import MOST_NAME, MOST_TEXT
from campaigns.models import Brand, Campaign, Event
from campaigns.models.campaign import MAX_VOLUME, OrderTerms
from inventory.models import Reservation
from segments.api import AreaShape

Status = Campaign.Status
MOST_AT_ONCE = 500  # campaigns in one bulk

# The moves of the table under the names of their addresses.
ACTIONS: Mapping[str, str] = {"join": "wait", "leave": "stop-waiting"}
NAMES = (*(ACTIONS.get(name, name) for name in lifecycle.OF_BRAND), "copy")


class TermsShape(Shape):
    """What a campaign asks of the channel."""

    name = serializers.CharField(
        max_length=MOST_NAME, help_text=gettext_lazy("Para reconocerla; no se publica.")
    )
    use = Choice(
        choices=OrderTerms.Use.choices,
        required=False,
        help_text=gettext_lazy("`broadcast`: difusión; `promotion`: promoción, con vigencia."),
    )
    promotion_ends_on = serializers.DateField(
        required=False,
        allow_null=True,
        help_text=gettext_lazy("Hasta cuándo vale una promoción."),
    )
    text = Text(
        required=False,
        allow_blank=True,
        max_length=MOST_TEXT,
        help_text=gettext_lazy("El texto del anuncio. Un borrador puede pasarse del límite."),
    )
    destination = Text(
        required=False,
        allow_blank=True,
        max_length=links.MAX_URL,
        help_text=gettext_lazy("La página https a la que lleva su enlace corto."),
    )
    area = AreaShape(required=False, allow_null=True)
    starts_on = serializers.DateField(
        required=False, allow_null=True, help_text=gettext_lazy("Primer día del canal.")
    )
    ends_on = serializers.DateField(
        required=False, allow_null=True, help_text=gettext_lazy("Último día del canal.")
    )
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

    def validate_name(self, name: str) -> str:
        if not isinstance(self.initial_data.get("name"), str):
            raise serializers.ValidationError(_("Debe ser un texto entre comillas."), "invalid")
        return name

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        use = attrs.get("use", getattr(self.instance, "use", OrderTerms.Use.BROADCAST))
        if use == OrderTerms.Use.PROMOTION:
            return attrs
        if attrs.get("promotion_ends_on"):
            message = _("Solo una promoción tiene vigencia: quítala o pon use en promotion.")
            raise serializers.ValidationError({"promotionEndsOn": message}, "not_a_promotion")
        if "use" in attrs:
            attrs["promotion_ends_on"] = None
        return attrs

    def terms(self) -> dict[str, Any]:
        """Give what was sent as the domain takes it. The shape has been found valid."""
        sent = {name: value for name, value in self.validated_data.items() if name != "brand"}
        if "area" in sent:
            sent["area"] = sent["area"] or {}
        return sent


class NewCampaignShape(TermsShape):
    brand = Text(
        required=False,
        help_text=gettext_lazy("Clave de la marca; un programa ya tiene la suya."),
    )


class HoldShape(Shape):
    """What inventory stands behind a campaign."""

    status = serializers.ChoiceField(choices=Reservation.Status.choices)
    quantity = serializers.IntegerField(help_text=gettext_lazy("Notificaciones."))
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text=gettext_lazy("Cuándo se libera si nadie decide.")
    )


class CampaignShape(TermsShape):
    """A campaign, its state, and what may be done to it now."""

    id = Text(source="folio", help_text=gettext_lazy("El folio, como LP-7K2M9Q."))
    brand = Text(source="brand.slug")
    status = serializers.ChoiceField(choices=Status.choices)
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
    reservation = HoldShape(allow_null=True)
    available_actions = serializers.SerializerMethodField(
        help_text=gettext_lazy("Lo que puedes hacerle ahora.")
    )
    created_at = serializers.DateTimeField()
    saved_at = serializers.DateTimeField(help_text=gettext_lazy("Cuándo cambió el borrador."))
    status_at = serializers.DateTimeField(help_text=gettext_lazy("Desde cuándo está así."))

    def get_booking_status(self, campaign: Campaign) -> str:
        return BOOKING[campaign.status]

    def get_available_actions(self, campaign: Campaign) -> list[str]:
        if campaign.brand_id not in self.context["editable"]:
            return []
        moves = lifecycle.open_to_brand(campaign, waits=bool(campaign.open_places))
        return [*(ACTIONS.get(move, move) for move in moves), "copy"]


class VersionShape(TermsShape):
    """What was sent to review, word by word."""

    number = serializers.IntegerField()
    ladas = serializers.ListField(
        child=Text(), help_text=gettext_lazy("La zona, resuelta al enviar.")
    )
    sent_at = serializers.DateTimeField()
    sent_by = Text()


class EventShape(Shape):
    """One line of a campaign's history."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    action = Text(source="move")
    told = Text(help_text=gettext_lazy("Lo que pasó, en las palabras del portal."))
    from_status = Text()
    to_status = serializers.ChoiceField(choices=Status.choices)
    version = serializers.IntegerField(source="version_number")
    by = serializers.SerializerMethodField(help_text=gettext_lazy("Quién; null: el sistema."))
    reasons = serializers.ListField(child=Text())
    comment = Text()

    def get_by(self, event: Event) -> str | None:
        return str(event.by) if event.by else None


class BulkShape(Shape):
    """Many campaigns to begin at once."""

    campaigns = serializers.ListField(
        child=serializers.JSONField(), min_length=1, max_length=MOST_AT_ONCE
    )
    all_or_nothing = Flag(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )


class BulkDocShape(Shape):
    """Many campaigns, as they are documented: each is judged by itself."""

    campaigns = serializers.ListField(
        child=NewCampaignShape(), min_length=1, max_length=MOST_AT_ONCE
    )
    all_or_nothing = Flag(
        required=False, default=False, help_text=gettext_lazy("Si una no se puede, ninguna.")
    )


class VerdictShape(Shape):
    index = serializers.IntegerField(help_text=gettext_lazy("Su lugar en lo enviado, desde 0."))
    id = Text(allow_null=True, help_text=gettext_lazy("El folio, si se creó."))
    error = RefusalShape(allow_null=True)


class BulkResultShape(Shape):
    created = serializers.IntegerField()
    results = VerdictShape(many=True)


class RehearsalShape(Shape):
    """What sending would find; it would not be refused."""

    dry_run = serializers.BooleanField()
    availability = AvailabilityShape()


def brand_for(sent: str | None, editable: Iterable[Brand]) -> Brand:
    """Choose the brand that a new campaign is of. Raises ValidationError."""
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
    raise serializers.ValidationError({"brand": message}, "brand")
