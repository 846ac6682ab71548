"""The sandbox's clock: real time plus an offset, so that a test need not wait for a day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.gateway.contract import TIME_ZONE

ZONE = ZoneInfo(TIME_ZONE)
MAX_OFFSET = 10 * 366 * 86_400.0
"""Seconds, ahead or behind."""


class Clock:
    """The time and the channel day. Tokens and the rate limit use real time instead."""

    def __init__(self, offset_seconds: float = 0.0) -> None:
        self.offset_seconds = offset_seconds

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def today(self) -> date:
        return self.now().astimezone(ZONE).date()


def format_instant(moment: datetime) -> str:
    """Return a moment as the contract writes it: RFC 3339, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
