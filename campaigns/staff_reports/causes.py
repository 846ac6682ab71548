"""Why campaigns are short, as far as the data knows: each cause with its evidence.

A cause is measured by what was planned where and when it held. That is the most it can have kept
from going out, and causes may overlap (ADR 44).
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.gateway.contract import OrderState
from campaigns.moves import MOVES, Status
from campaigns.reports.delivery import DAY, midnight
from campaigns.staff_reports import shortfalls
from campaigns.staff_reports.evidence import Evidence, Interval, Plan
from campaigns.staff_reports.shortfalls import Shortfall
from inventory.models import JournalEntry

Action = JournalEntry.Action


class Reason(models.TextChoices):
    """The reasons, in the order in which they are named where they weigh the same."""

    CANCELLED = "cancelled", gettext_lazy("Cancelada")
    UNCONFIRMED = "unconfirmed", gettext_lazy("Orden sin confirmar")
    CHANNEL_STOPPED = "channel_stopped", gettext_lazy("Canal detenido")
    PAUSED = "paused", gettext_lazy("En pausa")
    AT_RISK = "at_risk", gettext_lazy("Recorte de capacidad")
    SILENT = "silent", gettext_lazy("Plataforma sin reportar")
    NO_TRAFFIC = "no_traffic", gettext_lazy("Menos llamadas perdidas")
    SUPPRESSED = "suppressed", gettext_lazy("Consentimiento o largo")
    UNKNOWN = "unknown", gettext_lazy("Sin causa registrada")


class Cause(NamedTuple):
    """A reason, how many notifications it can have kept back at most, and what shows it."""

    reason: Reason
    notifications: int
    evidence: str


class Explained(NamedTuple):
    """A short campaign and its causes, the heaviest first; never without one."""

    shortfall: Shortfall
    causes: list[Cause]

    @property
    def main(self) -> Reason:
        return self.causes[0].reason


def explain(short: Collection[Shortfall], now: datetime) -> list[Explained]:
    """Return short campaigns with their causes, in the same order.

    A bounded number of queries: one more for every 500 campaigns, whose plans are arrays.
    """
    evidence = Evidence.read([each.order for each in short], now)
    plans = evidence.plans([each.order for each in short])
    return [
        _explain(each, evidence, plan, shortfalls.counted_until(now))
        for each, plan in zip(short, plans, strict=True)
    ]


def _explain(short: Shortfall, evidence: Evidence, plan: Plan, until: date) -> Explained:
    found = [
        _cancelled(short, evidence),
        _unconfirmed(short, evidence, plan, until),
        _stopped(short, evidence, plan, until),
        _paused(short, evidence, plan, until),
        _at_risk(short, evidence, plan),
        _silent(short, evidence, plan, until),
        *_traffic(evidence, plan),
    ]
    causes = sorted(
        (cause for cause in found if cause and cause.notifications),
        key=lambda cause: -cause.notifications,
    )
    capped = [
        cause._replace(notifications=min(cause.notifications, short.missing)) for cause in causes
    ]
    unknown = Cause(Reason.UNKNOWN, short.missing, _("Nada de lo que se registra lo explica."))
    return Explained(short, capped or [unknown])


def _cancelled(short: Shortfall, evidence: Evidence) -> Cause | None:
    if short.order.status != Status.CANCELLED:
        return None
    event = evidence.last_event(short.order.campaign)
    assert event is not None  # the database keeps one of every move
    returned = evidence.journal(short.order.reservation, Action.RELEASE)
    text = _("{label} el {day}; se devolvieron {count}.").format(
        label=MOVES[event.move].label, day=_day(event.at), count=intcomma(returned)
    )
    return Cause(Reason.CANCELLED, returned, text)


def _unconfirmed(short: Shortfall, evidence: Evidence, plan: Plan, until: date) -> Cause | None:
    state = evidence.gateway_state(short.order.order)
    if state.name == OrderState.REJECTED:
        text = _("La plataforma la rechazó: {reason}").format(
            reason=state.reason or _("sin motivo")
        )
        return Cause(Reason.UNCONFIRMED, short.missing, text)
    confirmed = evidence.first_event(short.order.campaign, "schedule")
    begin = midnight(short.order.starts_on)
    if confirmed and confirmed.at <= begin:
        return None
    if confirmed is None:
        missed, text = short.missing, _("La plataforma nunca confirmó su orden.")
        return (
            None
            if short.order.status == Status.CANCELLED
            else Cause(Reason.UNCONFIRMED, missed, text)
        )
    shares = _shares(short, [Interval(begin, confirmed.at)], until)
    text = _("La plataforma confirmó su orden hasta el {day}.").format(day=_day(confirmed.at))
    return Cause(Reason.UNCONFIRMED, plan.within(shares), text)


def _stopped(short: Shortfall, evidence: Evidence, plan: Plan, until: date) -> Cause:
    shares = _shares(short, evidence.stops, until)
    text = _("El canal estuvo detenido {time} en sus días.").format(time=_length(shares))
    return Cause(Reason.CHANNEL_STOPPED, plan.within(shares), text)


def _paused(short: Shortfall, evidence: Evidence, plan: Plan, until: date) -> Cause:
    """Return what its pauses kept back: on the plan still, or taken off it and without a place."""
    pauses = evidence.pauses(short.order.campaign)
    shares = _shares(short, [pause.interval for pause in pauses], until)
    undelivered = evidence.journal(short.order.reservation, Action.UNDELIVERED)
    names = dict.fromkeys(str(MOVES[pause.move].label) for pause in pauses)
    text = _("{labels}: {time} de sus días.").format(labels=", ".join(names), time=_length(shares))
    return Cause(Reason.PAUSED, plan.within(shares) + min(undelivered, plan.at_risk), text)


def _at_risk(short: Shortfall, evidence: Evidence, plan: Plan) -> Cause:
    undelivered = evidence.journal(short.order.reservation, Action.UNDELIVERED)
    lost = max(plan.at_risk - undelivered, 0)
    text = _("Un recorte de capacidad le quitó el lugar a {count}.").format(count=intcomma(lost))
    return Cause(Reason.AT_RISK, lost, text)


def _silent(short: Shortfall, evidence: Evidence, plan: Plan, until: date) -> Cause:
    days = _days(short, until)
    shares = [evidence.unreported(day) for day in days]
    text = _("Faltan las cuentas de {time} de sus días.").format(time=_length(shares))
    return Cause(Reason.SILENT, plan.within(shares), text)


def _traffic(evidence: Evidence, plan: Plan) -> list[Cause]:
    """Return what its cells lacked: of a cell that is short, each campaign lost the same share."""
    no_calls, no_ads = evidence.lacking(plan)
    return [
        Cause(reason, round(float(lost.sum())), _cells(int((lost > 0).sum()), text))
        for reason, lost, text in (
            (Reason.NO_TRAFFIC, no_calls, _("tuvieron menos llamadas perdidas que lo vendido")),
            (
                Reason.SUPPRESSED,
                no_ads,
                _("tuvieron menos notificaciones con lugar que lo vendido"),
            ),
        )
    ]


def _cells(count: int, text: str) -> str:
    cells = ngettext("{n} celda de día y LADA", "{n} celdas de día y LADA", count)
    return f"{cells.format(n=intcomma(count))} {text}."


def _days(short: Shortfall, until: date) -> list[date]:
    """Return its days that should be counted."""
    first, last = short.order.starts_on, min(short.order.ends_on, until)
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def _shares(short: Shortfall, intervals: Iterable[Interval], until: date) -> list[float]:
    """Return which part of each of its days some intervals cover, from 0 to 1."""
    days = _days(short, until)
    shares = [0.0] * len(days)
    for interval in intervals:
        for number, day in enumerate(days):
            begin, end = midnight(day), midnight(day + DAY)
            both = min(end, interval.end) - max(begin, interval.begin)
            shares[number] += max(both / (end - begin), 0.0)
    return [min(share, 1.0) for share in shares]


def _length(shares: Iterable[float]) -> str:
    """Return parts of days, added up, in words."""
    hours = 24 * sum(shares)
    if hours < 48:
        return _("{hours:.0f} h").format(hours=hours)
    return _("{days:.1f} días").format(days=hours / 24)


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
