"""What can be had where and when, as the page's panel says it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import readiness
from campaigns.models import Campaign
from core.api.schema import operation
from core.api.serializers import Day, OpenChoice, Shape, Whole
from core.api.viewsets import Resource
from inventory import availability
from inventory.availability import Availability
from inventory.models import Reservation
from inventory.terms import MAX_QUANTITY, Terms
from segments import areas
from segments.api import AreaShape
from segments.areas import Area


class WishShape(Shape):
    """What is wanted: where, when, how many."""

    example = {
        "area": {"ladas": ["33", "55"]},
        "startsOn": "2026-12-01",
        "endsOn": "2026-12-07",
        "volume": 500_000,
    }
    area = AreaShape(help_text=_("Dónde; al menos un estado, una LADA o todo México."))
    starts_on = Day(help_text=_("Primer día del canal."))
    ends_on = Day(help_text=_("Último día del canal; se incluye."))
    volume = Whole(
        required=False, min_value=1, max_value=MAX_QUANTITY, help_text=_("Notificaciones en total.")
    )
    daily_cap = Whole(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_QUANTITY,
        help_text=_("Lo más de un día."),
    )


class DayShape(Shape):
    example = {"day": "2026-12-01", "capacity": 2_400_000, "free": 310_000, "level": "ok"}
    day = serializers.DateField(help_text=_("De la Ciudad de México."))
    capacity = serializers.IntegerField(help_text=_("Todas las notificaciones de la zona ese día."))
    free = serializers.IntegerField(help_text=_("Las que se pueden tener."))
    level = serializers.ChoiceField(
        choices=["ok", "tight", "out"], help_text=_("Si hay, hay poco o ya no hay.")
    )


class WayShape(Shape):
    """Other terms that fit now."""

    example = {
        "kind": "span",
        "volume": 500_000,
        "dailyCap": None,
        "startsOn": "2026-12-01",
        "endsOn": "2026-12-09",
        "ladas": ["33", "55"],
    }
    kind = OpenChoice(
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


class AvailabilityShape(Shape):
    """What a choice can carry, as of a moment; nothing is held by asking."""

    example = {
        "asOf": "2026-11-20T10:15:00-06:00",
        "free": 2_170_000,
        "fits": 500_000,
        "short": 0,
        "days": [DayShape.example],
        "full": [],
        "paced": [],
        "alternatives": [],
    }
    as_of = serializers.DateTimeField(help_text=_("De cuándo es la cuenta."))
    free = serializers.IntegerField(help_text=_("De todos los días juntos."))
    fits = serializers.IntegerField(help_text=_("De lo pedido; sin volume, 1 si cabe algo."))
    short = serializers.IntegerField(help_text=_("Lo que falta de lo pedido."))
    days = DayShape(many=True, help_text=_("Día por día."))
    full = serializers.ListField(
        child=serializers.DateField(), help_text=_("Días en que ya no hay nada.")
    )
    paced = serializers.ListField(
        child=serializers.DateField(), help_text=_("Días en que el tope diario no deja poner más.")
    )
    alternatives = WayShape(
        many=True, source="alternatives", help_text=_("Lo más cercano que sí cabe, si no cabe.")
    )


class AvailabilityCheck(Resource):
    """Ask what is available before there is a campaign."""

    tag = _("Disponibilidad")
    scopes = ("catalogue:read", "catalogue:read")
    serializer_class = AvailabilityShape

    @operation(
        _("Pregunta qué hay disponible"),
        _("No aparta nada. Si no cabe, dice qué lo impide y lo más cercano que sí cabe."),
        takes=WishShape,
        gives=AvailabilityShape,
        operation_id="checkAvailability",
    )
    def create(self, request: Request) -> Response:
        wish = WishShape(data=request.data)
        wish.is_valid(raise_exception=True)
        asked = wish.validated_data
        area = Area.from_json(asked["area"])
        found = _of(
            area,
            quantity=asked.get("volume") or 1,
            starts_on=asked["starts_on"],
            ends_on=asked["ends_on"],
            daily_cap=asked.get("daily_cap"),
        )
        return Response(shown(found))


def of_campaign(campaign: Campaign) -> Availability:
    """Say what is available for a campaign that could be sent; its own hold counts as free."""
    area = campaign.chosen_area
    assert area is not None and campaign.volume and campaign.starts_on and campaign.ends_on
    held = campaign.reservation
    own = held is not None and held.status == Reservation.Status.HELD
    return _of(
        area,
        quantity=campaign.volume,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        daily_cap=campaign.daily_cap,
        without=held.pk if own and held else None,
    )


def shown(found: Availability) -> Any:
    return AvailabilityShape(found).data


def _of(area: Area, *, without: int | None = None, **asked: Any) -> Availability:
    ladas = areas.resolve(area)
    return availability.check(
        Terms(ladas=ladas, **asked),
        without=without,
        more_ladas=areas.neighbours(area, ladas),
        earliest=readiness.first_possible_day(),
    )
