"""Which rate of a card applies to an order. Pure: prices and places in, a price and its reason out.

The rule is ADR 39: all of Mexico pays the national rate; any other order the highest price of its
LADAs, as it may be delivered whole in any of them. The price of a LADA is its own rate, or the
lowest of the states that it spans.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.pricing.errors import Unpriced
from campaigns.pricing.quote import Quote, amount, less
from segments import areas
from segments.gazetteer import Gazetteer


class PackageTerms(NamedTuple):
    """The discount of orders from a volume on."""

    name: str
    from_volume: int
    percent: Decimal


@dataclass(frozen=True)
class Prices:
    """The prices of a thousand notifications of one card, in pesos without tax."""

    national: Decimal | None
    states: Mapping[str, Decimal]
    ladas: Mapping[str, Decimal]
    packages: tuple[PackageTerms, ...]  # by volume
    tax_percent: Decimal
    min_volume: int | None = None
    min_net: Decimal | None = None

    def package_of(self, volume: int) -> PackageTerms | None:
        """Return the package of a volume: the largest that it reaches."""
        reached = [package for package in self.packages if package.from_volume <= volume]
        return reached[-1] if reached else None


def price(prices: Prices, ladas: Collection[str], volume: int, places: Gazetteer) -> Quote:
    """Return the price of an order of a volume in some LADAs. Raises Unpriced."""
    per_thousand, rate = list_price(prices, ladas, places)
    package = prices.package_of(volume)
    return Quote(
        less(per_thousand, package.percent) if package else per_thousand,
        prices.tax_percent,
        volume,
        per_thousand,
        rate,
        package.name if package else "",
    )


def list_price(prices: Prices, ladas: Collection[str], places: Gazetteer) -> tuple[Decimal, str]:
    """Return the price of a thousand in some LADAs, and which rate it is. Raises Unpriced."""
    if prices.national is not None and set(ladas) >= places.cities.keys():
        return prices.national, _("Tarifa nacional")
    found = {lada: price_of_lada(prices, lada, places) for lada in ladas}
    if missing := [lada for lada, (cost, _state) in found.items() if cost is None]:
        raise Unpriced(missing, areas.describe(_area(missing), places))
    highest = max(cost for cost, _state in found.values() if cost is not None)
    where = {lada: state for lada, (cost, state) in found.items() if cost == highest}
    states = {state for state in where.values() if state}
    own = {lada for lada, state in where.items() if not state}
    return highest, _describe(states, own, places)


def price_of_lada(prices: Prices, lada: str, places: Gazetteer) -> tuple[Decimal | None, str]:
    """Return the price of a LADA, and the state whose rate it is; "" where it is its own."""
    if lada in prices.ladas:
        return prices.ladas[lada], ""
    spanned = [
        (prices.states[state], state)
        for state, own in places.ladas_of.items()
        if lada in own and state in prices.states
    ]
    return min(spanned, default=(None, ""), key=lambda found: found[0])


def unpriced(prices: Prices, places: Gazetteer) -> list[str]:
    """Return the LADAs of the catalogue that a card has no price for."""
    return [lada for lada in places.cities if price_of_lada(prices, lada, places)[0] is None]


def least_volume(prices: Prices, per_thousand: Decimal, *, at_least: int = 1) -> int:
    """Return the smallest volume from `at_least` on that a card sells at a list price.

    A package lowers the price, so a volume that reaches it may cost less than one below.
    """
    segments = [
        (1, per_thousand),
        *((p.from_volume, less(per_thousand, p.percent)) for p in prices.packages),
    ]
    ends = [start for start, _cost in segments[1:]]
    for (start, cost), end in zip(segments, [*ends, None], strict=True):
        least = max(start, at_least, prices.min_volume or 1, _volume_for(prices.min_net, cost))
        if end is None or least < end:
            return least
    raise AssertionError  # the last has no end


def _volume_for(net: Decimal | None, per_thousand: Decimal) -> int:
    """Return the smallest volume that costs a sum, as it is rounded."""
    if net is None:
        return 1
    volume = int(net * 1000 / per_thousand)
    while volume > 1 and amount(per_thousand, volume - 1) >= net:
        volume -= 1
    while amount(per_thousand, volume) < net:
        volume += 1
    return volume


def _describe(states: Collection[str], ladas: Collection[str], places: Gazetteer) -> str:
    """Return which rates apply: "Estados: Jalisco y Nuevo León", "LADA 55 Ciudad de México"."""
    parts = []
    if states:
        names = [places.states[code] for code in places.states if code in states]
        label = ngettext("Estado: {names}", "Estados: {names}", len(names))
        parts.append(label.format(names=areas.join_names(names)))
    if ladas:
        parts.append(_("LADA {names}").format(names=areas.describe(_area(ladas), places)))
    return " · ".join(parts)


def _area(ladas: Collection[str]) -> areas.Area:
    return areas.Area(ladas=frozenset(ladas))
