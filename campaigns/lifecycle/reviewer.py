"""The moves that a reviewer makes, each of the version that they have read."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone

from campaigns.errors import ReasonNeeded, StaleVersion
from campaigns.lifecycle.transitions import (
    deadline,
    lock,
    move,
    release,
    request_order,
    require_actor,
)
from campaigns.models import Campaign
from inventory import reservations


@transaction.atomic
def approve(campaign_id: int, *, version: int, by: User, comment: str = "") -> Campaign:
    """Book a held campaign and put its order in the outbox.

    The booking, the status, the history and the order commit together or not at all.

    Raises NotAllowed, OwnBrand, BrandSuspended, WrongStatus, StaleVersion, or HoldExpired from
    `reservations.book`.
    """
    campaign = _lock_for_review(campaign_id, "approve", version, by)
    move(campaign, "approve", by=by, comment=comment)
    assert campaign.reservation_id is not None  # the database keeps it
    reservations.book(campaign.reservation_id)
    request_order(campaign)
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
    campaign = _lock_for_review(campaign_id, "request_changes", version, by)
    move(campaign, "request_changes", by=by, reasons=reasons, comment=comment)
    keep = timezone.now() + timedelta(hours=settings.CHANGES_HOLD_HOURS)
    assert campaign.reservation_id is not None  # the database keeps it
    reservations.extend(campaign.reservation_id, expires_at=min(keep, deadline(campaign)))
    return campaign


@transaction.atomic
def reject(
    campaign_id: int, *, version: int, reasons: list[str], by: User, comment: str = ""
) -> Campaign:
    """Reject a campaign for good and release its inventory. Raises as `request_changes` does."""
    if not reasons:
        raise ReasonNeeded
    campaign = _lock_for_review(campaign_id, "reject", version, by)
    move(campaign, "reject", by=by, reasons=reasons, comment=comment)
    release(campaign)
    return campaign


def _lock_for_review(campaign_id: int, name: str, version: int, by: User) -> Campaign:
    campaign = lock(campaign_id)
    require_actor(campaign, name, by)
    if campaign.version_number != version:
        raise StaleVersion
    return campaign
