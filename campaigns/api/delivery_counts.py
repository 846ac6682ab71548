"""The serializer of what was delivered of a campaign."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from campaigns.reports.delivery import Delivery
from campaigns.reports.zeros import Zero
from core.api.fields import TextField
from core.api.serializers import StrictSerializer


class DeliveryCountsSerializer(StrictSerializer):
    """What was delivered of a campaign, by the gateway's newest counts."""

    example = {
        "inserted": 212_400,
        "delivered": 187_316,
        "failed": 9_204,
        "noReceipt": 6_120,
        "asOf": "2026-12-03T14:05:00-06:00",
        "isFinal": False,
        "reason": "",
        "explanation": "",
    }
    inserted = serializers.IntegerField(
        help_text=gettext_lazy("Notificaciones que salieron con el anuncio.")
    )
    delivered = serializers.IntegerField(help_text=gettext_lazy("De ellas, las entregadas."))
    failed = serializers.IntegerField(help_text=gettext_lazy("Las que no se pudieron entregar."))
    no_receipt = serializers.IntegerField(
        help_text=gettext_lazy("Las que se quedaron sin acuse; las que faltan aún lo esperan.")
    )
    as_of = serializers.DateTimeField(
        allow_null=True, help_text=gettext_lazy("Hasta cuándo; null: todavía no hay cuentas.")
    )
    is_final = serializers.BooleanField(
        help_text=gettext_lazy(
            "Si ya no cambian: terminó, y pasaron 72 horas de cada hora de sus días."
        )
    )
    reason = serializers.SerializerMethodField(
        help_text=format_lazy(
            gettext_lazy(
                "Por qué no hay entregas o no avanzan; vacío si avanzan. Hoy: {values}, y pueden "
                "venir nuevos."
            ),
            values=", ".join(f"`{value}`" for value in Zero.values),
        )
    )
    explanation = TextField(help_text=gettext_lazy("Lo mismo, para personas."))

    def get_reason(self, delivery: Delivery) -> str:
        return delivery.reason or ""
