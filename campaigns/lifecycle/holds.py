"""Holds of campaigns that await a decision, and the limit of open holds of a brand."""

from contextlib import suppress
from datetime import datetime

from django.conf import settings

from campaigns import quotas
from campaigns.errors import TooManyHolds
from campaigns.lifecycle import ledgers
from campaigns.lifecycle.transitions import deadline
from campaigns.models import Brand, Campaign, Version
from campaigns.quotas import Wanted
from inventory.errors import HoldExpired, NotHeld
from inventory.models import Reservation
from inventory.terms import Terms
from segments import areas


def require_free_hold(campaign: Campaign) -> None:
    """Refuse one more hold than a brand may have at once, or a larger one.

    The brand's row is locked, after the campaign's: of two that want the last one,
    the second counts the first. A sandbox has no limits. Raises TooManyHolds, TooMuchHeld or
    TooLargeShare.
    """
    if campaign.sandbox:
        return
    brand = Brand.objects.select_for_update(no_key=True).get(pk=campaign.brand_id)
    others = Campaign.objects.filter(brand_id=campaign.brand_id).exclude(pk=campaign.pk)
    count = others.holding(campaign.now()).count()
    if count >= settings.OPEN_HOLDS_PER_BRAND:
        raise TooManyHolds(count)
    assert campaign.volume and campaign.starts_on and campaign.ends_on  # readiness has checked it
    chosen = campaign.chosen_area
    ladas = areas.resolve(chosen) if chosen else ()
    wanted = Wanted(campaign.volume, campaign.starts_on, campaign.ends_on, ladas)
    quotas.require_within(brand, wanted, without=campaign.pk)


def expiry(campaign: Campaign) -> datetime:
    """Return when a hold that is made now ends."""
    return quotas.hold_until(deadline(campaign), campaign.today())


def hold(campaign: Campaign, version: Version, *, expires_at: datetime) -> Reservation:
    """Hold the inventory of a version, by changing what the campaign may still hold.

    Raises what `reservations.hold` raises for want of inventory.
    """
    terms = _terms(version)
    ledger = ledgers.of_campaign(campaign)
    if campaign.reservation_id is not None:
        with suppress(HoldExpired, NotHeld):
            return ledger.change(campaign.reservation_id, terms, expires_at=expires_at)
    return ledger.hold(terms, reference=campaign.folio, expires_at=expires_at)


def extend(campaign: Campaign, version: Version) -> None:
    """Extend a hold that would expire before the review, if its terms are those of the version."""
    current = campaign.current_hold
    if current is not None and _terms(version).matches(current):
        with suppress(HoldExpired, NotHeld):
            ledger = ledgers.of_campaign(campaign)
            ledger.extend(current.pk, expires_at=expiry(campaign))


def _terms(version: Version) -> Terms:
    assert version.starts_on and version.ends_on and version.volume  # the database keeps it
    return Terms(
        quantity=version.volume,
        ladas=version.ladas,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        daily_cap=version.daily_cap,
    )
