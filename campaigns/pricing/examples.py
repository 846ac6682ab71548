"""What three orders would cost by a rate card, so that staff see it before they publish it."""

from collections.abc import Collection
from typing import NamedTuple

from django.utils.translation import gettext as _

from campaigns.pricing import rule
from campaigns.pricing.errors import Unpriced
from campaigns.pricing.quote import Quote
from campaigns.pricing.rule import Prices
from segments import gazetteer
from segments.models import Lada


class Example(NamedTuple):
    """An order in words with its price, or why it has none."""

    what: str
    quote: Quote | None
    refusal: str


def of(prices: Prices) -> list[Example]:
    """Return the prices of three orders: all of Mexico, the largest state, and the largest LADA."""
    places = gazetteer.current()
    lada, state = Lada.objects.order_by("-weight_ppm", "code").values_list("code", "state")[0]
    wanted = [
        (_("Todo México"), places.cities.keys(), 10_000_000),
        (places.states[state], places.ladas_of[state], 1_000_000),
        (f"LADA {lada} {places.cities[lada]}", {lada}, 50_000),
    ]
    return [_example(prices, where, ladas, volume) for where, ladas, volume in wanted]


def _example(prices: Prices, where: str, ladas: Collection[str], volume: int) -> Example:
    what = _("{volume:,} en {where}").format(volume=volume, where=where)
    try:
        quote = rule.price(prices, ladas, volume, gazetteer.current())
    except Unpriced as error:
        return Example(what, None, error.message)
    least = rule.least_volume(prices, quote.list_per_thousand, at_least=volume)
    if least > volume:
        return Example(what, None, _("Menos que el mínimo: se pide desde {n:,}.").format(n=least))
    return Example(what, quote, "")
