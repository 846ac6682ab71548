"""The sandbox's clock: real time, ahead or behind, and perhaps faster."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from campaigns.gateway.contract import TIME_ZONE
from campaigns.gateway.sandbox.store import GatewayStore

ZONE = ZoneInfo(TIME_ZONE)
MAX_OFFSET = 10 * 366 * 86_400.0
"""Seconds, ahead or behind."""
MAX_SPEED = 86_400.0
"""Seconds of the clock in one of real time."""


class Clock:
    """The time and the channel day. Tokens, signatures and the rate limit use real time instead."""

    def __init__(
        self, offset_seconds: float = 0.0, *, speed: float = 1.0, since: float | None = None
    ) -> None:
        self._offset = offset_seconds
        self._since = time.time() if since is None else since  # when the offset was that
        self._held: datetime | None = None
        self.speed = self.first_speed = speed

    @classmethod
    def stored(cls, store: GatewayStore, *, speed: float) -> "Clock":
        """Return the clock as it was last stored, or a new one with a speed."""
        clock = cls(
            float(store.setting("clock_offset", "0")),
            speed=speed,
            since=float(store.setting("clock_since", repr(time.time()))),
        )
        clock.speed = float(store.setting("clock_speed", repr(speed)))
        if speed != 1.0 and not store.setting("clock_speed", ""):
            with store.transaction():  # so that the next start does not go back in time
                clock.set(store, 0.0, speed)
        return clock

    @property
    def offset_seconds(self) -> float:
        """Seconds ahead of real time."""
        return self._offset_at(time.time())

    def now(self) -> datetime:
        """Return the time, to the millisecond: the contract has no more."""
        if self._held:
            return self._held
        real = time.time()
        return datetime.fromtimestamp(round(real + self._offset_at(real), 3), UTC)

    def today(self) -> date:
        return channel_day(self.now())

    def set(
        self, store: GatewayStore, offset_seconds: float, speed: float, now: datetime | None = None
    ) -> None:
        """Set the clock to an offset, or to a moment, and store it. Call it in a transaction."""
        self._since = time.time()
        self._offset = now.timestamp() - self._since if now else offset_seconds
        self.speed = speed
        store.write_setting("clock_offset", repr(self._offset))
        store.write_setting("clock_since", repr(self._since))
        store.write_setting("clock_speed", repr(speed))

    def hold(self, moment: datetime, store: GatewayStore) -> None:
        """Stop the clock at a moment until `release`. Call it in a transaction.

        A process that ends meanwhile goes on from that moment when it starts again.
        """
        self.set(store, 0.0, self.speed, moment)
        self._held = moment

    def release(self) -> None:
        """Let the clock go on from where it is held."""
        if self._held:
            self._offset, self._since = self.offset_seconds, time.time()
            self._held = None

    def _offset_at(self, real: float) -> float:
        if self._held:
            return self._held.timestamp() - real
        gained = 0.0 if self.speed == 1.0 else (real - self._since) * (self.speed - 1.0)
        return self._offset + gained


def channel_day(moment: datetime) -> date:
    """Return the day of the channel on which a moment lies."""
    return moment.astimezone(ZONE).date()


def format_instant(moment: datetime) -> str:
    """Return a moment as the contract writes it: RFC 3339, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
