"""Rate cards: written by staff as drafts, published whole, and from then on only withdrawn."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import NotAllowed
from campaigns.models import Package, Rate, RateCard
from campaigns.pricing import orders, rule
from campaigns.pricing.errors import BadRateCard, RateCardFixed
from campaigns.pricing.rule import PackageTerms, Prices
from segments import areas, gazetteer

log = structlog.get_logger(__name__)

PERMISSION = "campaigns.set_rates"
Status = RateCard.Status


class PlaceRate(NamedTuple):
    """The price of a thousand notifications in one place; `code` is "" for all of Mexico."""

    scope: Rate.Scope
    code: str
    per_thousand: Decimal


class CardTerms(NamedTuple):
    """All that a draft says."""

    name: str
    valid_from: date
    valid_until: date | None
    tax_percent: Decimal
    min_volume: int | None
    min_net: Decimal | None
    rates: Sequence[PlaceRate]
    packages: Sequence[PackageTerms]


def save(card_id: int | None, terms: CardTerms, *, by: User) -> RateCard:
    """Write a draft, a new one without `card_id`, in place of all that it said.

    Raises NotAllowed, RateCardFixed once it is published, or BadRateCard for a place or a volume
    that is there twice, or days in the wrong order.
    """
    _require(by)
    _check(terms)
    facts = {name: getattr(terms, name) for name in CardTerms._fields[:6]}
    with transaction.atomic():
        if card_id is None:
            card = RateCard.objects.create(**facts, created_by_id=by.pk)
        else:
            card = _lock(card_id, Status.DRAFT)
            for name, value in facts.items():
                setattr(card, name, value)
            card.save(update_fields=[*facts])
            card.rates.all().delete()
            card.packages.all().delete()
        Rate.objects.bulk_create(Rate(card=card, **rate._asdict()) for rate in terms.rates)
        Package.objects.bulk_create(
            Package(card=card, **package._asdict()) for package in terms.packages
        )
    return card


@transaction.atomic
def copy(card_id: int, *, by: User) -> RateCard:
    """Create a draft that says what a card says. Raises NotAllowed."""
    _require(by)
    source = RateCard.objects.get(pk=card_id)
    return save(None, terms_of(source)._replace(name=_copied_name(source.name)), by=by)


def terms_of(card: RateCard) -> CardTerms:
    """Return what a card says. Two queries."""
    rates = card.rates.values_list("scope", "code", "per_thousand")
    packages = card.packages.values_list("name", "from_volume", "percent")
    return CardTerms(
        card.name,
        card.valid_from,
        card.valid_until,
        card.tax_percent,
        card.min_volume,
        card.min_net,
        [PlaceRate(Rate.Scope(scope), code, cost) for scope, code, cost in rates],
        [PackageTerms(*package) for package in packages],
    )


def publish(card_id: int, *, by: User) -> RateCard:
    """Publish a draft. Raises NotAllowed, RateCardFixed, or BadRateCard with all that is wrong."""
    _require(by)
    try:
        with transaction.atomic():
            card = _lock(card_id, Status.DRAFT)
            if reasons := reasons_against(card):
                raise BadRateCard(reasons)
            card.status, card.published_at = Status.PUBLISHED, timezone.now()
            card.published_by_id = by.pk
            card.save(update_fields=["status", "published_by", "published_at"])
    except IntegrityError:  # another card for the same days was published meanwhile
        raise BadRateCard(_overlap(RateCard.objects.get(pk=card_id))) from None
    log.info("rate_card_published", card=card.pk, by=by.pk)
    return card


@transaction.atomic
def withdraw(card_id: int, *, by: User) -> RateCard:
    """Withdraw a published card: from now on no order is sent at its price.

    Orders keep the price that they were sent with. Raises NotAllowed or RateCardFixed.
    """
    _require(by)
    card = _lock(card_id, Status.PUBLISHED)
    card.status, card.withdrawn_at = Status.WITHDRAWN, timezone.now()
    card.withdrawn_by_id = by.pk
    card.save(update_fields=["status", "withdrawn_by", "withdrawn_at"])
    log.info("rate_card_withdrawn", card=card.pk, by=by.pk)
    return card


@transaction.atomic
def delete(card_id: int, *, by: User) -> None:
    """Delete a draft. Raises NotAllowed or RateCardFixed."""
    _require(by)
    _lock(card_id, Status.DRAFT).delete()


def reasons_against(card: RateCard) -> list[str]:
    """Return why a draft cannot be published, each with what to do about it."""
    prices = orders.read(card)
    checks: tuple[Callable[[], list[str]], ...] = (
        lambda: _days_gone(card),
        lambda: _gaps(prices),
        lambda: _packages(prices),
        lambda: _too_high_minimum(prices),
        lambda: _overlap(card),
    )
    return [reason for check in checks for reason in check()]


def _days_gone(card: RateCard) -> list[str]:
    if card.valid_until is None or card.valid_until >= timezone.localdate():
        return []
    return [_("Su último día ya pasó: cambia hasta cuándo vale.")]


def _gaps(prices: Prices) -> list[str]:
    places = gazetteer.current()
    if not (missing := rule.unpriced(prices, places)):
        return []
    message = ngettext(
        "Falta el precio de {n} LADA: {which}. Ponlo, o agrega «los demás estados».",
        "Falta el precio de {n} LADA: {which}. Pon cada uno, o agrega «los demás estados».",
        len(missing),
    )
    which = areas.describe(areas.Area(ladas=frozenset(missing)), places)
    return [message.format(n=len(missing), which=which)]


def _packages(prices: Prices) -> list[str]:
    percents = [package.percent for package in prices.packages]
    if percents == sorted(set(percents)):
        return []
    return [_("Un paquete más grande tiene que descontar más que uno más chico.")]


def _too_high_minimum(prices: Prices) -> list[str]:
    costs = [*prices.states.values(), *prices.ladas.values()]
    costs += [prices.national] if prices.national is not None else []
    if not costs or rule.least_volume(prices, min(costs)) <= settings.MAX_ORDER:
        return []
    message = _("Con ese mínimo no se podría pedir nada: una campaña llega a {most:,}.")
    return [message.format(most=settings.MAX_ORDER)]


def _overlap(card: RateCard) -> list[str]:
    others = RateCard.objects.filter(status=Status.PUBLISHED).exclude(pk=card.pk)
    others = others.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=card.valid_from))
    if card.valid_until:
        others = others.filter(valid_from__lte=card.valid_until)
    message = _("«{name}» ya vale {days}: retírala o cambia los días.")
    return [message.format(name=other.name, days=days_of(other)) for other in others]


def days_of(card: RateCard) -> str:
    """Return the days of a card in words."""
    first = date_format(card.valid_from)
    if card.valid_until is None:
        return _("desde el {first}, sin fin").format(first=first)
    return _("del {first} al {last}").format(first=first, last=date_format(card.valid_until))


def _check(terms: CardTerms) -> None:
    """Raise BadRateCard where the database would refuse the terms."""
    reasons = []
    if terms.valid_until and terms.valid_until < terms.valid_from:
        reasons.append(_("El último día es anterior al primero: cambia uno de los dos."))
    for scope, code in _twice((rate.scope, rate.code) for rate in terms.rates):
        message = _("{place} tiene dos precios: deja uno.")
        reasons.append(message.format(place=place_name(Rate.Scope(scope), code)))
    for volume in _twice(package.from_volume for package in terms.packages):
        message = _("Hay dos paquetes desde {volume:,}: deja uno.")
        reasons.append(message.format(volume=volume))
    if reasons:
        raise BadRateCard(reasons)


def _twice(values: Iterable[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]


def place_name(scope: Rate.Scope, code: str) -> str:
    """Return the name of a place that has a price."""
    places = gazetteer.current()
    if scope == Rate.Scope.NATIONAL:
        return str(scope.label)
    names = places.states if scope == Rate.Scope.STATE else places.cities
    name = names.get(code, "")
    return f"LADA {code} {name}".strip() if scope == Rate.Scope.LADA else name or code


def _copied_name(name: str) -> str:
    return _("Copia de {name}").format(name=name)[:80]


def _lock(card_id: int, status: RateCard.Status) -> RateCard:
    card = RateCard.objects.select_for_update(no_key=True).get(pk=card_id)
    if card.status != status:
        raise RateCardFixed
    return card


def _require(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise NotAllowed
