"""The table of moves, and the one function that writes a status.

What every part of the life shares: the lock, who may, the move, its line of history,
and what a move does to inventory, waiting list and order.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

import structlog
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone

from campaigns import notices
from campaigns.errors import NotAllowed, WrongStatus
from campaigns.gateway.contract import DesiredState
from campaigns.models import AdOrder, Campaign, Event, WaitingPlace
from campaigns.webhooks import events
from core.wake import wake
from inventory import reservations

log = structlog.get_logger(__name__)

Status = Campaign.Status
Ending = WaitingPlace.Ending

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
    # the waiting list, which moves nothing
    "join": _moves(Status.NO_INVENTORY, to=[Status.NO_INVENTORY]),
    "leave": _moves(Status.NO_INVENTORY, to=[Status.NO_INVENTORY]),
    "offer": _moves(Status.NO_INVENTORY, to=[Status.NO_INVENTORY]),
    "lapse": _moves(Status.NO_INVENTORY, to=[Status.NO_INVENTORY]),
    "miss": _moves(Status.NO_INVENTORY, to=[Status.NO_INVENTORY]),
}

# What a brand may do; the rest is for reviewers, workers and the clock.
OF_BRAND = ("edit", "submit", "withdraw", "pause", "resume", "cancel", "join", "leave")

# While it is sent again as it is, a campaign keeps its place in the waiting list.
WAITS = (Status.NO_INVENTORY, Status.RESERVING)
ENDS_WAITING: Mapping[str, WaitingPlace.Ending] = {
    "edit": Ending.EDITED,
    "cancel": Ending.CANCELLED,
    "hold": Ending.TAKEN,
    "expire": Ending.MISSED,
}


def lock(campaign_id: int) -> Campaign:
    """Read a campaign as it is, and keep it so until the transaction ends."""
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)


def each(ids: Iterable[int], act: Callable[[Campaign], bool]) -> int:
    """Act on each campaign that nobody else is busy with; say on how many something was done.

    Each has a transaction of its own, and one that fails stops no other.
    """
    done = 0
    for campaign_id in ids:
        try:
            with transaction.atomic():
                rows = Campaign.objects.select_for_update(skip_locked=True, no_key=True)
                campaign = rows.filter(pk=campaign_id).first()
                done += campaign is not None and act(campaign)
        except Exception:
            log.exception("campaign_not_moved", campaign=campaign_id)
    return done


def require_editor(campaign: Campaign, by: User) -> None:
    """Raise NotAllowed unless the person writes for the campaign's brand, and it is active."""
    if not (campaign.brand.active and campaign.brand.may_edit(by)):
        raise NotAllowed


def check(campaign: Campaign, name: str) -> Move:
    """Raise WrongStatus unless the move may start from where the campaign is."""
    row = MOVES[name]
    if campaign.status not in row.sources:
        raise WrongStatus(campaign.get_status_display())
    return row


def open_to_brand(campaign: Campaign, *, waits: bool) -> list[str]:
    """Name the moves that a campaign's brand may make now. `waits`: it is in the waiting list."""
    named = [name for name in OF_BRAND if campaign.status in MOVES[name].sources]
    return [name for name in named if name != ("join" if waits else "leave")]


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
    if before in WAITS and target not in WAITS:
        campaign.waiting_places.end(ENDS_WAITING[name])
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
    """Write one line of history; tell the brand and its webhooks of it in the same words."""
    event = Event.objects.create(
        campaign=campaign,
        move=name,
        by_id=by.pk if by else None,
        from_status=from_status,
        to_status=campaign.status,
        version_number=campaign.version_number,
        reasons=reasons or [],
        comment=comment,
    )
    notices.tell(event)
    events.tell(event)


def deadline(campaign: Campaign) -> datetime:
    """Give the instant its first day begins: until then it can be decided."""
    airs_at = campaign.versions.get(number=campaign.version_number).airs_at
    assert airs_at is not None  # a version is complete
    return airs_at


def release(campaign: Campaign, *, from_day: date | None = None) -> None:
    """Give back what a campaign holds or has booked, from a day on; others wait for it."""
    if campaign.reservation_id is None:
        return
    if reservations.release(campaign.reservation_id, from_day=from_day):
        wake("campaigns.tasks.offer_freed")


def order(campaign: Campaign) -> None:
    """Ask the gateway to hold a booked campaign, through the outbox; last, as locks are ordered."""
    AdOrder.objects.request(campaign)
    wake("campaigns.tasks.send_due")


def restate(campaign: Campaign, desired_state: DesiredState) -> None:
    """Ask the gateway for another state of what it holds; last, as locks are ordered."""
    AdOrder.objects.set_desired_state(campaign, desired_state)
    wake("campaigns.tasks.send_due")
