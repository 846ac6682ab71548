"""Why nothing of a campaign was delivered yet, or why its counts stand still."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from typing import NamedTuple

from django.db import models
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import (
    AdOrder,
    Campaign,
    ChannelSwitch,
    GatewaySource,
    OrderCount,
    TrafficHour,
)
from campaigns.moves import PausedBy, Status
from campaigns.silence import SILENT_AFTER


class Zero(models.TextChoices):
    """The reasons. The values are part of the public API."""

    NOT_STARTED = "not_started", _("Todavía no llega su primer día.")
    PAUSED = "paused", _("Está en pausa.")
    SUSPENDED = "brand_suspended", _("Su marca está suspendida.")
    CHANNEL_STOPPED = "channel_stopped", _("Telefónica detuvo el canal: no sale ninguna campaña.")
    UNCONFIRMED = "unconfirmed", _("La plataforma de entrega todavía no confirma su orden.")
    SILENT = "silent_gateway", _("La plataforma de entrega no manda datos.")
    NO_TRAFFIC = "no_traffic", _("Hoy no hubo llamadas perdidas en sus LADA.")
    SUPPRESSED = (
        "suppressed",
        _(
            "Hoy ninguna notificación de sus LADA pudo llevar anuncio, por consentimiento o por "
            "largo."
        ),
    )
    NO_RECEIPTS = "no_receipts", _("Ya salió. Faltan los acuses de entrega.")
    NOT_COUNTED = "not_counted", _("Esperamos las primeras cuentas de la plataforma de entrega.")
    ENDED = "ended", _("Terminó sin entregas.")

    @property
    def is_trouble(self) -> bool:
        """Whether somebody at Telefónica has to act."""
        return self in (Zero.CHANNEL_STOPPED, Zero.UNCONFIRMED, Zero.SILENT)


class ChannelNow(NamedTuple):
    """What holds for all campaigns: whether the channel is stopped, and the last heartbeat."""

    is_stopped: bool
    heartbeat_at: datetime | None
    now: datetime

    @property
    def is_silent(self) -> bool:
        return self.heartbeat_at is None or self.heartbeat_at < self.now - SILENT_AFTER


def channel_now(now: datetime) -> ChannelNow:
    """Return the state of the channel. Two queries."""
    newest = GatewaySource.objects.aggregate(at=Max("heartbeat_at"))["at"]
    return ChannelNow(ChannelSwitch.objects.current_stop() is not None, newest, now)


def sandbox_now(clock: datetime) -> ChannelNow:
    """Return the state of the channel that a sandbox brand plays: it always runs."""
    return ChannelNow(is_stopped=False, heartbeat_at=clock, now=clock)


def reason(
    campaign: Campaign, order: AdOrder, counts: OrderCount | None, channel: ChannelNow
) -> Zero | None:
    """Return why a campaign has no deliveries, or why its counts stand still; else None.

    Where it is NOT_COUNTED, today's traffic may say more.
    """
    inserted, delivered = (counts.inserted, counts.delivered) if counts else (0, 0)
    confirmed = campaign.sandbox or order.acknowledged_generation > 0
    if campaign.status in Campaign.ENDED:
        return None if inserted else Zero.ENDED
    if campaign.status == Status.LIVE and (cause := _standstill(confirmed, channel)):
        return cause
    if delivered:
        return None
    if inserted:
        return Zero.NO_RECEIPTS
    if campaign.starts_on is None or campaign.starts_on > timezone.localdate(channel.now):
        return Zero.NOT_STARTED
    if campaign.status == Status.PAUSED:
        suspended = campaign.paused_by == PausedBy.SUSPENSION
        return Zero.SUSPENDED if suspended else Zero.PAUSED
    return Zero.NOT_COUNTED if confirmed else Zero.UNCONFIRMED


def _standstill(confirmed: bool, channel: ChannelNow) -> Zero | None:
    """Return why the counts of a live campaign do not move; None if nothing stops them."""
    if channel.is_stopped:
        return Zero.CHANNEL_STOPPED
    if not confirmed:
        return Zero.UNCONFIRMED
    return Zero.SILENT if channel.is_silent else None


def by_traffic(campaigns: Collection[Campaign], now: datetime) -> Mapping[int, Zero]:
    """Return what today's traffic in its LADAs says of each campaign, by its id. Two queries."""
    rows = Campaign.objects.filter(pk__in=[campaign.pk for campaign in campaigns])
    ladas_of = dict(rows.values_list("pk", "reservation__ladas"))
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time()))
    hours = TrafficHour.objects.filter(
        hour__gte=midnight, lada__in=set[str]().union(*ladas_of.values())
    )
    sums = hours.order_by().values_list("lada").annotate(Sum("notifications"), Sum("eligible"))
    traffic = {lada: (notifications, eligible) for lada, notifications, eligible in sums}
    return {
        pk: _verdict([traffic[lada] for lada in ladas if lada in traffic])
        for pk, ladas in ladas_of.items()
    }


def _verdict(traffic: Sequence[tuple[int, int]]) -> Zero:
    """Return the reason by (notifications, eligible) of each LADA that was reported."""
    if not traffic:
        return Zero.NOT_COUNTED
    if not any(notifications for notifications, _eligible in traffic):
        return Zero.NO_TRAFFIC
    if not any(eligible for _notifications, eligible in traffic):
        return Zero.SUPPRESSED
    return Zero.NOT_COUNTED
