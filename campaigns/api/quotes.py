"""The serializer of an order's price."""

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from campaigns.pricing import Offer, Quote
from core.api.fields import TextField
from core.api.serializers import StrictSerializer

TOTAL_PATTERN = r"^[0-9]{1,13}\.[0-9]{2}$"  # pesos, as the API writes them


class QuoteSerializer(StrictSerializer):
    """The price of an order, in Mexican pesos."""

    component_name = "Quote"
    example = {
        "currency": "MXN",
        "rate": "Estados: Jalisco y Nuevo León",
        "package": "",
        "perThousand": "95.00",
        "listPerThousand": "95.00",
        "volume": 500_000,
        "net": "47500.00",
        "taxPercent": "16.00",
        "tax": "7600.00",
        "total": "55100.00",
        "validUntil": None,
    }
    currency = serializers.ChoiceField(choices=["MXN"], help_text=gettext_lazy("Siempre MXN."))
    rate = TextField(help_text=gettext_lazy("Qué tarifa aplica, para personas."))
    package = TextField(help_text=gettext_lazy("El paquete que descuenta; vacío sin ninguno."))
    per_thousand = serializers.DecimalField(
        8, 2, help_text=gettext_lazy("Precio de mil notificaciones, sin IVA.")
    )
    list_per_thousand = serializers.DecimalField(
        8, 2, help_text=gettext_lazy("El mismo sin el descuento del paquete.")
    )
    volume = serializers.IntegerField(
        source="contracted",
        help_text=gettext_lazy("Lo contratado: se cobra lo entregado y final, a lo más esto."),
    )
    net = serializers.DecimalField(
        15, 2, source="full.net", help_text=gettext_lazy("Si se entrega todo, sin IVA.")
    )
    tax_percent = serializers.DecimalField(4, 2, help_text=gettext_lazy("Por ciento de IVA."))
    tax = serializers.DecimalField(15, 2, source="full.tax", help_text=gettext_lazy("El IVA."))
    total = serializers.DecimalField(
        15, 2, source="full.total", help_text=gettext_lazy("Lo más que se cobra, con IVA.")
    )
    valid_until = serializers.DateField(
        allow_null=True,
        help_text=gettext_lazy(
            "Hasta qué día se puede enviar a este precio; null: ya se envió, o no tiene fin."
        ),
    )


def serialize(quote: Quote | None, offer: Offer | None = None) -> dict[str, Any] | None:
    """Return a price as the API represents it; None without one. `offer` has its validity."""
    if quote is None:
        return None
    row = {**quote._asdict(), "full": quote.full, "currency": "MXN"}
    return dict(QuoteSerializer(row | {"valid_until": offer and offer.valid_until}).data)


def serialize_offer(offer: Offer | None) -> dict[str, Any] | None:
    """Return the price of what may be sent today."""
    return serialize(offer.quote, offer) if offer else None
