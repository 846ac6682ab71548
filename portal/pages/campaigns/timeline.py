"""What a campaign's page tells: where it is, who has it, what comes next, what happened."""

from typing import Any, NamedTuple

from django.db.models import F
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns import moves, readiness
from campaigns.models import AdOrder, Campaign, Event, WaitingListEntry
from inventory.models import Reservation
from segments import areas

Status = Campaign.Status


class Line(NamedTuple):
    """One line of history as people read it."""

    event: Event
    label: str | Promise
    who: str


class Wait(NamedTuple):
    """How a campaign without inventory stands with the waiting list."""

    may_join: bool = False
    place: WaitingListEntry | None = None
    position: int = 0  # 1 is the next to be tried
    offer: Reservation | None = None


def of(campaign: Campaign) -> dict[str, Any]:
    """Give all that the page says of a campaign."""
    shown = campaign if campaign.editable else campaign.version or campaign
    area = shown.chosen_area
    order = AdOrder.objects.filter(campaign=campaign).first()
    wait = _wait(campaign)
    return {
        "shown": shown,
        "area": areas.describe(area) if area else "",
        "history": history(campaign),
        "next": _next(campaign, wait),
        "wait": wait,
        "order": order,
        "buttons": _buttons(campaign, wait),
        "last_word": None if wait.offer else _last_word(campaign),
        "waiting": campaign.status == Status.RESERVING or (order is not None and order.on_its_way),
        "unconfirmed": order is not None and not order.confirmed,
    }


def _buttons(campaign: Campaign, wait: Wait) -> list[moves.Button]:
    waiting = None if not (wait.place or wait.may_join) else wait.place is not None
    return moves.buttons(campaign.status, waiting=waiting, offered=wait.offer is not None)


def history(campaign: Campaign) -> list[Line]:
    """Give what happened, newest first."""
    events = campaign.events.select_related("by").order_by("-id")
    return [
        Line(event, event.label, str(event.by) if event.by else _("Sistema")) for event in events
    ]


def _last_word(campaign: Campaign) -> Event | None:
    """Give the event whose reasons the brand has to read now, if there is one."""
    if campaign.status not in moves.EXPLAINED:
        return None
    led_here = campaign.events.filter(to_status=campaign.status)
    return led_here.exclude(from_status=F("to_status")).order_by("-id").first()


def _wait(campaign: Campaign) -> Wait:
    if campaign.status != Status.NO_INVENTORY:
        return Wait()
    place = WaitingListEntry.objects.open().filter(campaign=campaign).first()
    if place and place.offered_at and campaign.current_hold:
        return Wait(place=place, offer=campaign.current_hold)
    if place and not place.offered_at:
        ahead = WaitingListEntry.objects.ahead_of(place).count()
        return Wait(place=place, position=ahead + 1)
    in_time = campaign.starts_on and campaign.starts_on >= readiness.first_possible_day()
    return Wait(may_join=bool(in_time))


def _next(campaign: Campaign, wait: Wait) -> str:
    """Say who has it and what comes next."""
    starts = date_format(campaign.starts_on) if campaign.starts_on else ""
    ends = date_format(campaign.ends_on) if campaign.ends_on else ""
    match campaign.status:
        case Status.DRAFT:
            if campaign.current_hold:
                return _("La tiene tu equipo. ") + _kept(campaign)
            return _("La tiene tu equipo. Cuando la envíes apartamos su inventario.")
        case Status.RESERVING:
            return _("Estamos apartando su inventario. Tarda unos segundos.")
        case Status.NO_INVENTORY if wait.offer:
            return _(
                "La tiene tu equipo: envíala sin cambiarla y pasa a revisión con su inventario."
            )
        case Status.NO_INVENTORY if wait.place:
            return _(
                "Espera a que se libere inventario. Si la cambias, sale de la lista y puedes "
                "enviarla de nuevo."
            )
        case Status.NO_INVENTORY:
            return _("La tiene tu equipo: cambia zona, fechas o volumen y envíala de nuevo.")
        case Status.IN_REVIEW:
            return _(
                "La tiene Telefónica, con el inventario apartado. Si nadie decide antes "
                "del {day}, vence y el inventario se libera."
            ).format(day=starts)
        case Status.CHANGES_REQUESTED:
            return _("La tiene tu equipo: corrige lo que se pide y envíala de nuevo. ") + _kept(
                campaign
            )
        case Status.APPROVED:
            return _("La estamos pasando a la plataforma de entrega.")
        case Status.SCHEDULED:
            return _("Sale al aire el {day}.").format(day=starts)
        case Status.LIVE:
            return _("Está al aire hasta el {day}.").format(day=ends)
        case Status.PAUSED:
            return _("Nadie la recibe mientras esté en pausa. Su inventario sigue siendo tuyo.")
        case Status.FINISHED:
            return _("Terminó el {day}.").format(day=ends)
        case _other:
            return _("Ya no sigue. Puedes copiarla como un borrador nuevo.")


def _kept(campaign: Campaign) -> str:
    hold = campaign.current_hold
    if hold is None:
        return _("Su inventario ya se liberó: se aparta otra vez al enviarla.")
    return _("Su inventario queda apartado hasta el {until}.").format(
        until=date_format(localtime(hold.expires_at), "DATETIME_FORMAT")
    )
