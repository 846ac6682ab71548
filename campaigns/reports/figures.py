"""Figures of the inbox and its streams, for metrics and staff."""

from typing import NamedTuple

from django.db.models import Count, F, Min, Sum
from django.utils import timezone

from campaigns.models import InboxEvent, StreamPosition


class Backlog(NamedTuple):
    """How many events are due, and for how many seconds the oldest has been."""

    due: int
    seconds: float


class StreamFigures(NamedTuple):
    """Events of a stream, of all sources, that are missing, and that are lost."""

    name: str
    missing: int
    lost: int


def backlog() -> Backlog:
    found = InboxEvent.objects.due().aggregate(count=Count("pk"), since=Min("received_at"))
    since = found["since"]
    return Backlog(found["count"], (timezone.now() - since).total_seconds() if since else 0.0)


def set_aside() -> dict[str, int]:
    """Return the number of events by the reason for which they were set aside."""
    rows = InboxEvent.objects.set_aside_for_a_person().values_list("set_aside")
    found = dict(rows.annotate(count=Count("pk")))
    return {reason.value: found.get(reason.value, 0) for reason in InboxEvent.Reason}


def streams() -> list[StreamFigures]:
    rows = StreamPosition.objects.values("stream").order_by("stream")
    return [
        StreamFigures(row["stream"], row["missing"], row["gone"])
        for row in rows.annotate(missing=Sum(F("last_sequence") - F("sequence")), gone=Sum("lost"))
    ]
