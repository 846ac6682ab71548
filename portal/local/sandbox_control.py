"""A client of the sandbox gateway's control port: its clock, its traffic and its ledger."""

import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
from django.utils import timezone

POLL = 0.2  # seconds between two looks at an advance
TIMEOUT = 60.0  # seconds of one call


class HourRow(NamedTuple):
    """The ledger's counts of an order in a LADA, of the notifications of one hour (UTC)."""

    order_id: str
    hour: datetime
    lada: str
    inserted: int
    delivered: int
    failed: int
    no_receipt: int


class Progress(NamedTuple):
    """How far an advance is: the gateway's clock, and notifications since it began."""

    running: bool
    now: datetime
    notifications: int
    inserted: int


class SandboxControl:
    """The control port at `url`. Every method raises httpx.HTTPError."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def start_again(self) -> None:
        """Delete all of the gateway's state: orders, counts, events and faults."""
        self._post("/reset", {"everything": True})

    def set_clock(self, moment: datetime) -> None:
        """Set the gateway's clock to a moment, from which it goes on."""
        self._post("/clock", {"offset_seconds": (moment - timezone.now()).total_seconds()})

    def set_traffic(self, per_day: int, *, seed: int) -> None:
        """Let the gateway have so many notifications on a mean day; the same ones for a seed."""
        self._post("/traffic", {"per_day": per_day, "seed": seed, "on": True})

    def begin_advance(self, to: datetime) -> None:
        """Let the gateway play until a moment as fast as it can, and go on from there."""
        self._post("/advance", {"to": to.isoformat()})

    def advance(self, to: datetime, report: Callable[[Progress], None]) -> Progress:
        """Play until a moment; call `report` at every look. Return the last progress."""
        self.begin_advance(to)
        while True:
            data = self._get("/advance")
            now = datetime.fromisoformat(data["now"])
            progress = Progress(data["running"], now, data["notifications"], data["inserted"])
            report(progress)
            if not progress.running:
                return progress
            time.sleep(POLL)

    def pending_events(self) -> int:
        """Return the number of events that the portal has not taken yet."""
        return int(self._get("/events")["pending"])

    def hours(self) -> list[HourRow]:
        """Return all rows of the ledger."""
        return [
            HourRow(
                row["order_id"],
                datetime.fromisoformat(row["hour"]),
                row["lada"],
                *(row[name] for name in HourRow._fields[3:]),
            )
            for row in self._get("/counts?grain=hour")
        ]

    def _get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()

    def _post(self, path: str, data: dict[str, Any]) -> None:
        self._http.post(path, json=data).raise_for_status()
