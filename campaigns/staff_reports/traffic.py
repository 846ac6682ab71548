"""The notifications that there were, by channel day and LADA, and the days that are whole."""

from collections import Counter
from datetime import date

from django.conf import settings
from django.utils import timezone

from campaigns.gateway.events import Stream
from campaigns.models import ReportHour
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.staff_reports.frame import Frame
from inventory.planning.flow import Counts as Numbers

NOTIFICATIONS, ELIGIBLE, WITH_AD = range(3)


def read(frame: Frame) -> Numbers:
    """Return (3, D, L): notifications, those that could carry an ad, and those that did."""
    return frame.read(_TRAFFIC, [settings.TIME_ZONE, frame.begin, frame.end], 3)


def whole_days(frame: Frame, stream: Stream = Stream.LADA_TRAFFIC) -> set[date]:
    """Return the channel days of which all hours of a stream were reported. One query."""
    reported = hours_by_day(frame, stream)
    return {day for day in frame.days if reported[day] >= hours_of(day)}


def hours_by_day(frame: Frame, stream: Stream) -> Counter[date]:
    """Return how many hours of each channel day were reported whole. One query."""
    rows = ReportHour.objects.filter(stream=stream, hour__gte=frame.begin, hour__lt=frame.end)
    return Counter(timezone.localdate(hour) for hour in rows.values_list("hour", flat=True))


def hours_of(day: date) -> int:
    """Return how many hours a channel day has."""
    return (midnight(day + DAY) - midnight(day)) // HOUR


_TRAFFIC = """
    SELECT day, array_send(array_agg(lada::int)), array_send(array_agg(notifications)),
           array_send(array_agg(eligible)), array_send(array_agg(with_ad))
    FROM (
        SELECT (hour AT TIME ZONE %s)::date AS day, lada, sum(notifications)::int AS notifications,
               sum(eligible)::int AS eligible, sum(with_ad)::int AS with_ad
        FROM campaigns_traffichour WHERE hour >= %s AND hour < %s GROUP BY 1, 2
    ) AS sums
    GROUP BY day
"""
