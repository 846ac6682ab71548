"""What a reviewer decides, always of the version they saw."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone

from campaigns.errors import NotAllowed, OwnBrand, ReasonNeeded, StaleVersion
from campaigns.lifecycle.moves import deadline, lock, move, order, release
from campaigns.models import Campaign
from inventory import reservations


@transaction.atomic
def approve(campaign_id: int, *, version: int, by: User, comment: str = "") -> Campaign:
    """Book a held campaign and put its order in the outbox.

    The booking, the status, the history and the order commit together or not at all.

    Raises NotAllowed, OwnBrand, WrongStatus, StaleVersion, or HoldExpired from
    `reservations.book`.
    """
    campaign = _lock_for_review(campaign_id, version, by)
    move(campaign, "approve", by=by, comment=comment)
    assert campaign.reservation_id is not None  # the database keeps it
    reservations.book(campaign.reservation_id)
    order(campaign)
    return campaign


@transaction.atomic
def request_changes(
    campaign_id: int, *, version: int, reasons: list[str], by: User, comment: str = ""
) -> Campaign:
    """Send a campaign back to its brand; its hold is kept for a day, then released.

    Raises as `approve` does, and ReasonNeeded.
    """
    if not reasons:
        raise ReasonNeeded
    campaign = _lock_for_review(campaign_id, version, by)
    move(campaign, "request_changes", by=by, reasons=reasons, comment=comment)
    keep = timezone.now() + timedelta(hours=settings.CHANGES_HOLD_HOURS)
    assert campaign.reservation_id is not None  # the database keeps it
    reservations.extend(campaign.reservation_id, expires_at=min(keep, deadline(campaign)))
    return campaign


@transaction.atomic
def reject(
    campaign_id: int, *, version: int, reasons: list[str], by: User, comment: str = ""
) -> Campaign:
    """Refuse a campaign for good and give its inventory back. Raises as `request_changes` does."""
    if not reasons:
        raise ReasonNeeded
    campaign = _lock_for_review(campaign_id, version, by)
    move(campaign, "reject", by=by, reasons=reasons, comment=comment)
    release(campaign)
    return campaign


def _lock_for_review(campaign_id: int, version: int, by: User) -> Campaign:
    campaign = lock(campaign_id)
    if not by.has_perm("campaigns.review_campaign"):
        raise NotAllowed
    if campaign.brand.has_member(by):
        raise OwnBrand
    if campaign.version_number != version:
        raise StaleVersion
    return campaign
