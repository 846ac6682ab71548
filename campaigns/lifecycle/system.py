"""The moves that workers make: each campaign in a transaction of its own, safe to repeat."""

from datetime import date, datetime, timedelta
from functools import partial

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.gateway.contract import DesiredState
from campaigns.lifecycle import goals, holds
from campaigns.lifecycle.transitions import (
    deadline,
    lock,
    move,
    process_each,
    record,
    release,
    request_state,
)
from campaigns.models import AdOrder, Brand, Campaign, Event
from campaigns.models.campaign import CampaignQuerySet
from campaigns.moves import MOVES, ORDERED, UNDECIDED, Status
from core.wake import wake
from inventory.errors import InventoryError

SPLITS_AT_A_TIME = 100  # every 30 s: a third of what the gateway takes, with 1,000 done in 5 min


def hold_submitted() -> int:
    """Hold the inventory of submitted campaigns, the oldest first; return how many were handled.

    The row's lock is the claim: a worker that dies releases it with its connection,
    and its unfinished work is rolled back. Those of a suspended brand wait for it.
    """
    submitted = Campaign.objects.filter(status=Status.RESERVING, brand__active=True)
    submitted = submitted.order_by("status_at", "id")
    handled = process_each(submitted.values_list("id", flat=True), hold_one)
    if handled:
        wake("campaigns.tasks.follow_plan")  # allocations of others may have moved
    return handled


def follow_plan() -> int:
    """Send the gateway the daily goals that the plan has changed; return the number of orders.

    Allocations are moved by whoever needs their cells: another campaign's hold, a
    change of capacity. The revision of the allocation shows it, whoever it was. When a
    channel day begins, the split of tomorrow follows, of some orders at a time. Safe to
    repeat: a move that was undone since sends nothing.
    """
    behind = AdOrder.objects.behind_plan().order_by("campaign_id")
    to_split = AdOrder.objects.to_split(timezone.now()).order_by("split_until", "campaign_id")
    ids = list(behind.values_list("campaign_id", flat=True))
    ids += to_split.values_list("campaign_id", flat=True)[:SPLITS_AT_A_TIME]
    return process_each(dict.fromkeys(ids), _follow_plan)


@transaction.atomic
def schedule(campaign_id: int) -> None:
    """Record that the gateway holds the order of an approved campaign; safe to repeat."""
    campaign = lock(campaign_id)
    if campaign.status == Status.APPROVED:
        move(campaign, "schedule")


def advance_due(now: datetime | None = None) -> int:
    """Make the moves that the clock and the gateway's counts make of campaigns; return how many.

    They start, finish and expire. One whose hold has ended stays in review for a reviewer to
    hold it again, and its brand is told once: it may withdraw it and send it again. Those of
    sandbox brands wait for the clocks of these.
    """
    now = now or timezone.now()
    due = _due(Campaign.objects.of_channel(), now)
    return process_each(due, partial(_advance, now=now))


def advance_sandbox(brand: Brand) -> None:
    """Make the same moves of the campaigns of a sandbox brand, as of its clock."""
    rows = Campaign.objects.filter(brand=brand, sandbox=True)
    for pk in _due(rows, brand.now()):
        campaign = lock(pk)
        campaign.brand = brand
        _advance(campaign, brand.now())


def _due(rows: CampaignQuerySet, now: datetime) -> list[int]:
    """Return the ids of those of which a move may be due, each once."""
    today = timezone.localdate(now)
    due = [
        rows.filter(status__in=MOVES["start"].sources, starts_on__lte=today),
        rows.filter(status__in=ORDERED, ends_on__lt=today),
        rows.decided_too_late(now),
        _newly_without_hold(rows, now),
    ]
    ids = [pk for found in due for pk in found.order_by("id").values_list("id", flat=True)]
    return list(dict.fromkeys(ids + goals.campaigns_at_goal(rows)))


def _newly_without_hold(rows: CampaignQuerySet, now: datetime) -> CampaignQuerySet:
    """Return those in review that have lost their hold, and whose brand does not know."""
    newest = Event.objects.filter(campaign=OuterRef("pk")).order_by("-id").values("move")[:1]
    found = rows.without_hold(now).annotate(newest_move=Subquery(newest))
    return found.exclude(newest_move="lose_hold")


def _advance(campaign: Campaign, now: datetime) -> bool:
    """Make the one move that is due of a locked campaign; return whether there was one."""
    assert campaign.starts_on and campaign.ends_on and campaign.decide_by  # the database keeps it
    today = timezone.localdate(now)
    begun, over = campaign.starts_on <= today, campaign.ends_on < today
    if goals.is_at_goal(campaign):
        _finish_at_goal(campaign, today)
    elif over and campaign.status in MOVES["finish"].sources:
        move(campaign, "finish", comment=_("Pasó su último día."))
    elif begun and campaign.status in MOVES["start"].sources:
        move(campaign, "start")
    elif over and campaign.status == Status.APPROVED:
        move(campaign, "expire", comment=_("La plataforma de entrega no la aceptó a tiempo."))
        release(campaign)
        request_state(campaign, DesiredState.CANCELLED)
    elif campaign.decide_by <= now and campaign.status in UNDECIDED:
        _expire_undecided(campaign)
    elif _newly_without_hold(Campaign.objects.filter(pk=campaign.pk), now).exists():
        _lose_hold(campaign)
    else:
        return False
    return True


def _finish_at_goal(campaign: Campaign, today: date) -> None:
    """Finish a campaign that has reached its goal, and release what was planned after today.

    Its order is left as it is: the gateway has completed it by the same count, and inserts no
    more. Counts that come later change its figures and not its status.
    """
    assert campaign.reservation is not None  # a constraint keeps it for a running campaign
    comment = _("Llegó a su meta: el anuncio salió en {goal} notificaciones.").format(
        goal=intcomma(campaign.reservation.quantity)
    )
    move(campaign, "finish", comment=comment)
    release(campaign, from_day=today + timedelta(days=1))


def _lose_hold(campaign: Campaign) -> None:
    assert campaign.volume is not None  # the database keeps it
    comment = _(
        "Pasó el tiempo del apartado sin que se decidiera: sus {volume} notificaciones volvieron "
        "a la venta."
    ).format(volume=intcomma(campaign.volume))
    record(campaign, "lose_hold", by=None, from_status=campaign.status, comment=comment)


def _expire_undecided(campaign: Campaign) -> None:
    comment = _("No se decidió a tiempo: la hora límite era el {at}.")
    move(campaign, "expire", comment=comment.format(at=_decide_by(campaign)))
    release(campaign)


def hold_one(campaign: Campaign) -> bool:
    """Hold the inventory of a locked campaign's latest version, or decline or expire it."""
    if campaign.status != Status.RESERVING:
        return False
    version = campaign.versions.get(number=campaign.version_number)
    if deadline(campaign) <= campaign.now():
        _expire_undecided(campaign)
        return True
    try:
        with transaction.atomic():
            reservation = holds.hold(campaign, version, expires_at=holds.expiry(campaign))
    except InventoryError as error:
        move(campaign, "decline", comment=error.message)
        return True
    campaign.reservation = reservation
    campaign.save(update_fields=["reservation"])
    comment = _("Se decide a más tardar el {at}.").format(at=_decide_by(campaign))
    move(campaign, "hold", comment=comment)
    return True


def _decide_by(campaign: Campaign) -> str:
    return date_format(timezone.localtime(deadline(campaign)), "DATETIME_FORMAT")


def _follow_plan(campaign: Campaign) -> bool:
    if campaign.status not in ORDERED:
        return False
    changed = AdOrder.objects.follow_plan(campaign)
    if changed:
        wake("campaigns.tasks.send_due")
    return changed
