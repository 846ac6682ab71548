"""How far each stream has been read: up to the first number that is not in the inbox."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import structlog
from django.db.models import QuerySet

from campaigns.models import GatewaySource, InboxEvent, StreamPosition
from core.wake import wake

log = structlog.get_logger(__name__)

PULL = "campaigns.tasks.pull_reports"
Reason = InboxEvent.Reason
NOT_OF_THE_STREAM = [Reason.WRONG_STREAM, Reason.SEQUENCE]  # these do not use up a number
Name = tuple[str, str]  # source, stream


def clashing(events: Iterable[InboxEvent], *, ignored: Collection[int]) -> set[int]:
    """Return the ids of events whose number an earlier event with another id has used.

    `ignored`: the ids of events that are about to be set aside as not of their stream.
    """
    by_stream: dict[Name, dict[int, int]] = defaultdict(dict)
    for event in events:
        if event.sequence is not None:
            by_stream[event.source, event.stream][event.pk] = event.sequence
    found: set[int] = set()
    for (source, stream), numbers in by_stream.items():
        rows = (
            numbered(source, stream)
            .filter(sequence__in=set(numbers.values()))
            .exclude(pk__in=ignored)
        )
        first = dict(rows.order_by("-pk").values_list("sequence", "pk"))  # the lowest id wins
        found |= {pk for pk, number in numbers.items() if first[number] < pk}
    return found


def numbered(source: str, stream: str) -> QuerySet[InboxEvent]:
    """Return the events that use up numbers of a stream."""
    rows = InboxEvent.objects.filter(source=source, stream=stream, sequence__isnull=False)
    return rows.exclude(set_aside__in=NOT_OF_THE_STREAM)


def advance(newest: Mapping[Name, int], now: datetime) -> None:
    """Read streams on, whose newest known numbers are given; in the applier's transaction."""
    for source in {source for source, _stream in newest}:
        _row, is_new = GatewaySource.objects.get_or_create(source=source)
        if is_new:
            log.warning("gateway_source_new", source=source)
    for (source, stream), number in newest.items():
        position, _created = StreamPosition.objects.get_or_create(source=source, stream=stream)
        position.last_sequence = max(position.last_sequence, number)
        read_on(position, now)


def read_on(position: StreamPosition, now: datetime) -> None:
    """Advance a position over the events that are there, and note a gap or its end."""
    rows = numbered(position.source, position.stream).filter(sequence__gt=position.sequence)
    for row in rows.order_by("sequence").only("sequence").iterator():
        number = row.sequence or 0
        if number > position.sequence + 1:
            break
        position.sequence = number
    position.last_sequence = max(position.last_sequence, position.sequence)
    has_gap = position.sequence < position.last_sequence
    if has_gap and position.gap_since is None:
        log.warning("report_gap", stream=position.stream, after=position.sequence)
        wake(PULL)
    position.gap_since = (position.gap_since or now) if has_gap else None
    position.save()
