"""Availability of inventory for some terms, before there is a campaign and of a campaign."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import readiness
from campaigns.api.permissions import ActsForBrand
from campaigns.lifecycle import ledgers
from campaigns.models import Brand, Campaign
from core.api.fields import OpenChoiceField, StrictDateField, StrictIntegerField
from core.api.idempotency import EffectlessResponse
from core.api.schema import operation
from core.api.serializers import StrictSerializer
from core.api.viewsets import ApiViewSet
from inventory import availability
from inventory.availability import Availability
from inventory.models import Reservation
from inventory.terms import MAX_QUANTITY, Terms
from segments import areas
from segments.api import AreaSerializer
from segments.areas import Area

COST = 10  # requests: terms that do not fit take about 190 ms, with all their alternatives


class AvailabilityQuerySerializer(StrictSerializer):
    """The requested terms: area, days, quantity."""

    component_name = "Wish"
    example = {
        "area": {"ladas": ["33", "55"]},
        "startsOn": "2026-12-01",
        "endsOn": "2026-12-07",
        "volume": 500_000,
    }
    area = AreaSerializer(help_text=_("Dónde; al menos un estado, una LADA o todo México."))
    starts_on = StrictDateField(help_text=_("Primer día del canal."))
    ends_on = StrictDateField(help_text=_("Último día del canal; se incluye."))
    volume = StrictIntegerField(
        required=False, min_value=1, max_value=MAX_QUANTITY, help_text=_("Notificaciones en total.")
    )
    daily_cap = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_QUANTITY,
        help_text=_("Lo más de un día."),
    )


class DayAvailabilitySerializer(StrictSerializer):
    component_name = "Day"
    example = {"day": "2026-12-01", "capacity": 2_400_000, "free": 310_000, "level": "ok"}
    day = serializers.DateField(help_text=_("De la Ciudad de México."))
    capacity = serializers.IntegerField(help_text=_("Todas las notificaciones de la zona ese día."))
    free = serializers.IntegerField(help_text=_("Las que se pueden tener."))
    level = serializers.ChoiceField(
        choices=["ok", "tight", "out"], help_text=_("Si hay, hay poco o ya no hay.")
    )


class AlternativeSerializer(StrictSerializer):
    """Other terms that fit now. Source of the kinds: `inventory.alternatives`."""

    component_name = "Way"
    example = {
        "kind": "span",
        "volume": 500_000,
        "dailyCap": None,
        "startsOn": "2026-12-01",
        "endsOn": "2026-12-09",
        "ladas": ["33", "55"],
    }
    kind = OpenChoiceField(
        choices=["volume", "cap", "ladas", "dates", "span"],
        help_text=_("Lo que cambia; pueden venir nuevos."),
    )
    volume = serializers.IntegerField(
        source="terms.quantity", help_text=_("Notificaciones en total.")
    )
    daily_cap = serializers.IntegerField(
        source="terms.daily_cap",
        allow_null=True,
        help_text=_("Lo más de un día; null: ritmo parejo."),
    )
    starts_on = serializers.DateField(source="terms.starts_on", help_text=_("Primer día."))
    ends_on = serializers.DateField(source="terms.ends_on", help_text=_("Último día."))
    ladas = serializers.ListField(
        child=serializers.CharField(), source="terms.ladas", help_text=_("Las LADA, en orden.")
    )


class AvailabilitySerializer(StrictSerializer):
    """The availability for some terms at a moment. Nothing is held."""

    example = {
        "asOf": "2026-11-20T10:15:00-06:00",
        "free": 2_170_000,
        "fits": 500_000,
        "short": 0,
        "days": [DayAvailabilitySerializer.example],
        "full": [],
        "paced": [],
        "alternatives": [],
    }
    as_of = serializers.DateTimeField(help_text=_("De cuándo es la cuenta."))
    free = serializers.IntegerField(help_text=_("De todos los días juntos."))
    fits = serializers.IntegerField(help_text=_("De lo pedido; sin volume, 1 si cabe algo."))
    short = serializers.IntegerField(help_text=_("Lo que falta de lo pedido."))
    days = DayAvailabilitySerializer(many=True, help_text=_("Día por día."))
    full = serializers.ListField(
        child=serializers.DateField(), help_text=_("Días en que ya no hay nada.")
    )
    paced = serializers.ListField(
        child=serializers.DateField(), help_text=_("Días en que el tope diario no deja poner más.")
    )
    alternatives = AlternativeSerializer(
        many=True, help_text=_("Lo más cercano que sí cabe, si no cabe.")
    )


class AvailabilityViewSet(ApiViewSet):
    """Check availability before there is a campaign."""

    tag = "availability"
    scopes = ("catalogue:read", "catalogue:read")
    serializer_class = AvailabilitySerializer
    permission_classes = (*ApiViewSet.permission_classes, ActsForBrand)
    costs = {"create": COST}

    @operation(
        _("Pregunta qué hay disponible"),
        _("No aparta nada. Si no cabe, dice qué lo impide y lo más cercano que sí cabe."),
        request=AvailabilityQuerySerializer,
        response=AvailabilitySerializer,
        refusals=("BAD_AREA", "BAD_TERMS", "DAYS_GONE", "DAYS_NOT_OPEN"),
        operation_id="checkAvailability",
    )
    def create(self, request: Request) -> Response:
        serializer = AvailabilityQuerySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        query = serializer.validated_data
        found = _availability(
            Area.from_json(query["area"]),
            brand=self._sandbox(),
            quantity=query.get("volume") or 1,
            starts_on=query["starts_on"],
            ends_on=query["ends_on"],
            daily_cap=query.get("daily_cap"),
        )
        return EffectlessResponse(serialize(found))

    def _sandbox(self) -> Brand | None:
        """Return the sandbox brand of which the caller is a program, if it is one."""
        if self.request.auth is None:
            return None
        return Brand.objects.visible_to(self.user).filter(sandbox_of__isnull=False).first()


def for_campaign(campaign: Campaign) -> Availability:
    """Return what is available for a campaign that is ready; its own hold counts as free."""
    area = campaign.chosen_area
    assert area is not None and campaign.volume and campaign.starts_on and campaign.ends_on
    reservation = campaign.reservation
    is_held = reservation is not None and reservation.status == Reservation.Status.HELD
    return _availability(
        area,
        brand=campaign.brand if campaign.sandbox else None,
        quantity=campaign.volume,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        daily_cap=campaign.daily_cap,
        without=reservation.pk if reservation and is_held else None,
    )


def serialize(found: Availability) -> Any:
    """Return an availability as the API represents it."""
    return AvailabilitySerializer(found).data


def _availability(
    area: Area, *, brand: Brand | None, without: int | None = None, **terms: Any
) -> Availability:
    """Return what is available in the channel, or of the sandbox brand that is given."""
    ladas = areas.resolve(area)
    return availability.check(
        Terms(ladas=ladas, **terms),
        without=without,
        more_ladas=areas.neighbours(area, ladas),
        earliest=readiness.first_possible_day(brand.now() if brand else None),
        live=ledgers.of_sandbox(brand).live(without=[without]) if brand else None,
    )
