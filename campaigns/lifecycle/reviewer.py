"""The moves that a reviewer makes, each of the version that they have read."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.errors import ReasonNeeded, StaleVersion
from campaigns.lifecycle import holds, ledgers
from campaigns.lifecycle.transitions import (
    deadline,
    lock,
    move,
    record,
    release,
    request_order,
    require_actor,
    require_source,
)
from campaigns.models import Campaign
from campaigns.reasons import clean_comment
from core.wake import wake
from inventory.errors import HoldExpired, NotHeld
from inventory.models import Reservation


@transaction.atomic
def approve(
    campaign_id: int, *, version: int, by: User, comment: str = "", agreed: int | None = None
) -> Campaign:
    """Book a held campaign and put its order in the outbox.

    The booking, the status, the history and the order commit together or not at all. One of which
    a part has no place is booked only with `agreed` to as many as have one; its brand reads how
    many.

    Raises NotAllowed, OwnBrand, BrandSuspended, WrongStatus, StaleVersion, BadComment, or
    HoldExpired and NotAllPlaced from `reservations.book`.
    """
    comment = clean_comment(comment)
    campaign = _lock_for_review(campaign_id, "approve", version, by)
    require_source(campaign, "approve")
    assert campaign.reservation_id is not None  # the database keeps it
    booked = ledgers.of_campaign(campaign).book(campaign.reservation_id, agreed=agreed)
    note = _placed_note(booked) if booked.at_risk else ""
    campaign.reported_risk = booked.at_risk
    campaign.save(update_fields=["reported_risk"])
    move(campaign, "approve", by=by, comment="\n".join(filter(None, [note, comment])))
    request_order(campaign)
    return campaign


@transaction.atomic
def hold_again(campaign_id: int, *, version: int, by: User) -> Campaign:
    """Hold the inventory of a campaign in review again, after its hold has expired.

    Safe to repeat: a hold in force stays as it is. Raises NotAllowed, OwnBrand, BrandSuspended,
    WrongStatus, StaleVersion, HoldExpired once it is too late to decide, or what
    `reservations.hold` raises for want of inventory.
    """
    campaign = _lock_for_review(campaign_id, "hold_again", version, by)
    require_source(campaign, "hold_again")
    if campaign.current_hold is not None:
        return campaign
    if deadline(campaign) <= campaign.now():
        raise HoldExpired
    reviewed = campaign.versions.get(number=version)
    campaign.reservation = holds.hold(campaign, reviewed, expires_at=deadline(campaign))
    campaign.save(update_fields=["reservation"])
    record(campaign, "hold_again", by=by, from_status=campaign.status)
    wake("campaigns.tasks.follow_plan")  # allocations of others may have moved
    return campaign


@transaction.atomic
def request_changes(
    campaign_id: int, *, version: int, reasons: list[str], by: User, comment: str = ""
) -> Campaign:
    """Send a campaign back to its brand; a hold in force is kept for a day, then released.

    Raises NotAllowed, OwnBrand, WrongStatus, StaleVersion, ReasonNeeded, or BadComment.
    """
    if not reasons:
        raise ReasonNeeded
    comment = clean_comment(comment)
    campaign = _lock_for_review(campaign_id, "request_changes", version, by)
    move(campaign, "request_changes", by=by, reasons=reasons, comment=comment)
    keep = campaign.now() + timedelta(hours=settings.CHANGES_HOLD_HOURS)
    if campaign.current_hold is not None:
        assert campaign.reservation_id is not None  # of the hold
        with suppress(HoldExpired, NotHeld):
            ledger = ledgers.of_campaign(campaign)
            ledger.extend(campaign.reservation_id, expires_at=min(keep, deadline(campaign)))
    return campaign


@transaction.atomic
def reject(
    campaign_id: int, *, version: int, reasons: list[str], by: User, comment: str = ""
) -> Campaign:
    """Reject a campaign for good and release its inventory. Raises as `request_changes` does."""
    if not reasons:
        raise ReasonNeeded
    comment = clean_comment(comment)
    campaign = _lock_for_review(campaign_id, "reject", version, by)
    move(campaign, "reject", by=by, reasons=reasons, comment=comment)
    release(campaign)
    return campaign


@override(settings.LANGUAGE_CODE)  # a record
def _placed_note(booked: Reservation) -> str:
    return _(
        "Aprobada con {placed} de {quantity} notificaciones: las otras {at_risk} no tienen lugar "
        "por ahora, y les buscamos otro dentro de tus fechas y zona."
    ).format(
        placed=intcomma(booked.placed),
        quantity=intcomma(booked.quantity),
        at_risk=intcomma(booked.at_risk),
    )


def _lock_for_review(campaign_id: int, name: str, version: int, by: User) -> Campaign:
    campaign = lock(campaign_id)
    require_actor(campaign, name, by)
    if campaign.version_number != version:
        raise StaleVersion
    return campaign
