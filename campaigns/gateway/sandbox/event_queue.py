"""The events of the gateway: numbered, kept for listReports, and waiting to be pushed."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from campaigns.gateway.contract import canonical_json
from campaigns.gateway.contract_model import ContractModel
from campaigns.gateway.events import (
    HEARTBEAT_TYPE,
    MAX_EVENT_BYTES,
    MAX_ROWS,
    Heartbeat,
    OrderProgress,
    ProgressRow,
    StateChange,
    Stream,
    StreamHead,
)
from campaigns.gateway.sandbox.clock import Clock, channel_day, format_instant
from campaigns.gateway.sandbox.faults import EVENTS_OPERATION, FaultInjector, FaultKind
from campaigns.gateway.sandbox.store import COUNTS, GatewayStore

KEPT = timedelta(days=7)
PROGRESS_SECONDS = 300
MAX_PAGE_BYTES = 4 * 1024 * 1024
ENVELOPE_BYTES = 1024  # what an event takes besides its rows, with room to spare


class EventQueue:
    """The streams of events. All methods but `page` and `heads` are called in a transaction."""

    def __init__(self, store: GatewayStore, clock: Clock, faults: FaultInjector) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults

    @property
    def source(self) -> str:
        """The identity of the gateway's counts; a gateway that lost them has a new one."""
        source = self._store.setting("source", "")
        if not source:
            source = f"urn:missed-call-ads:gateway:{uuid4().hex}"
            self._store.write_setting("source", source)
        return source

    def append(self, stream: Stream, data: ContractModel, at: datetime) -> None:
        """Queue an event as the next one of its stream."""
        last = self._last_sequences().get(stream.value, 0)
        skip = self._faults.take(EVENTS_OPERATION, FaultKind.HOLE) is not None
        sequence = last + 2 if skip else last + 1
        event_id = f"{stream}-{sequence}"
        members = {"stream": stream.value, "sequence": sequence, "data": data.to_json()}
        body = self._envelope(event_id, stream.event_type, at) | members
        self._store.fetch_all(
            "INSERT OR REPLACE INTO stream VALUES (:name, :last)",
            {"name": stream.value, "last": sequence},
        )
        self._store.fetch_all(
            "INSERT INTO event (stream, sequence, id, body, at)"
            " VALUES (:stream, :sequence, :id, :body, :at)",
            {
                "stream": stream.value,
                "sequence": sequence,
                "id": event_id,
                "body": canonical_json(body).decode(),
                "at": int(at.timestamp()),
            },
        )

    def report_states(self, at: datetime) -> None:
        """Queue an event for each order whose state has changed since its last report."""
        changed = self._store.changed_states(channel_day(at))
        for order in changed:
            change = StateChange(
                ad_order_id=order.order_id,
                observed_generation=order.generation,
                state=order.state,
                state_reason=order.reason,
            )
            self.append(Stream.STATE_CHANGES, change, at)
        self._store.write_many(
            "INSERT OR REPLACE INTO reported_state VALUES (?, ?)",
            [(order.order_id, order.state.value) for order in changed],
        )

    def report_progress(self, at: datetime) -> None:
        """Queue the counts that have changed, if five minutes have begun since the last report."""
        slot = int(at.timestamp()) // PROGRESS_SECONDS
        if slot == int(self._store.setting("progress_slot", "0")):
            return
        rows = self._store.fetch_all(
            "SELECT * FROM order_count WHERE changed ORDER BY order_id", {}
        )
        if not rows:
            return
        self._store.write_setting("progress_slot", str(slot))
        self._store.fetch_all("UPDATE order_count SET changed = 0 WHERE changed", {})
        counts = [
            ProgressRow(
                ad_order_id=row["order_id"], as_of=at, **{name: row[name] for name in COUNTS}
            )
            for row in rows
        ]
        for part in split(counts):
            self.append(Stream.ORDER_PROGRESS, OrderProgress(rows=part), at)

    def delete_old(self, at: datetime, *, pushes: bool) -> None:
        """Delete the events that are old and, if events are pushed, have been."""
        before = int((at - KEPT).timestamp())
        self._store.fetch_all(
            "DELETE FROM event WHERE at < :before AND (pushed OR NOT :pushes)",
            {"before": before, "pushes": pushes},
        )

    def page(self, stream: str, after: int, *, per_page: int) -> dict[str, Any]:
        """Return the events of a stream after a sequence. A page has at most 4 MiB."""
        rows = self._store.fetch_all(
            "SELECT body FROM event WHERE stream = :stream AND sequence > :after"
            " ORDER BY sequence LIMIT :limit",
            {"stream": stream, "after": after, "limit": per_page},
        )
        items, size = [], ENVELOPE_BYTES
        for row in rows:
            item = json.loads(row["body"])
            size += len(json.dumps(item)) + 2  # as it is sent, with a comma
            if size > MAX_PAGE_BYTES:
                break
            items.append(item)
        return {"items": items, "lastSequence": self._last_sequences().get(stream, 0)}

    def heads(self) -> dict[str, int]:
        """Return the newest sequence of each stream, 0 before the first event."""
        last = self._last_sequences()
        return {stream.value: last.get(stream.value, 0) for stream in Stream}

    def heartbeat(self, event_id: str) -> str:
        """Return a heartbeat. It belongs to no stream and is not kept."""
        now = self._clock.now()
        heads = tuple(
            StreamHead(stream=name, last_sequence=last) for name, last in self.heads().items()
        )
        data = {"data": Heartbeat(clock=now, streams=heads).to_json()}
        return canonical_json(self._envelope(event_id, HEARTBEAT_TYPE, now) | data).decode()

    def _envelope(self, event_id: str, event_type: str, at: datetime) -> dict[str, Any]:
        return {
            "specversion": "1.0",
            "id": event_id,
            "source": self.source,
            "type": event_type,
            "time": format_instant(at),
            "datacontenttype": "application/json",
        }

    def _last_sequences(self) -> dict[str, int]:
        rows = self._store.fetch_all("SELECT * FROM stream", {})
        return {row["name"]: int(row["last_sequence"]) for row in rows}


Row = TypeVar("Row", bound=ContractModel)


def split(rows: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    """Yield rows in groups that fit in an event by number and size."""
    group: list[Row] = []
    size = 0
    for row in rows:
        row_size = len(row.model_dump_json()) + 1
        if len(group) == MAX_ROWS or size + row_size > MAX_EVENT_BYTES - ENVELOPE_BYTES:
            yield tuple(group)
            group, size = [], 0
        group.append(row)
        size += row_size
    if group:
        yield tuple(group)
