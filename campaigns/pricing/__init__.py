"""What an order costs by the rate card of its day; nothing while the rate card is off (ADR 39)."""

from campaigns.pricing.orders import (
    Offer,
    of_campaign,
    of_campaigns,
    offer,
    problems,
    store,
    total_of,
)
from campaigns.pricing.quote import Charge, Quote, format_pesos

__all__ = [
    "Charge",
    "Offer",
    "Quote",
    "format_pesos",
    "of_campaign",
    "of_campaigns",
    "offer",
    "problems",
    "store",
    "total_of",
]
