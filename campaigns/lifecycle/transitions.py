"""Execution of a move of the table: lock, permission, status, history, inventory and order."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

import structlog
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction

from campaigns import notices, review, rights
from campaigns.errors import NotAllowed, OwnBrand, PausedByStaff, WrongStatus
from campaigns.gateway.contract import DesiredState
from campaigns.lifecycle import ledgers
from campaigns.models import AdOrder, Brand, Campaign, Event
from campaigns.moves import MOVES, PAUSING, WAITING, Actor, Move, Status
from campaigns.webhooks import events
from core.wake import wake

log = structlog.get_logger(__name__)


def lock(campaign_id: int) -> Campaign:
    """Return a campaign with its row locked until the transaction ends."""
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)


def lock_for_move(campaign_id: int, name: str, *, by: User) -> Campaign:
    """Lock a campaign that a person wants to move. Raises as the two functions below do."""
    campaign = lock(campaign_id)
    require_actor(campaign, name, by)
    require_source(campaign, name)
    return campaign


def require_actor(campaign: Campaign, name: str, by: User) -> None:
    """Refuse a move to a person, whatever the status of the campaign.

    A sandbox brand's own programs play the reviewer. Raises NotAllowed, BrandSuspended, or
    OwnBrand to staff who belong to its brand.
    """
    if Actor.BRAND in MOVES[name].actors or campaign.sandbox:
        rights.require_editor(campaign.brand, by)
    elif not review.may_review(by):
        raise NotAllowed
    elif campaign.brand.has_member(by):
        raise OwnBrand


def require_source(campaign: Campaign, name: str) -> Move:
    """Return the row of a move. Raises WrongStatus where it does not start from the status.

    Raises PausedByStaff for the end of a pause that is not the brand's to end, and BrandSuspended
    where the move needs an active brand.
    """
    row = MOVES[name]
    if campaign.status not in row.sources:
        raise WrongStatus(campaign.get_status_display())
    if not row.may_end(campaign.paused_by):
        if row.pauses_as:
            raise WrongStatus(campaign.get_status_display())  # it is paused already
        pause = campaign.events.filter(move__in=PAUSING).order_by("-id").first()
        raise PausedByStaff(pause.comment if pause else "")
    if row.needs_active_brand:
        _require_active_brand(campaign)
    return row


def _require_active_brand(campaign: Campaign) -> None:
    """Raise BrandSuspended while the brand is suspended.

    Its row stays locked, after the campaign's: a suspension waits for the move, and then sees it.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=campaign.brand_id)
    rights.require_active(brand)


def process_each(ids: Iterable[int], process: Callable[[Campaign], bool]) -> int:
    """Process each campaign that no other transaction has locked; return how many were changed.

    Each has a transaction of its own. One that fails is logged and stops no other.
    """
    changed = 0
    for campaign_id in ids:
        try:
            with transaction.atomic():
                rows = Campaign.objects.select_for_update(skip_locked=True, no_key=True)
                campaign = rows.filter(pk=campaign_id).first()
                changed += campaign is not None and process(campaign)
        except Exception:
            log.exception("campaign_not_moved", campaign=campaign_id)
    return changed


def move(
    campaign: Campaign,
    name: str,
    to: Status | None = None,
    *,
    by: User | None = None,
    reasons: list[str] | None = None,
    comment: str = "",
) -> None:
    """Change the status of a locked campaign by a move of the table, and record it.

    `to` is needed only where the move leads to more than one status. Raises WrongStatus,
    PausedByStaff or BrandSuspended.
    """
    row = require_source(campaign, name)
    target = to or next(iter(row.targets))
    if target not in row.targets:
        raise ValueError(f"{name} does not lead to {target}")
    before = campaign.status
    campaign.status = target
    campaign.status_at = campaign.now()
    campaign.paused_by = row.pauses_as or ""
    campaign.save(update_fields=["status", "status_at", "paused_by"])
    if before in WAITING and target not in WAITING:
        assert row.ends_waiting is not None  # tests keep it of every such move
        campaign.waiting_list_entries.end(row.ends_waiting)
    record(campaign, name, by=by, from_status=before, reasons=reasons, comment=comment)


def record(
    campaign: Campaign,
    name: str,
    *,
    by: User | None,
    from_status: str,
    reasons: list[str] | None = None,
    comment: str = "",
    notify: bool = True,
) -> None:
    """Write a move into the history, and queue its notices and webhook deliveries.

    Without `notify` nobody gets a notice of it, nor of a sandbox's.
    """
    event = Event.objects.create(
        campaign=campaign,
        at=campaign.now(),
        move=name,
        by_id=by.pk if by else None,
        from_status=from_status,
        to_status=campaign.status,
        version_number=campaign.version_number,
        reasons=reasons or [],
        comment=comment,
    )
    if notify and not campaign.sandbox:
        notices.notify_event(event)
    events.enqueue(event)


def deadline(campaign: Campaign) -> datetime:
    """Return the instant until which its latest version can be decided."""
    decide_by = campaign.versions.get(number=campaign.version_number).decide_by
    assert decide_by is not None  # a version is complete
    return decide_by


def release(campaign: Campaign, *, from_day: date | None = None) -> None:
    """Release what a campaign holds or has booked, from a day on, and wake the waiting list."""
    if campaign.reservation_id is None:
        return
    ledger = ledgers.of_campaign(campaign)
    if ledger.release(campaign.reservation_id, from_day=from_day):
        wake("campaigns.tasks.offer_freed")


def request_order(campaign: Campaign) -> None:
    """Queue the order of a booked campaign for the gateway; last, as locks are ordered.

    Of a sandbox's campaign there is nothing that the gateway could get.
    """
    if campaign.sandbox:
        AdOrder.objects.simulate(campaign)
        return
    AdOrder.objects.request(campaign)
    wake("campaigns.tasks.send_due")


def request_state(campaign: Campaign, desired_state: DesiredState) -> None:
    """Queue another state of the order for the gateway; last, as locks are ordered."""
    if campaign.sandbox:
        return
    order = AdOrder.objects.set_desired_state(campaign, desired_state)
    wake("campaigns.tasks.send_urgent" if order.stops else "campaigns.tasks.send_due")
