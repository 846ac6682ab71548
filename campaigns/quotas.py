"""How much of the channel one brand may hold without a decision, so that others find some too.

A brand's own limits, or the defaults of the settings for one that has none. Bookings do not
count: Telefónica's people have decided on them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Case, F, Sum, When
from django.utils import timezone

from campaigns.errors import TooLargeLadaShare, TooLargeShare, TooMuchHeld
from campaigns.models import Brand, Campaign
from campaigns.models.campaign import CampaignQuerySet
from core.calendar import add_working_days
from inventory import allocations
from inventory.models import Capacity, Reservation


class Wanted(NamedTuple):
    """What a campaign is about to hold."""

    volume: int
    starts_on: date
    ends_on: date
    ladas: Collection[str]


def require_within(brand: Brand, wanted: Wanted, *, without: int | None = None) -> None:
    """Refuse what a brand may not hold beside its other open holds, but that of `without`.

    Raises TooMuchHeld, TooLargeShare or TooLargeLadaShare with the largest volume that would do.
    """
    others = Campaign.objects.filter(brand_id=brand.pk).holding(timezone.now())
    if without is not None:
        others = others.exclude(pk=without)
    limit = held_limit(brand)
    held = _held(others)
    if held + wanted.volume > limit:
        raise TooMuchHeld(limit=limit, held=held)
    percent, on_sale, held_there = share_limit(brand), _on_sale(wanted), _held_there(others, wanted)
    most = sum(on_sale.values()) * percent // 100 - held_there.total()
    if on_sale and wanted.volume > most:
        raise TooLargeShare(percent=percent, most=max(most, 0))
    _require_within_ladas(wanted, on_sale, held_there, percent=lada_share_limit(brand))


def _require_within_ladas(
    wanted: Wanted, on_sale: Mapping[str, int], held: Counter[str], *, percent: int
) -> None:
    """Refuse more than a brand may hold in the LADAs of a campaign together, on its days.

    In each it may hold `percent` of what is on sale, and in a small one as much as
    `LADA_FLOOR_PER_BRAND`. Who asks for more than is on sale holds nothing: the inventory
    refuses it, with other terms that fit.
    """
    floor = settings.LADA_FLOOR_PER_BRAND
    there = {lada: on_sale.get(lada, 0) for lada in wanted.ladas}
    limits = {n: max(total * percent // 100, min(total, floor)) for n, total in there.items()}
    most = sum(max(limit - held[lada], 0) for lada, limit in limits.items())
    if most < wanted.volume <= sum(there.values()):
        raise TooLargeLadaShare(percent=percent, floor=floor, most=most)


def held_limit(brand: Brand | None = None) -> int:
    """Return the notifications that a brand, by default a new one, may hold without a decision."""
    return (brand and brand.held_limit) or settings.HELD_PER_BRAND


def share_limit(brand: Brand | None = None) -> int:
    """Return the percentage of the channel on its days that it may hold without a decision."""
    return (brand and brand.share_limit) or settings.SHARE_PER_BRAND


def lada_share_limit(brand: Brand | None = None) -> int:
    """Return the percentage of each LADA on its days that it may hold without a decision."""
    return (brand and brand.lada_share_limit) or settings.LADA_SHARE_PER_BRAND


def hold_until(deadline: datetime, today: date) -> datetime:
    """Return when a hold made today ends: after some working days, and never after `deadline`."""
    after = add_working_days(today, settings.HOLD_WORKING_DAYS) + timedelta(days=1)
    return min(deadline, timezone.make_aware(datetime.combine(after, datetime.min.time())))


def _on_sale(wanted: Wanted) -> dict[str, int]:
    """Return the notifications on sale on some days, by LADA."""
    cells = Capacity.objects.filter(day__range=(wanted.starts_on, wanted.ends_on))
    return dict(cells.order_by().values_list("lada").annotate(Sum("capacity")))


def _held(others: CampaignQuerySet) -> int:
    """Return the notifications that campaigns hold, or are about to."""
    volume = Case(
        When(status__in=Campaign.EDITABLE, then=F("reservation__quantity")), default=F("volume")
    )
    total: int | None = others.aggregate(total=Sum(volume))["total"]
    return total or 0


def _held_there(others: CampaignQuerySet, wanted: Wanted) -> Counter[str]:
    """Return how many notifications open holds have planned on some days, by LADA."""
    overlapping = Reservation.objects.live().filter(
        pk__in=others.filter(reservation__isnull=False).values("reservation_id"),
        starts_on__lte=wanted.ends_on,
        ends_on__gte=wanted.starts_on,
    )
    held = Counter[str]()
    for reservation in overlapping:
        held.update(allocations.planned_within(reservation, wanted.starts_on, wanted.ends_on))
    return held
