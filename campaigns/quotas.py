"""How much of the channel one brand may hold without a decision, so that others find some too.

A brand's own limits, or the defaults of the settings for one that has none. Bookings do not
count: Telefónica's people have decided on them.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Case, F, Sum, When
from django.utils import timezone

from campaigns.errors import TooLargeShare, TooMuchHeld
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


def require_within(brand: Brand, wanted: Wanted, *, without: int | None = None) -> None:
    """Refuse what a brand may not hold beside its other open holds, but that of `without`.

    Raises TooMuchHeld or TooLargeShare with the largest volume that would do.
    """
    others = Campaign.objects.filter(brand_id=brand.pk).holding(timezone.now())
    if without is not None:
        others = others.exclude(pk=without)
    limit = held_limit(brand)
    held = _held(others)
    if held + wanted.volume > limit:
        raise TooMuchHeld(limit=limit, held=held)
    percent = share_limit(brand)
    on_sale = _on_sale(wanted)
    most = on_sale * percent // 100 - _held_there(others, wanted)
    if on_sale and wanted.volume > most:
        raise TooLargeShare(percent=percent, most=max(most, 0))


def held_limit(brand: Brand | None = None) -> int:
    """Return the notifications that a brand, by default a new one, may hold without a decision."""
    return (brand and brand.held_limit) or settings.HELD_PER_BRAND


def share_limit(brand: Brand | None = None) -> int:
    """Return the percentage of the channel on its days that it may hold without a decision."""
    return (brand and brand.share_limit) or settings.SHARE_PER_BRAND


def hold_until(deadline: datetime) -> datetime:
    """Return when a hold made now ends: after some working days, and never after `deadline`."""
    after = add_working_days(timezone.localdate(), settings.HOLD_WORKING_DAYS) + timedelta(days=1)
    return min(deadline, timezone.make_aware(datetime.combine(after, datetime.min.time())))


def _on_sale(wanted: Wanted) -> int:
    cells = Capacity.objects.filter(day__range=(wanted.starts_on, wanted.ends_on))
    total: int | None = cells.aggregate(total=Sum("capacity"))["total"]
    return total or 0


def _held(others: CampaignQuerySet) -> int:
    """Return the notifications that campaigns hold, or are about to."""
    volume = Case(
        When(status__in=Campaign.EDITABLE, then=F("reservation__quantity")), default=F("volume")
    )
    total: int | None = others.aggregate(total=Sum(volume))["total"]
    return total or 0


def _held_there(others: CampaignQuerySet, wanted: Wanted) -> int:
    """Return how many notifications open holds have planned on some days."""
    overlapping = Reservation.objects.live().filter(
        pk__in=others.filter(reservation__isnull=False).values("reservation_id"),
        starts_on__lte=wanted.ends_on,
        ends_on__gte=wanted.starts_on,
    )
    span = wanted.starts_on, wanted.ends_on
    return sum(allocations.planned_within(reservation, *span) for reservation in overlapping)
