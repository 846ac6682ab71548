"""What an order costs now, and what it cost when it was sent; nothing while no card is valid."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.models import Campaign, Event, OrderQuote, Rate, RateCard, Version
from campaigns.models.campaign import OrderTerms
from campaigns.pricing import rule
from campaigns.pricing.errors import PriceChanged, Unpriced
from campaigns.pricing.quote import Quote, format_pesos
from campaigns.pricing.rule import PackageTerms, Prices
from segments import areas, gazetteer

Problems = dict[str, list[str]]


class Offer(NamedTuple):
    """The price of an order if it is sent today."""

    card: RateCard
    quote: Quote

    @property
    def valid_until(self) -> date | None:
        """The last channel day of its card; None without an end."""
        return self.card.valid_until


def current() -> RateCard | None:
    """Return the card of today; None while the rate card is off. One query."""
    return RateCard.objects.valid_on(timezone.localdate()).first()


def prices_of(card: RateCard) -> Prices:
    """Return the prices of a card. Those of a published one never change, and are kept."""
    if card.status == RateCard.Status.DRAFT:
        return read(card)
    return _kept(card.pk, card.published_at)


@lru_cache(maxsize=8)
def _kept(card_id: int, published_at: object) -> Prices:
    return read(RateCard.objects.get(pk=card_id))


def read(card: RateCard) -> Prices:
    """Return the prices of a card as they are stored. Two queries."""
    rates = list(card.rates.all())

    def of(scope: Rate.Scope) -> dict[str, Decimal]:
        return {rate.code: rate.per_thousand for rate in rates if rate.scope == scope}

    packages = card.packages.values_list("name", "from_volume", "percent")
    return Prices(
        of(Rate.Scope.NATIONAL).get(""),
        of(Rate.Scope.STATE),
        of(Rate.Scope.LADA),
        tuple(PackageTerms(*package) for package in packages),
        card.tax_percent,
        card.min_volume,
        card.min_net,
    )


def offer(terms: OrderTerms) -> Offer | None:
    """Return what some terms cost if they are sent today.

    None while the rate card is off, while the terms lack a zone or a volume, and where the zone
    has no price.
    """
    card = current() if terms.volume and terms.area else None
    if card is None:
        return None
    try:
        return Offer(card, _price(prices_of(card), terms))
    except (areas.AreaError, Unpriced):
        return None


def problems(terms: OrderTerms) -> Problems:
    """Return why the card of today does not sell some terms, by field, with what would do."""
    card = current() if terms.volume and terms.area else None
    if card is None or not terms.volume:
        return {}
    prices = prices_of(card)
    try:
        quote = _price(prices, terms)
    except areas.AreaError:
        return {}  # readiness says why
    except Unpriced as error:
        return {"area": [error.message]}
    least = rule.least_volume(prices, quote.list_per_thousand, at_least=terms.volume)
    if least == terms.volume:
        return {}
    if prices.min_net is not None and quote.full.net < prices.min_net:
        message = _("El pedido mínimo es de {sum} más IVA y esto cuesta {net}: pide {least:,}.")
        sums = {"sum": format_pesos(prices.min_net), "net": format_pesos(quote.full.net)}
        return {"volume": [message.format(least=least, **sums)]}
    message = _("El pedido mínimo es de {most:,} notificaciones: pide {least:,}.")
    return {"volume": [message.format(most=prices.min_volume, least=least)]}


def store(version: Version, *, shown: str | None = None) -> OrderQuote | None:
    """Store the price with which a version is sent; none while the rate card is off.

    `shown` is the total that whoever sends it has seen, "" if no price was displayed; None
    compares nothing. Raises PriceChanged.
    """
    with override(settings.LANGUAGE_CODE):  # the words are stored
        found = offer(version)
    if shown is not None and shown != total_of(found):
        raise PriceChanged
    if found is None:
        return None
    quote = found.quote
    return OrderQuote.objects.create(
        version=version,
        card=found.card,
        rate=quote.rate,
        package=quote.package,
        list_per_thousand=quote.list_per_thousand,
        per_thousand=quote.per_thousand,
        tax_percent=quote.tax_percent,
        total=quote.full.total,
    )


def total_of(found: Offer | None) -> str:
    """Return the total of an offer, as `store` compares it; "" without one."""
    return str(found.quote.full.total) if found else ""


def of_campaign(campaign: Campaign) -> Quote | None:
    """Return the price of a campaign's order; None if it was sent while the rate card was off."""
    return of_campaigns([campaign]).get(campaign.pk)


def of_campaigns(campaigns: Collection[Campaign]) -> dict[int, Quote]:
    """Return the prices with which the latest versions of campaigns were sent, by campaign's key.

    One query, and one more if one of them was cancelled.
    """
    rows = OrderQuote.objects.filter(
        version__campaign__in=campaigns, version__number=F("version__campaign__version_number")
    ).select_related("version")
    found = {row.version.campaign_id: row for row in rows}
    cancelled = [
        campaign.pk
        for campaign in campaigns
        if campaign.pk in found and campaign.status == Campaign.Status.CANCELLED
    ]
    by_brand: set[int] = set()
    if cancelled:
        cancellations = Event.objects.filter(campaign__in=cancelled, move="cancel")
        by_brand.update(cancellations.values_list("campaign_id", flat=True))
    return {key: _quote_of(row, is_discount_lost=key in by_brand) for key, row in found.items()}


def _quote_of(row: OrderQuote, *, is_discount_lost: bool) -> Quote:
    assert row.version.volume  # the database keeps it
    return Quote(
        row.per_thousand,
        row.tax_percent,
        row.version.volume,
        row.list_per_thousand,
        row.rate,
        row.package,
        is_discount_lost and row.per_thousand < row.list_per_thousand,
    )


def _price(prices: Prices, terms: OrderTerms) -> Quote:
    """Return the price of terms with a zone and a volume. Raises AreaError or Unpriced."""
    area = terms.chosen_area
    assert area is not None
    assert terms.volume
    places = gazetteer.current()
    return rule.price(prices, areas.resolve(area, places), terms.volume, places)
