"""The table of moves, and the one function that writes a status.

What every part of the life shares: the lock, the move, its line of history, and
what a move does to inventory and order.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.contrib.auth.models import AbstractUser as User
from django.utils import timezone

from campaigns.errors import WrongStatus
from campaigns.gateway.contract import DesiredState
from campaigns.models import AdOrder, Campaign, Event
from campaigns.wake import wake
from inventory import reservations

Status = Campaign.Status

AT_GATEWAY = (Status.SCHEDULED, Status.LIVE, Status.PAUSED)


class Move(NamedTuple):
    """From which statuses a move may start, and where it may lead."""

    sources: frozenset[Status]
    targets: frozenset[Status]


def _moves(*sources: Status, to: Iterable[Status]) -> Move:
    return Move(frozenset(sources), frozenset(to))


MOVES: Mapping[str, Move] = {
    # the brand
    "edit": _moves(
        Status.DRAFT,
        Status.NO_INVENTORY,
        Status.CHANGES_REQUESTED,
        to=[Status.DRAFT, Status.CHANGES_REQUESTED],
    ),
    "submit": _moves(
        Status.DRAFT, Status.NO_INVENTORY, Status.CHANGES_REQUESTED, to=[Status.RESERVING]
    ),
    "withdraw": _moves(Status.IN_REVIEW, to=[Status.DRAFT]),
    "pause": _moves(Status.SCHEDULED, Status.LIVE, to=[Status.PAUSED]),
    "resume": _moves(Status.PAUSED, to=[Status.SCHEDULED, Status.LIVE]),
    "cancel": _moves(
        Status.DRAFT,
        Status.NO_INVENTORY,
        Status.CHANGES_REQUESTED,
        Status.APPROVED,
        Status.SCHEDULED,
        Status.LIVE,
        Status.PAUSED,
        to=[Status.CANCELLED],
    ),
    # the reviewer
    "approve": _moves(Status.IN_REVIEW, to=[Status.APPROVED]),
    "request_changes": _moves(Status.IN_REVIEW, to=[Status.CHANGES_REQUESTED]),
    "reject": _moves(Status.IN_REVIEW, to=[Status.REJECTED]),
    # the workers and the clock
    "hold": _moves(Status.RESERVING, to=[Status.IN_REVIEW]),
    "decline": _moves(Status.RESERVING, to=[Status.NO_INVENTORY]),
    "schedule": _moves(Status.APPROVED, to=[Status.SCHEDULED]),
    "start": _moves(Status.SCHEDULED, to=[Status.LIVE]),
    "finish": _moves(Status.LIVE, Status.PAUSED, Status.SCHEDULED, to=[Status.FINISHED]),
    "expire": _moves(Status.RESERVING, Status.IN_REVIEW, Status.APPROVED, to=[Status.EXPIRED]),
}


def lock(campaign_id: int) -> Campaign:
    """Read a campaign as it is, and keep it so until the transaction ends."""
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)


def check(campaign: Campaign, name: str) -> Move:
    """Raise WrongStatus unless the move may start from where the campaign is."""
    row = MOVES[name]
    if campaign.status not in row.sources:
        raise WrongStatus(campaign.get_status_display())
    return row


def move(
    campaign: Campaign,
    name: str,
    to: Status | None = None,
    *,
    by: User | None = None,
    reasons: list[str] | None = None,
    comment: str = "",
) -> None:
    """Change the status by a move of the table and write its line of history.

    `to` is needed only where the move leads to more than one status.
    """
    targets = check(campaign, name).targets
    target = to or next(iter(targets))
    if target not in targets:
        raise ValueError(f"{name} does not lead to {target}")
    before = campaign.status
    campaign.status = target
    campaign.status_at = timezone.now()
    campaign.save(update_fields=["status", "status_at"])
    note(campaign, name, by=by, from_status=before, reasons=reasons or [], comment=comment)


def note(
    campaign: Campaign,
    name: str,
    *,
    by: User | None,
    from_status: str,
    reasons: list[str] | None = None,
    comment: str = "",
) -> None:
    """Write one line of history."""
    Event.objects.create(
        campaign=campaign,
        move=name,
        by_id=by.pk if by else None,
        from_status=from_status,
        to_status=campaign.status,
        version_number=campaign.version_number,
        reasons=reasons or [],
        comment=comment,
    )


def deadline(campaign: Campaign) -> datetime:
    """Give the instant its first day begins: until then it can be decided."""
    airs_at = campaign.versions.get(number=campaign.version_number).airs_at
    assert airs_at is not None  # a version is complete
    return airs_at


def release(campaign: Campaign, *, from_day: date | None = None) -> None:
    """Give back what a campaign holds or has booked, from a day on."""
    if campaign.reservation_id is not None:
        reservations.release(campaign.reservation_id, from_day=from_day)


def order(campaign: Campaign) -> None:
    """Ask the gateway to hold a booked campaign, through the outbox; last, as locks are ordered."""
    AdOrder.objects.request(campaign)
    wake("campaigns.tasks.send_due")


def restate(campaign: Campaign, desired_state: DesiredState) -> None:
    """Ask the gateway for another state of what it holds; last, as locks are ordered."""
    AdOrder.objects.restate(campaign, desired_state)
    wake("campaigns.tasks.send_due")
