"""Whether the gateway still sends events: its heartbeat, and the hours that it has to report."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.gateway.events import Stream
from campaigns.models import AdOrder, Campaign, GatewaySource, ReportHour, TrafficHour

SILENT_AFTER = timedelta(minutes=5)  # without a heartbeat, which comes every minute
REPORTED_WITHIN = timedelta(hours=3)  # after an hour's end
HOUR = timedelta(hours=1)


class Silence(NamedTuple):
    """Since when what is missing, in Spanish."""

    since: datetime
    what: str


def current(now: datetime) -> Silence | None:
    """Return what the gateway does not send although it holds orders; None while it sends all."""
    held_since = _running_orders_since()
    if held_since is None:
        return None
    sources = GatewaySource.objects.aggregate(beat=Max("heartbeat_at"), first=Min("first_seen_at"))
    beat = sources["beat"] or max(filter(None, [sources["first"], held_since]))
    if beat <= now - SILENT_AFTER:
        return Silence(beat, _("Sin latido desde el {since}").format(since=_moment(beat)))
    first = max(filter(None, [sources["first"], held_since]))
    return _late_hours(first, now)


def _running_orders_since() -> datetime | None:
    """Return since when the gateway has had an order that runs or will."""
    rows = AdOrder.objects.filter(
        campaign__status__in=Campaign.ORDERED, acknowledged_generation__gt=0
    )
    return rows.aggregate(since=Min("acknowledged_at"))["since"]


def _late_hours(first: datetime, now: datetime) -> Silence | None:
    """Return that the traffic's hours do not come, or those of the orders that had some of it.

    Nothing is late before a first hour has had its time.
    """
    due = now - REPORTED_WITHIN
    traffic = _newest_end(Stream.LADA_TRAFFIC) or first
    if max(traffic, first) <= due - HOUR:
        return Silence(
            traffic, _("Sin tráfico por hora desde el {since}").format(since=_moment(traffic))
        )
    counted = _newest_end(Stream.HOURLY_COUNTS) or first
    uncounted = TrafficHour.objects.filter(
        hour__gte=max(counted, first), hour__lte=due - HOUR, with_ad__gt=0
    )
    if uncounted.exists():
        return Silence(
            counted, _("Sin cuentas por hora desde el {since}").format(since=_moment(counted))
        )
    return None


def _newest_end(stream: Stream) -> datetime | None:
    """Return the end of the newest hour of a stream that was reported whole."""
    hours = ReportHour.objects.filter(stream=stream.value)
    newest: datetime | None = hours.aggregate(newest=Max("hour"))["newest"]
    return newest and newest + HOUR


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
