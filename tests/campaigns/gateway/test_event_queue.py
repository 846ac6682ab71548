"""Pages of events that were kept."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaigns.gateway.events import MAX_ROWS, LadaTraffic, Stream, TrafficRow
from campaigns.gateway.sandbox.clock import Clock
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.faults import FaultInjector
from campaigns.gateway.sandbox.store import GatewayStore
from campaigns.gateway.transport import MAX_RESPONSE_BYTES

HOUR = datetime(2026, 12, 1, tzinfo=UTC)
EVENTS = 110


def test_a_page_is_as_large_as_a_response_may_be_and_the_next_goes_on(tmp_path: Path):
    store = GatewayStore(tmp_path)
    queue = EventQueue(store, Clock(), FaultInjector())
    with store.transaction():
        for number in range(EVENTS):
            queue.append(Stream.LADA_TRAFFIC, traffic(HOUR + timedelta(hours=number)), HOUR)

    first = queue.page(Stream.LADA_TRAFFIC.value, 0, per_page=200)
    next_ = queue.page(Stream.LADA_TRAFFIC.value, len(first["items"]), per_page=200)

    size = len(json.dumps(first).encode())
    event = len(json.dumps(first["items"][0]).encode())
    assert MAX_RESPONSE_BYTES - 2 * event < size <= MAX_RESPONSE_BYTES
    numbers = [item["sequence"] for page in (first, next_) for item in page["items"]]
    assert numbers == list(range(1, EVENTS + 1))
    assert first["lastSequence"] == EVENTS
    store.close()


def traffic(hour: datetime) -> LadaTraffic:
    rows = [
        TrafficRow(
            lada=str(200 + number),
            notifications=1_000,
            eligible=990,
            with_ad=90,
            suppressed_consent=10,
            suppressed_length=0,
            unsold=900,
        )
        for number in range(MAX_ROWS - 90)
    ]
    return LadaTraffic(hour_start=hour, revision=1, final=False, part=1, parts=1, rows=tuple(rows))
