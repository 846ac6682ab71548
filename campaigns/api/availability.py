"""What can be had where and when, as the page's panel says it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Shape, Whole
from api.resources import Resource
from api.schema import operation
from campaigns import readiness
from campaigns.models import Campaign
from inventory import availability
from inventory.availability import Availability
from inventory.models import Reservation
from inventory.terms import MOST, Terms
from segments import areas
from segments.api import AreaShape
from segments.areas import Area


class WishShape(Shape):
    """What is wanted: where, when, how many."""

    area = AreaShape()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    volume = Whole(
        required=False, min_value=1, max_value=MOST, help_text=_("Notificaciones en total.")
    )
    daily_cap = Whole(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST,
        help_text=_("Lo más de un día."),
    )


class DayShape(Shape):
    day = serializers.DateField()
    capacity = serializers.IntegerField(help_text=_("Todas las notificaciones de la zona ese día."))
    free = serializers.IntegerField(help_text=_("Las que se pueden tener."))
    level = serializers.ChoiceField(choices=["ok", "tight", "out"])


class WayShape(Shape):
    """Other terms that fit now."""

    kind = serializers.ChoiceField(choices=["volume", "cap", "ladas", "dates", "span"])
    volume = serializers.IntegerField(source="terms.quantity")
    daily_cap = serializers.IntegerField(source="terms.daily_cap", allow_null=True)
    starts_on = serializers.DateField(source="terms.starts_on")
    ends_on = serializers.DateField(source="terms.ends_on")
    ladas = serializers.ListField(child=serializers.CharField(), source="terms.ladas")


class AvailabilityShape(Shape):
    """What a choice can carry, as of a moment; nothing is held by asking."""

    as_of = serializers.DateTimeField()
    free = serializers.IntegerField(help_text=_("De todos los días juntos."))
    fits = serializers.IntegerField(help_text=_("De lo pedido; sin volume, 1 si cabe algo."))
    short = serializers.IntegerField(help_text=_("Lo que falta de lo pedido."))
    days = DayShape(many=True)
    full = serializers.ListField(
        child=serializers.DateField(), help_text=_("Días en que ya no hay nada.")
    )
    paced = serializers.ListField(
        child=serializers.DateField(), help_text=_("Días en que el tope diario no deja poner más.")
    )
    alternatives = WayShape(many=True, source="ways")


class AvailabilityCheck(Resource):
    """Ask what is available before there is a campaign."""

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
    return availability.for_terms(
        Terms.of(ladas=ladas, **asked),
        without=without,
        more_ladas=areas.neighbours(area, ladas),
        earliest=readiness.first_possible_day(),
    )
