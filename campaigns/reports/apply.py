"""Applying due events: one worker at a time, many events in one transaction with their marks.

A crash leaves events due, and applying again changes nothing: counts are absolute, and only newer
ones replace those that are there.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.gateway.events import (
    Heartbeat,
    HourlyCounts,
    LadaTraffic,
    OrderProgress,
    StateChange,
    Stream,
)
from campaigns.models import GatewaySource, InboxEvent
from campaigns.reports import (
    content,
    day_totals,
    hour_counts,
    hours,
    inbox,
    known_orders,
    order_states,
    positions,
    upserts,
)
from campaigns.reports.content import Content, SetAside
from core import advisory_locks
from core.advisory_locks import Key
from core.wake import wake

log = structlog.get_logger(__name__)

Reason = InboxEvent.Reason
MAX_ROWS = 20_000  # of one transaction
MAX_EVENTS = 500
CHUNK = 40  # events that are fetched at once
ROUND = 30.0  # seconds after which a task ends, and wakes the next


class NotOurTurn(Exception):
    """Another worker is applying."""


def apply_due() -> int:
    """Apply all that is due, until ROUND is over; return how many events were taken.

    Changes of state come one by one: each takes the lock of one ad order, never of two.
    """
    inbox.release_known()
    changes = Stream.STATE_CHANGES.event_type
    due = InboxEvent.objects.due()
    taken, deadline = 0, time.monotonic() + ROUND
    try:
        for events, most in (
            (due.exclude(type=changes), MAX_EVENTS),
            (due.filter(type=changes), 1),
        ):
            while time.monotonic() < deadline and (count := _apply(events, most)):
                taken += count
    except NotOurTurn:
        return taken
    day_totals.compute_marked()
    if due.exists():
        wake(inbox.APPLY)
    elif taken:
        wake("campaigns.tasks.advance_due")  # a campaign may have reached its goal
    return taken


def _apply(events: QuerySet[InboxEvent], most: int) -> int:
    """Apply the first events; if that fails, each of them alone, to find the one that fails.

    Return how many. Raises NotOurTurn, and database errors that pass by themselves.
    """
    try:
        return _apply_together(events, most)
    except (NotOurTurn, OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("reports_not_applied")
    ids = list(events.order_by("id").values_list("pk", flat=True)[:most])
    for pk in ids:
        _apply_alone(pk)
    return len(ids)


def _apply_alone(pk: int) -> None:
    rows = InboxEvent.objects.filter(pk=pk)
    try:
        _apply_together(rows.due(), 1)
    except (NotOurTurn, OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("report_set_aside", row=pk, reason=Reason.FAILED.value)
        rows.update(set_aside=Reason.FAILED, detail=type(error).__name__)


@transaction.atomic
def _apply_together(events: QuerySet[InboxEvent], most: int) -> int:
    """Apply the first events, up to MAX_ROWS of rows; return how many. Raises NotOurTurn."""
    if not advisory_locks.try_acquire(Key.REPORTS):
        raise NotOurTurn
    batch = Batch(timezone.now())
    for event in events.order_by("id")[:most].iterator(chunk_size=CHUNK):
        batch.add(event)
        if batch.rows >= MAX_ROWS:
            break
    batch.apply()
    return len(batch.events)


class Batch:
    """Events that are applied in one transaction."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rows = 0
        self.events: list[InboxEvent] = []
        self._contents: list[tuple[InboxEvent, datetime, Content]] = []

    def add(self, event: InboxEvent) -> None:
        """Read an event, or set it aside."""
        self.events.append(event)
        try:
            at, found = content.read(event, self.now)
        except SetAside as error:
            _set_aside(event, error.reason, error.detail)
        else:
            self._contents.append((event, at, found))
            self.rows += len(getattr(found, "rows", ()))

    def apply(self) -> None:
        """Write what the events say, what became of them, and how far the streams are read."""
        if not self.events:
            return
        self._set_clashing_aside()
        self._write_counts()
        self._write_traffic()
        self._write_states()
        heads = self._write_heartbeats()
        self._write_marks()
        positions.advance(self._newest() | heads, self.now)

    def _of(self, kind: type[Any]) -> list[tuple[InboxEvent, datetime, Any]]:
        return [
            (event, at, found)
            for event, at, found in self._contents
            if isinstance(found, kind) and event.set_aside not in positions.NOT_OF_THE_STREAM
        ]

    def _set_clashing_aside(self) -> None:
        ignored = [e.pk for e in self.events if e.set_aside in positions.NOT_OF_THE_STREAM]
        events = [event for event, _at, _found in self._contents]
        clashing = positions.clashing(events, ignored=ignored)
        for event in events:
            if event.pk in clashing:
                _set_aside(event, Reason.SEQUENCE, f"{event.stream} {event.sequence}")

    def _write_counts(self) -> None:
        hourly, progress = self._of(HourlyCounts), self._of(OrderProgress)
        both = [(event, found) for event, _at, found in (*hourly, *progress)]
        known = known_orders.among(
            {row.ad_order_id for _event, found in both for row in found.rows}
        )
        for event, found in both:
            _note_unknown(event, (row.ad_order_id for row in found.rows), known)
        hour_counts.write([found for _event, _at, found in hourly], known)
        rows = (row for _event, _at, found in progress for row in found.rows)
        upserts.upsert(
            upserts.PROGRESS,
            (
                (known[r.ad_order_id], r.as_of, r.inserted, r.delivered, r.failed, r.no_receipt)
                for r in rows
                if r.ad_order_id in known
            ),
        )

    def _write_traffic(self) -> None:
        parts: list[LadaTraffic] = [found for _event, _at, found in self._of(LadaTraffic)]
        upserts.upsert(
            upserts.TRAFFIC,
            (
                (
                    *(part.hour_start, row.lada, part.revision, row.notifications, row.eligible),
                    *(row.with_ad, row.suppressed_consent, row.suppressed_length, row.unsold),
                )
                for part in parts
                for row in part.rows
            ),
        )
        hours.note(Stream.LADA_TRAFFIC, parts)

    def _write_states(self) -> None:
        for event, at, found in self._of(StateChange):
            known = known_orders.among({found.ad_order_id})
            _note_unknown(event, [found.ad_order_id], known)
            for order_id in known.values():
                order_states.write(order_id, found, at)

    def _write_heartbeats(self) -> dict[positions.Name, int]:
        """Return the newest numbers that heartbeats name."""
        heads: dict[positions.Name, int] = {}
        names = {stream.value for stream in Stream}
        for event, _at, found in self._of(Heartbeat):
            source, _created = GatewaySource.objects.get_or_create(source=event.source)
            if source.clock is None or found.clock > source.clock:
                source.heartbeat_at, source.clock = event.received_at, found.clock
                source.save(update_fields=["heartbeat_at", "clock"])
            for head in found.streams:
                if head.stream in names:
                    name = (event.source, head.stream)
                    heads[name] = max(heads.get(name, 0), head.last_sequence)
        return heads

    def _write_marks(self) -> None:
        aside = [event for event in self.events if event.set_aside]
        InboxEvent.objects.bulk_update(aside, ["set_aside", "detail"])
        applied = [event.pk for event in self.events if not event.set_aside]
        InboxEvent.objects.filter(pk__in=applied).update(applied_at=self.now)

    def _newest(self) -> dict[positions.Name, int]:
        newest: dict[positions.Name, int] = {}
        for event, _at, _found in self._contents:
            if event.sequence is not None:
                name = (event.source, event.stream)
                newest[name] = max(newest.get(name, 0), event.sequence)
        return newest


def _note_unknown(event: InboxEvent, names: Iterable[str], known: dict[str, UUID]) -> None:
    if unknown := sorted(set(names) - known.keys()):
        _set_aside(event, Reason.UNKNOWN_ORDER, " ".join(unknown))


def _set_aside(event: InboxEvent, reason: InboxEvent.Reason, detail: str) -> None:
    event.set_aside, event.detail = reason.value, detail
    log.warning("report_set_aside", row=event.pk, reason=reason.value, detail=detail[:200])
