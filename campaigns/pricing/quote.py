"""Amounts of money, exact to the centavo: the price of an order, and what is charged of it."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from campaigns.models.rate_card import CENTAVO

HUNDRED = Decimal(100)


class Charge(NamedTuple):
    """What is charged for a count of notifications, in Mexican pesos; `tax` is IVA."""

    charged: int  # notifications: those delivered and final, at most those contracted
    net: Decimal
    tax: Decimal
    total: Decimal


class Quote(NamedTuple):
    """The price of an order, which it keeps from when it was sent.

    `list_per_thousand` is the price without the discount of a package. An order whose own brand
    cancelled it has no discount; the most that is charged stays the sum of full delivery.
    """

    per_thousand: Decimal  # pesos, without tax
    tax_percent: Decimal
    contracted: int
    list_per_thousand: Decimal
    rate: str = ""  # which rate applies, in words
    package: str = ""  # the package whose discount applies
    is_discount_lost: bool = False

    @property
    def full(self) -> Charge:
        """What is charged if all that was contracted is delivered."""
        return self.charge(self.contracted)

    def charge(self, delivered: int) -> Charge:
        """Return what is charged for delivered notifications, at most those contracted."""
        charged = min(max(delivered, 0), self.contracted)
        net = amount(self.per_thousand, charged)
        if self.is_discount_lost:
            most = amount(self.per_thousand, self.contracted)
            net = min(amount(self.list_per_thousand, charged), most)
        tax = to_centavos(net * self.tax_percent / HUNDRED)
        return Charge(charged, net, tax, net + tax)


def amount(per_thousand: Decimal, count: int) -> Decimal:
    """Return the price of a count of notifications in pesos."""
    return to_centavos(per_thousand * count / 1000)


def less(per_thousand: Decimal, percent: Decimal) -> Decimal:
    """Return a price less a percentage, at least a centavo: the price itself is in centavos."""
    return max(to_centavos(per_thousand * (HUNDRED - percent) / HUNDRED), CENTAVO)


def to_centavos(pesos: Decimal) -> Decimal:
    """Round a sum of pesos to centavos, half a centavo up."""
    return pesos.quantize(CENTAVO, ROUND_HALF_UP)


def format_pesos(pesos: Decimal) -> str:
    """Return a sum as people write it in Mexico: "$1,234.50"."""
    return f"${pesos:,.2f}"
