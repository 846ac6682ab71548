"""How long the gateway takes to confirm what is asked of it, and to report hours."""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, OuterRef, QuerySet, Subquery

from campaigns.gateway.events import Stream
from campaigns.models import ChannelSwitch, Event, ReportHour
from campaigns.moves import MOVES, PAUSING, Status
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.staff_reports.times import Times

STOPS = (*PAUSING, *(move.name for move in MOVES.values() if Status.CANCELLED in move.targets))


class Confirmations(NamedTuple):
    """The times of what was confirmed, and how many of the others have no time on record."""

    times: Times
    others: int


class HourTimes(NamedTuple):
    """From the end of the hours of a stream until they are whole and final; those not reported."""

    whole: Times
    final: Times
    missing: int


def approvals(first: date, last: date) -> Confirmations:
    """Return how long orders take from their approval until the gateway has them. One query."""
    confirmed = Event.objects.filter(
        campaign=OuterRef("campaign"), move="schedule", pk__gt=OuterRef("pk")
    )
    rows = _events(first, last).filter(move="approve")
    found = rows.annotate(until=Subquery(confirmed.order_by("id").values("at")[:1]))
    return _confirmations(list(found.values_list("at", "until")))


def stops(first: date, last: date) -> Confirmations:
    """Return how long pauses and cancellations take until the gateway has them. One query.

    An order keeps the time of its last stop only, and that of none from before there was a record.
    """
    rows = _events(first, last).filter(
        move__in=STOPS, campaign__ad_order__acknowledged_generation__gt=0
    )
    rows = rows.exclude(from_status=Status.PAUSED, to_status=Status.PAUSED)
    newest = rows.order_by("campaign_id", "-id").distinct("campaign_id")
    found = newest.values_list("at", F("campaign__ad_order__stop_confirmed_at"))
    return _confirmations([(at, until if until and until >= at else None) for at, until in found])


def channel_stops(first: date, last: date) -> Confirmations:
    """Return how long stops of the channel, and its ways back, take until the gateway has them."""
    rows = ChannelSwitch.objects.filter(at__gte=midnight(first), at__lt=midnight(last + DAY))
    return _confirmations(list(rows.values_list("at", "acknowledged_at")))


def hours(first: date, last: date, stream: Stream, now: datetime) -> HourTimes:
    """Return the times of the hours of a span of channel days that are over. One query."""
    begin, end = midnight(first), min(midnight(last + DAY), now)
    rows = ReportHour.objects.filter(stream=stream, hour__gte=begin, hour__lt=end)
    found = list(rows.values_list("hour", "first_completed_at", "completed_at", "final"))
    return HourTimes(
        Times.of(
            [(whole - hour - HOUR).total_seconds() for hour, whole, _at, _f in found if whole]
        ),
        Times.of([(at - hour - HOUR).total_seconds() for hour, _w, at, final in found if final]),
        max((end - begin) // HOUR - len(found), 0) if end > begin else 0,
    )


def _events(first: date, last: date) -> QuerySet[Event]:
    return Event.objects.filter(
        campaign__sandbox=False, at__gte=midnight(first), at__lt=midnight(last + DAY)
    )


def _confirmations(found: list[tuple[datetime, datetime | None]]) -> Confirmations:
    known = [(until - at).total_seconds() for at, until in found if until]
    return Confirmations(Times.of(known), len(found) - len(known))
