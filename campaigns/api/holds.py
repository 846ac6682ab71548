"""The serializer of what is reserved for a campaign."""

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from core.api.serializers import StrictSerializer
from inventory.models import Reservation


class HoldSerializer(StrictSerializer):
    """The reservation of a campaign."""

    example = {
        "status": "held",
        "quantity": 500_000,
        "atRisk": 0,
        "expiresAt": "2026-11-23T18:00:00-06:00",
    }
    status = serializers.ChoiceField(
        choices=Reservation.Status.choices, help_text=gettext_lazy("Apartado, vendido o devuelto.")
    )
    quantity = serializers.IntegerField(help_text=gettext_lazy("Notificaciones."))
    at_risk = serializers.IntegerField(
        help_text=gettext_lazy("De ellas, las que por ahora no tienen lugar; se les busca otro.")
    )
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text=gettext_lazy("Cuándo se libera si nadie decide.")
    )
