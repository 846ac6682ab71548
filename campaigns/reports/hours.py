"""Which hours are whole: all parts of all their revisions have been applied."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils import timezone

from campaigns.gateway.events import HourPart, Stream
from campaigns.models import Brand, ReportHour, ReportPart


def stream_of(brand: Brand | None) -> str:
    """Return the stream in which the hours of a brand are counted: a sandbox has one of its own."""
    return f"sandbox-{brand.pk}" if brand and brand.is_sandbox else Stream.HOURLY_COUNTS.value


def note(stream: str, parts: Collection[HourPart], at: datetime | None = None) -> None:
    """Record applied parts, and how far their hours are whole, at a moment (now).

    Call it in a transaction.
    """
    if not parts:
        return
    ReportPart.objects.bulk_create(
        [
            ReportPart(
                stream=stream,
                hour=part.hour_start,
                revision=part.revision,
                part=part.part,
                parts=part.parts,
                final=part.final,
            )
            for part in parts
        ],
        ignore_conflicts=True,
    )
    hours = {part.hour_start for part in parts}
    reached = {
        row.hour: row.revision for row in ReportHour.objects.filter(stream=stream, hour__in=hours)
    }
    known: dict[datetime, list[ReportPart]] = defaultdict(list)
    for row in ReportPart.objects.filter(stream=stream, hour__in=hours):
        known[row.hour].append(row)
    now = at or timezone.now()
    whole = [
        ReportHour(
            stream=stream,
            hour=hour,
            revision=revision,
            final=final,
            completed_at=now,
            first_completed_at=now,  # kept by a later revision
        )
        for hour in sorted(hours)
        for revision, final in [_whole(known[hour])]
        if revision > reached.get(hour, 0)
    ]
    ReportHour.objects.bulk_create(
        whole,
        update_conflicts=True,
        unique_fields=["stream", "hour"],
        update_fields=["revision", "final", "completed_at"],
    )


def _whole(parts: Iterable[ReportPart]) -> tuple[int, bool]:
    """Return the revision up to which nothing is missing, and whether it is the final one."""
    by_revision: dict[int, list[ReportPart]] = defaultdict(list)
    for part in parts:
        by_revision[part.revision].append(part)
    revision, final = 0, False
    while rows := by_revision.get(revision + 1):
        if len(rows) < max(row.parts for row in rows):
            break
        revision, final = revision + 1, any(row.final for row in rows)
    return revision, final
