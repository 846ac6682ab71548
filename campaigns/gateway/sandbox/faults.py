"""Faults that tests switch on at the control port, for a number of calls or until cleared."""

import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from campaigns.gateway.sandbox.errors import ApiError, invalid_argument

TOKEN_OPERATION = "token"  # noqa: S105  the name of an operation
EVENTS_OPERATION = "events"  # making and pushing events
OPERATIONS = (
    "putAdOrder",
    "setDesiredState",
    "getAdOrder",
    "listAdOrders",
    "listReports",
    "setChannelState",
    "getCapabilities",
    "createTestDelivery",
    TOKEN_OPERATION,
    EVENTS_OPERATION,
)
NAMED_ONLY = (TOKEN_OPERATION, EVENTS_OPERATION)
STATUS_CODES = {
    403: "PERMISSION_DENIED",
    409: "ABORTED",
    500: "INTERNAL",
    502: "BAD_GATEWAY",
    503: "UNAVAILABLE",
    504: "TIMEOUT",
}


class FaultKind(StrEnum):
    """The kinds of faults."""

    LATENCY = "latency"
    DROP_BEFORE_COMMIT = "drop_before_commit"
    DROP_AFTER_COMMIT = "drop_after_commit"
    STATUS = "status"
    TOO_MANY_REQUESTS = "too_many_requests"
    TRUNCATED_BODY = "truncated_body"
    CONNECTION_RESET = "connection_reset"
    EXPIRE_TOKENS = "expire_tokens"
    # Of events only.
    DUPLICATE_EVENT = "duplicate_event"  # is pushed twice
    REORDER_EVENTS = "reorder_events"  # is pushed after those that follow it
    LOSE_EVENT = "lose_event"  # is never pushed, and stays in listReports
    STALE_EVENT = "stale_event"  # is pushed first with an old timestamp
    HOLE = "hole"  # the stream skips a sequence
    CLOCK_SKEW = "clock_skew"  # is signed with a time that is ahead by `milliseconds`


BEFORE_COMMIT = (
    FaultKind.EXPIRE_TOKENS,
    FaultKind.STATUS,
    FaultKind.TOO_MANY_REQUESTS,
    FaultKind.DROP_BEFORE_COMMIT,
    FaultKind.CONNECTION_RESET,
)
EVENT_ONLY = (
    FaultKind.DUPLICATE_EVENT,
    FaultKind.REORDER_EVENTS,
    FaultKind.LOSE_EVENT,
    FaultKind.STALE_EVENT,
    FaultKind.HOLE,
    FaultKind.CLOCK_SKEW,
)
AFTER_COMMIT = (FaultKind.DROP_AFTER_COMMIT, FaultKind.TRUNCATED_BODY)


@dataclass(slots=True)
class Fault:
    """A fault. `times` counts down; None is until it is cleared."""

    kind: FaultKind
    times: int | None = None
    operation: str | None = None
    milliseconds: int = 0
    status: int = 503
    code: str = ""
    retry_after: int | None = None

    def to_error(self) -> ApiError:
        """Return the error of a fault that sends a response."""
        if self.kind is FaultKind.TOO_MANY_REQUESTS:
            code, status = self.code or "TOO_MANY_REQUESTS", 429
        else:
            code, status = self.code or STATUS_CODES.get(self.status, "UNAVAILABLE"), self.status
        return ApiError(status, code, "An injected fault", retry_after=self.retry_after)


class FaultInjector:
    """The active faults.

    A fault without an operation is for all but the token endpoint and events.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def to_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, operation: str, *kinds: FaultKind) -> Fault | None:
        """Return the first active fault of these kinds for an operation, and count it down."""
        with self._lock:
            for fault in self._matching(operation):
                if fault.kind not in kinds:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times < 1:
                        self._faults.remove(fault)
                return fault
        return None

    def _matching(self, operation: str) -> Iterator[Fault]:
        for fault in list(self._faults):
            for_all = fault.operation is None and operation not in NAMED_ONLY
            if for_all or fault.operation == operation:
                yield fault


def parse_fault(data: Any) -> Fault:
    """Return the fault that a request to the control port describes. Raise ApiError."""
    if not isinstance(data, dict):
        raise invalid_argument("A fault is an object")
    unknown = set(data) - set(Fault.__slots__)
    if unknown:
        raise invalid_argument(f"Unknown in a fault: {', '.join(sorted(unknown))}")
    try:
        kind = FaultKind(str(data.get("kind")))
    except ValueError as error:
        raise invalid_argument(f"kind is one of {', '.join(FaultKind)}") from error
    operation = data.get("operation")
    if operation is not None and operation not in OPERATIONS:
        raise invalid_argument(f"operation is one of {', '.join(OPERATIONS)}")
    if kind in EVENT_ONLY and operation != EVENTS_OPERATION:
        raise invalid_argument(f"{kind} is for the operation {EVENTS_OPERATION}")
    code = data.get("code", "")
    if not isinstance(code, str):
        raise invalid_argument("code is a string")
    return Fault(
        kind=kind,
        times=_parse_int(data, "times", None, 1, 1_000_000),
        operation=operation,
        milliseconds=_parse_int(data, "milliseconds", 0, 0, 600_000) or 0,
        status=_parse_int(data, "status", 503, 400, 599) or 503,
        code=code,
        retry_after=_parse_int(
            data, "retry_after", 1 if kind is FaultKind.TOO_MANY_REQUESTS else None, 0, 86_400
        ),
    )


def _parse_int(
    data: dict[str, Any], name: str, default: int | None, minimum: int, maximum: int
) -> int | None:
    value = data.get(name, default)
    if value is None:
        return default
    if type(value) is not int or not minimum <= value <= maximum:
        raise invalid_argument(f"{name} is a whole number from {minimum} to {maximum}")
    return value
