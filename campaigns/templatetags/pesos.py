"""The filter that writes sums of money: {% load pesos %}{{ charge.total|pesos }}."""

from decimal import Decimal

from django import template

from campaigns import pricing

register = template.Library()


@register.filter
def pesos(amount: Decimal) -> str:
    """Return a sum of pesos as people write it: "$1,234.50"."""
    return pricing.format_pesos(amount)
