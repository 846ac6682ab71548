"""Days that pass in pause: what they carried moves to later days of the campaign (ADR 34).

Only whole days on which the gateway is known to hold the order paused count: these delivered
nothing. What a day delivered of which a part was live, the gateway's counts say.
"""

from datetime import date

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.lifecycle.transitions import process_each, record
from campaigns.models import AdOrder, Campaign
from campaigns.moves import PAUSING, Status
from core.wake import wake
from inventory import undelivered
from inventory.models import Reservation


def replan_paused() -> int:
    """Plan the passed days of paused campaigns again; return how many campaigns changed.

    Safe to repeat: the order keeps the first day that is still to be planned again.
    """
    due = AdOrder.objects.filter(
        campaign__status=Status.PAUSED, idle_from__lt=timezone.localdate()
    ).order_by("campaign_id")
    return process_each(due.values_list("campaign_id", flat=True), replan)


def replan(campaign: Campaign) -> bool:
    """Plan the days again that a locked campaign has passed in pause; return whether any was.

    It is recorded, and its brand is notified of the first time in each pause; of what is at risk
    it is notified anyway (`lifecycle.report_risk`).
    """
    today = timezone.localdate()
    order = AdOrder.objects.filter(campaign=campaign).first()
    idle_from = order.idle_from if order else None
    if campaign.status != Status.PAUSED or idle_from is None or idle_from >= today:
        return False
    assert campaign.reservation_id is not None  # the database keeps it
    planned = Reservation.objects.get(pk=campaign.reservation_id).planned_by_day()
    idle = {day: count for day, count in planned.items() if idle_from <= day < today}
    done = undelivered.plan_again(campaign.reservation_id, idle) if idle else None
    AdOrder.objects.filter(campaign=campaign).update(idle_from=today)
    if done is None:
        return False
    record(
        campaign,
        "replan",
        by=None,
        from_status=campaign.status,
        comment=_comment(list(idle), *done),
        notify=done.moved > 0 and not _was_replanned(campaign),
    )
    wake("campaigns.tasks.follow_plan")  # allocations of others may have moved
    return True


def _was_replanned(campaign: Campaign) -> bool:
    """Return whether that was recorded in this pause before."""
    newest = campaign.events.filter(move__in=(*PAUSING, "replan")).order_by("-id")
    return newest.values_list("move", flat=True).first() == "replan"


def _comment(days: list[date], lost: int, moved: int) -> str:
    comment = ngettext(
        "El {first} pasó en pausa con {lost} notificaciones planeadas.",
        "Del {first} al {last} pasaron en pausa {n} días con {lost} notificaciones planeadas.",
        len(days),
    ).format(
        first=date_format(days[0]), last=date_format(days[-1]), n=len(days), lost=intcomma(lost)
    )
    if moved == lost:
        return comment + _(" Todas pasaron a los días que le quedan.")
    if moved:
        rest = _(" {moved} pasaron a los días que le quedan; {left} no tienen lugar por ahora.")
        return comment + rest.format(moved=intcomma(moved), left=intcomma(lost - moved))
    return comment + _(" No caben en los días que le quedan: no tienen lugar por ahora.")
