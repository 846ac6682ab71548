"""Channel weeks, Monday to Sunday, and the mornings on which their mails are due."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone

from core.calendar import format_date_range

MORNING = time(8)  # channel time
WEEK, DAY = timedelta(weeks=1), timedelta(days=1)


class Span(NamedTuple):
    """Channel days, from the first to the last."""

    first: date
    last: date

    def __str__(self) -> str:
        return format_date_range(self.first, self.last)

    @property
    def is_week(self) -> bool:
        return self.last - self.first == WEEK - DAY


def last_whole(now: datetime) -> Span:
    """Return the last week that is over."""
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday())
    return Span(monday - WEEK, monday - DAY)


def last_due(now: datetime) -> Span:
    """Return the last week whose mail is due: on a Monday before the morning, the one before."""
    span = last_whole(now)
    return span if due_at(span) <= now else Span(span.first - WEEK, span.last - WEEK)


def due_at(span: Span) -> datetime:
    """Return when the mail about a span of days is due: on the morning after it."""
    return _morning(span.last + DAY)


def next_due_at(now: datetime) -> datetime:
    """Return when the next weekly mails are due."""
    return _morning(last_due(now).last + DAY + WEEK)


def morning_after(moment: datetime) -> datetime:
    """Return the first morning after a moment."""
    today = timezone.localdate(moment)
    morning = _morning(today)
    return morning if morning > moment else _morning(today + DAY)


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, MORNING))
