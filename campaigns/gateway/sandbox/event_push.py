"""Pushing events to the portal: signed as Standard Webhooks, repeated until they are accepted."""

import itertools
import random
import socket
import struct
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from campaigns.gateway.events import MEDIA_TYPE
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.faults import EVENTS_OPERATION, Fault, FaultInjector, FaultKind
from campaigns.gateway.sandbox.store import GatewayStore

HEARTBEAT_SECONDS = 60.0
TIMEOUT_SECONDS = 10.0
BACKOFF_SECONDS = 0.5  # doubled with each attempt
MAX_BACKOFF_SECONDS = 30.0
REORDER_SECONDS = 1.0
STALE = timedelta(hours=1)
BATCH = 200
BACKLOG = 50  # events that wait
MAX_KNOWN = 1_000  # events in memory; the rest waits in the store
_NO_PUSH = (FaultKind.DROP_BEFORE_COMMIT, FaultKind.CONNECTION_RESET)


@dataclass(slots=True)
class Delivery:
    """An event that is to be pushed. `not_before` is monotonic seconds."""

    seq: int
    stream: str
    event_id: str
    body: str
    attempts: int = 0
    not_before: float = 0.0
    is_new: bool = True


class EventPusher:
    """Push the queued events with some threads. Times are real ones, whatever the clock says.

    The events of a stream go out one after another, but those that follow do not wait for one
    that has to be repeated. A backlog goes out in parallel.
    """

    def __init__(
        self,
        store: GatewayStore,
        queue: EventQueue,
        faults: FaultInjector,
        *,
        url: str,
        secret: str,
        threads: int,
    ) -> None:
        self._store = store
        self._queue = queue
        self._faults = faults
        self._url = url
        self._signer = Webhook(secret)
        self._http = httpx.Client(
            trust_env=False,
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=threads + 1),
        )
        self._threads = threads
        self._lock = threading.Condition()
        self._known: dict[int, Delivery] = {}  # taken from the store and not yet marked as pushed
        self._ready: list[Delivery] = []
        self._done: set[int] = set()
        self._busy: Counter[str] = Counter()  # pushes under way, by stream
        self._stopped = False
        self._numbers = itertools.count(1)

    def start(self) -> None:
        for _number in range(self._threads):
            threading.Thread(target=self._run, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            self._lock.notify_all()
        self._http.close()

    def wake(self) -> None:
        """Look for new events now."""
        with self._lock:
            self._lock.notify_all()

    def forget(self) -> None:
        """Forget all events, because the store did."""
        with self._lock:
            self._known.clear()
            self._ready.clear()
            self._done.clear()

    def pending(self) -> int:
        """Return the number of events that have not been accepted yet."""
        with self._lock:
            self._mark()
        rows = self._store.fetch_all("SELECT count(*) AS n FROM event WHERE NOT pushed", {})
        return int(rows[0]["n"])

    def heartbeat(self) -> None:
        """Push a heartbeat, once."""
        event_id = f"heartbeat-{int(time.time() * 1000)}-{next(self._numbers)}"
        with self._store.transaction():
            body = self._queue.heartbeat(event_id)
        self._post(event_id, body, datetime.now(UTC))

    def _beat(self) -> None:
        while not self._stopped:
            time.sleep(HEARTBEAT_SECONDS)
            self._guarded(self.heartbeat)

    def _run(self) -> None:
        while not self._stopped:
            self._guarded(self._push_next)

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            if not self._stopped:
                traceback.print_exc(file=sys.stderr)
                time.sleep(1.0)

    def _push_next(self) -> None:
        delivery = self._take()
        if delivery is None:
            return
        accepted = False
        try:
            accepted = self._push(delivery)
        finally:
            self._finish(delivery, accepted=accepted)

    def _finish(self, delivery: Delivery, *, accepted: bool) -> None:
        with self._lock:
            self._busy[delivery.stream] -= 1
            self._lock.notify()
            if self._known.get(delivery.seq) is not delivery:
                return  # forgotten meanwhile
            if accepted:
                self._done.add(delivery.seq)
            else:
                self._ready.append(delivery)

    def _take(self) -> Delivery | None:
        """Take an event that is due, or wait a moment and return None."""
        with self._lock:
            now = time.monotonic()
            is_backlog = len(self._ready) >= BACKLOG
            for delivery in self._ready:
                if delivery.not_before <= now and (is_backlog or not self._busy[delivery.stream]):
                    self._ready.remove(delivery)
                    self._busy[delivery.stream] += 1
                    return delivery
            self._mark()
            if not self._read():
                self._lock.wait(0.1)
        return None

    def _mark(self) -> None:
        """Mark in the store what has been accepted. A crash before that repeats a push."""
        if not self._done:
            return
        with self._store.transaction():
            self._store.write_many(
                "UPDATE event SET pushed = 1 WHERE seq = ?", [(seq,) for seq in self._done]
            )
        for seq in self._done:
            self._known.pop(seq, None)
        self._done.clear()

    def _read(self) -> bool:
        """Read the next events from the store; return whether there are any."""
        if len(self._known) >= MAX_KNOWN:
            return False
        after = max(self._known, default=0)
        rows = self._store.fetch_all(
            "SELECT seq, stream, id, body FROM event WHERE NOT pushed AND seq > :after"
            " ORDER BY seq LIMIT :limit",
            {"after": after, "limit": BATCH},
        )
        for row in rows:
            delivery = Delivery(row["seq"], row["stream"], row["id"], row["body"])
            self._known[delivery.seq] = delivery
            self._ready.append(delivery)
        return bool(rows)

    def _push(self, delivery: Delivery) -> bool:
        """Push an event once, with the faults that are on; return whether it was accepted.

        A lost event counts as accepted.
        """
        if delivery.is_new:
            delivery.is_new = False
            if self._fault(FaultKind.LOSE_EVENT):
                return True
            if late := self._fault(FaultKind.REORDER_EVENTS):
                seconds = late.milliseconds / 1000 or REORDER_SECONDS
                delivery.not_before = time.monotonic() + seconds
                return False
        if latency := self._fault(FaultKind.LATENCY):
            time.sleep(latency.milliseconds / 1000)
        failure = self._fault(*_NO_PUSH)
        if failure:
            if failure.kind is FaultKind.CONNECTION_RESET:
                self._reset_connection()
            accepted = False
        else:
            accepted = self._send(delivery)
        if not accepted:
            pause = min(BACKOFF_SECONDS * 2**delivery.attempts, MAX_BACKOFF_SECONDS)
            delivery.not_before = time.monotonic() + pause * random.uniform(0.5, 1.0)  # noqa: S311
            delivery.attempts = min(delivery.attempts + 1, 16)
        return accepted

    def _send(self, delivery: Delivery) -> bool:
        now = datetime.now(UTC)
        if skew := self._fault(FaultKind.CLOCK_SKEW):
            now += timedelta(milliseconds=skew.milliseconds)
        if self._fault(FaultKind.STALE_EVENT):
            self._post(delivery.event_id, delivery.body, now - STALE)
        accepted = self._post(delivery.event_id, delivery.body, now)
        if self._fault(FaultKind.DUPLICATE_EVENT):
            self._post(delivery.event_id, delivery.body, now)
        return accepted and not self._fault(FaultKind.DROP_AFTER_COMMIT)

    def _post(self, event_id: str, body: str, at: datetime) -> bool:
        headers = {
            "content-type": MEDIA_TYPE,
            "webhook-id": event_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer.sign(event_id, at, body),
        }
        try:
            response = self._http.post(self._url, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return response.is_success

    def _reset_connection(self) -> None:
        """Begin a request and close its connection with RST."""
        address = urlsplit(self._url)
        port = address.port or (443 if address.scheme == "https" else 80)
        try:
            connection = socket.create_connection((address.hostname, port), TIMEOUT_SECONDS)
        except OSError:
            return
        with connection:
            connection.sendall(f"POST {address.path} HTTP/1.1\r\nContent-Le".encode())
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _fault(self, *kinds: FaultKind) -> Fault | None:
        return self._faults.take(EVENTS_OPERATION, *kinds)
