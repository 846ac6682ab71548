"""The state of a campaign for its page: what comes next, what may be done, what happened."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns import moves, notices, readiness
from campaigns.models import AdOrder, Campaign, Event, WaitingListEntry
from campaigns.moves import PausedBy
from inventory.models import Reservation
from segments import areas

Status = Campaign.Status


class HistoryLine(NamedTuple):
    """One event of the history, with the names that people read."""

    event: Event
    label: str | Promise
    actor: str


class WaitingState(NamedTuple):
    """The state of a campaign without inventory in the waiting list.

    `position` is its place in line, from 1; 0 while it is not in line.
    """

    may_join: bool = False
    entry: WaitingListEntry | None = None
    position: int = 0
    offer: Reservation | None = None

    @property
    def listed(self) -> bool | None:
        """Return whether it has an open entry; None: it has none, and it is too late for one."""
        return self.entry is not None if self.entry or self.may_join else None


def context(campaign: Campaign) -> dict[str, Any]:
    """Return the template context of a campaign's state."""
    terms = campaign if campaign.editable else campaign.version or campaign
    area = terms.chosen_area
    order = AdOrder.objects.filter(campaign=campaign).first()
    wait = _waiting_state(campaign)
    return {
        "terms": terms,
        "area": areas.describe(area) if area else "",
        "history": history(campaign),
        "next_step": _next_step(campaign, wait),
        "risk_note": notices.risk_note(campaign),
        "wait": wait,
        "order": order,
        "buttons": moves.buttons(
            campaign.status,
            waiting=wait.listed,
            offered=wait.offer is not None,
            paused_by=campaign.paused_by,
        ),
        "explanation": None if wait.offer else _explanation(campaign),
        "pending": campaign.status == Status.RESERVING or (order is not None and order.pending),
        "unconfirmed": order is not None and not order.confirmed,
    }


def history(campaign: Campaign) -> list[HistoryLine]:
    """Return the events of a campaign, newest first."""
    events = campaign.events.select_related("by").order_by("-id")
    return [
        HistoryLine(event, event.label, str(event.by) if event.by else _("Sistema"))
        for event in events
    ]


def _explanation(campaign: Campaign) -> Event | None:
    """Return the event whose reasons the brand has to read now, if there is one."""
    if campaign.status not in moves.EXPLAINED:
        return None
    entries = campaign.events.filter(to_status=campaign.status)
    is_change = ~Q(from_status=F("to_status")) | Q(move__in=moves.PAUSING)
    event = entries.filter(is_change).order_by("-id").first()
    return event if event and moves.MOVES[event.move].advice else None


def _waiting_state(campaign: Campaign) -> WaitingState:
    if campaign.status != Status.NO_INVENTORY:
        return WaitingState()
    entry = campaign.waiting_list_entries.open().first()
    if entry and not entry.has_lapsed(campaign):
        if entry.offered_at:
            return WaitingState(entry=entry, offer=campaign.current_hold)
        ahead = WaitingListEntry.objects.ahead_of(entry).count()
        return WaitingState(entry=entry, position=ahead + 1)
    in_time = campaign.starts_on and campaign.starts_on >= readiness.first_possible_day(
        campaign.now()
    )
    return WaitingState(may_join=bool(in_time))


def _next_step(campaign: Campaign, wait: WaitingState) -> str:
    """Return a sentence about who has to act and what comes next."""
    starts = date_format(campaign.starts_on) if campaign.starts_on else ""
    ends = date_format(campaign.last_day) if campaign.last_day else ""
    match campaign.status:
        case Status.DRAFT:
            if campaign.current_hold:
                return _("La tiene tu equipo. ") + _hold_note(campaign)
            return _("La tiene tu equipo. Cuando la envíes apartamos su inventario.")
        case Status.RESERVING:
            return _("Estamos apartando su inventario. Tarda unos segundos.")
        case Status.NO_INVENTORY if wait.offer:
            return _(
                "La tiene tu equipo: envíala sin cambiarla y pasa a revisión con su inventario."
            )
        case Status.NO_INVENTORY if wait.entry:
            return _(
                "Espera a que se libere inventario. Si la cambias, sale de la lista y puedes "
                "enviarla de nuevo."
            )
        case Status.NO_INVENTORY:
            return _("La tiene tu equipo: cambia zona, fechas o volumen y envíala de nuevo.")
        case Status.IN_REVIEW if campaign.current_hold is None:
            return _(
                "La tiene Telefónica, sin inventario: lo que tenía apartado venció. Retírala y "
                "envíala de nuevo, o espera a que quien revisa lo aparte otra vez, si todavía "
                "hay. Si nadie decide antes del {at}, vence."
            ).format(at=_at(campaign.decide_by))
        case Status.IN_REVIEW:
            return _(
                "La tiene Telefónica, con el inventario apartado, y decide a más tardar el "
                "{at}. Si nadie decide, vence y el inventario se libera."
            ).format(at=_at(campaign.decide_by))
        case Status.CHANGES_REQUESTED:
            return _(
                "La tiene tu equipo: corrige lo que se pide y envíala de nuevo. "
            ) + _hold_note(campaign)
        case Status.APPROVED:
            return _("La estamos pasando a la plataforma de entrega.")
        case Status.SCHEDULED:
            return _("Sale al aire el {day}.").format(day=starts)
        case Status.LIVE:
            return _("Está al aire hasta el {day}.").format(day=ends)
        case Status.PAUSED if campaign.paused_by == PausedBy.STAFF:
            return _(
                "Telefónica la pausó: nadie la recibe y su inventario sigue siendo tuyo. Solo "
                "Telefónica puede reanudarla; pregunta en la conversación."
            )
        case Status.PAUSED if campaign.paused_by == PausedBy.SUSPENSION:
            return _(
                "Nadie la recibe mientras tu marca esté suspendida. Su inventario sigue siendo "
                "tuyo, y sigue donde iba cuando Telefónica levante la suspensión."
            )
        case Status.PAUSED:
            return _(
                "Nadie la recibe mientras esté en pausa. Su inventario sigue siendo tuyo: lo de "
                "cada día entero en pausa pasa a los días que le quedan, y si no cabe te avisamos."
            )
        case Status.FINISHED:
            return _("Terminó el {day}.").format(day=ends)
        case Status.DELETED:
            return _("La eliminó tu equipo. Recupérala para seguir con ella.")
        case _other:
            return _("Ya no sigue. Puedes copiarla como un borrador nuevo.")


def _hold_note(campaign: Campaign) -> str:
    hold = campaign.current_hold
    if hold is None:
        return _("Su inventario ya se liberó: se aparta otra vez al enviarla.")
    return _("Su inventario queda apartado hasta el {until}.").format(until=_at(hold.expires_at))


def _at(instant: datetime | None) -> str:
    return date_format(localtime(instant), "DATETIME_FORMAT")
