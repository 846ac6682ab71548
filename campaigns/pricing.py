"""What an order costs; nothing while the rate card is off."""

from decimal import Decimal
from typing import NamedTuple

from campaigns.models import Campaign


class Charge(NamedTuple):
    """What is charged for a count of notifications, in Mexican pesos; `tax` is IVA."""

    charged: int  # notifications: those delivered and final, at most those contracted
    net: Decimal
    tax: Decimal
    total: Decimal


class Quote(NamedTuple):
    """The price that an order was sent with."""

    per_thousand: Decimal  # pesos, without tax
    tax_percent: Decimal
    contracted: int

    def charge(self, delivered: int) -> Charge:
        """Return what is charged for delivered notifications."""
        charged = min(delivered, self.contracted)
        net = (self.per_thousand * charged / 1000).quantize(Decimal("0.01"))
        tax = (net * self.tax_percent / 100).quantize(Decimal("0.01"))
        return Charge(charged, net, tax, net + tax)


def of_campaign(campaign: Campaign) -> Quote | None:
    """Return the price of a campaign's order; None if it was sent while the rate card was off."""
    return None
