"""Partitions of the hours: one a month, or one a day while there are many orders (UTC).

The applier makes the one it needs; a task makes those of the next days, and drops each whose hours
are all older than they are kept. Day totals stay.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Self

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from campaigns.gateway.contract import OrderState
from campaigns.models import AdOrder, HourCount
from campaigns.reports import content

log = structlog.get_logger(__name__)

TABLE = HourCount._meta.db_table
AHEAD = timedelta(days=2)
DROP_WAIT = "2s"  # for those who read; then the next run tries again
ENDED = [state.value for state in (OrderState.COMPLETED, OrderState.EXPIRED, OrderState.CANCELLED)]

_NAME = re.compile(rf"{TABLE}_(\d{{4}})_(\d{{2}})(?:_(\d{{2}}))?")


class Span(NamedTuple):
    """A month (`day` is None) or a day of UTC."""

    year: int
    month: int
    day: int | None = None

    @classmethod
    def of(cls, moment: date, *, by_day: bool) -> Self:
        return cls(moment.year, moment.month, moment.day if by_day else None)

    @property
    def name(self) -> str:
        """The name of its partition."""
        return "_".join([TABLE, f"{self.year}", *(f"{part:02}" for part in self[1:] if part)])

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, self.day or 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        if self.day:
            return self.start + timedelta(days=1)
        return (self.start + timedelta(days=31)).replace(day=1)


def existing() -> list[Span]:
    """Return the spans that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
            "WHERE inhparent = %s::regclass",
            [TABLE],
        )
        names = [_NAME.fullmatch(name) for (name,) in cursor.fetchall()]
    spans = (Span(*(int(part) for part in found.groups() if part)) for found in names if found)
    return sorted(spans, key=lambda span: span.start)


def ensure(hours: Iterable[datetime]) -> None:
    """Make the partitions that hours need and that do not exist; in a transaction."""
    spans = existing()
    for day in sorted({hour.astimezone(UTC).date() for hour in hours}):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if not any(span.start <= start < span.end for span in spans):
            month = Span.of(day, by_day=False)
            has_days = any(month.start <= span.start < month.end for span in spans)
            span = Span.of(day, by_day=has_days or _are_orders_many())
            _create(span)
            spans.append(span)


def keep() -> None:
    """Make the partitions of the next days and drop the old ones."""
    now = timezone.now()
    with transaction.atomic():
        ensure([now, now + AHEAD / 2, now + AHEAD])
    for span in _old(now):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{DROP_WAIT}'; DROP TABLE {span.name}")
        log.info("report_hours_dropped", partition=span.name)


def _old(now: datetime) -> Iterator[Span]:
    oldest = content.oldest_kept(now)
    return (span for span in existing() if span.end <= oldest)


def _create(span: Span) -> None:
    """Make a table and attach it, which, unlike PARTITION OF, delays nobody who reads."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {span.name} (LIKE {TABLE} INCLUDING ALL);"
            f"ALTER TABLE {TABLE} ATTACH PARTITION {span.name} "
            f"FOR VALUES FROM ('{span.start.isoformat()}') TO ('{span.end.isoformat()}')"
        )
    log.info("report_hours_partition", partition=span.name)


def _are_orders_many() -> bool:
    running = AdOrder.objects.exclude(gateway_state__in=["", *ENDED])
    return running.count() > settings.REPORT_DAY_PARTITIONS_ABOVE
