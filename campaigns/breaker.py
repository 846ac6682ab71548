"""The circuit breaker: after failures in a row all workers leave the gateway alone for a while.

Its state is in Redis, shared by all processes, and by Redis's own clock. It opens after OPENS_AFTER
failures in a row; after a pause one call is let through, and its answer closes it or makes the next
pause longer. While Redis is away it is closed: calls go on, and each order has its own back-off.
Source: M. Nygard, "Release It!", 2nd ed., 2018, "Circuit Breaker".
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from redis import Redis

from campaigns.gateway.errors import GatewayError, NoResponse, Unavailable
from core.redis_connection import RedisAway, attempt

log = structlog.get_logger(__name__)

OPENS_AFTER = 5  # failures in a row
FIRST_PAUSE = 5  # seconds; twice that after each call that was let through and failed
LONGEST_PAUSE = 60  # seconds
KEY = "llamada:gateway-breaker"

# Fields of the hash: `failures` in a row and, while it is open, `since` when, `pause` in seconds,
# `until` when no call is let through, and `probe`, the time that one that was let through has.
_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) "
_ALLOW = (
    _NOW
    + """
local open_until = redis.call('HGET', KEYS[1], 'until')
if not open_until then return 1 end
local probe = redis.call('HGET', KEYS[1], 'probe')
if now < tonumber(open_until) or (probe and now < tonumber(probe)) then return 0 end
redis.call('HSET', KEYS[1], 'probe', now + ARGV[1] * 1000)
return 1
"""
)
_FAIL = (
    _NOW
    + """
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local open_until = redis.call('HGET', KEYS[1], 'until')
local pause = nil
if open_until then
  if now < tonumber(open_until) then return 0 end
  pause = math.min(2 * redis.call('HGET', KEYS[1], 'pause'), tonumber(ARGV[3]))
elseif failures >= tonumber(ARGV[1]) then
  pause = tonumber(ARGV[2])
  redis.call('HSET', KEYS[1], 'since', now)
else
  return 0
end
redis.call('HSET', KEYS[1], 'pause', pause, 'until', now + pause * 1000)
redis.call('HDEL', KEYS[1], 'probe')
return pause
"""
)


class State(NamedTuple):
    """Whether the breaker is open, since when, and until when no call is let through."""

    is_open: bool
    failures: int = 0
    since: datetime | None = None
    until: datetime | None = None


def allows() -> bool:
    """Return whether a call may go out now; True where Redis is away.

    While it is open and its pause is over, True is returned to one caller, who calls and then
    records the outcome; if that never comes, to another one after GATEWAY_LEASE seconds.
    """
    try:
        return bool(attempt(lambda redis: redis.eval(_ALLOW, 1, KEY, settings.GATEWAY_LEASE)))
    except RedisAway:
        return True


def record(error: GatewayError | None) -> None:
    """Record the outcome of a call that sent an order, or the success of another one.

    No response, 408 and 5xx are failures. Any other answer, a refusal too, closes the breaker: the
    gateway responds. A failure during a pause is of a call that did not ask, or began before.
    """
    try:
        if isinstance(error, NoResponse | Unavailable):
            if pause := attempt(_fail):
                log.warning("gateway_breaker_open", seconds=pause, error=str(error))
        elif attempt(lambda redis: redis.delete(KEY)):
            log.info("gateway_breaker_reset")
    except RedisAway:
        pass


def state() -> State:
    """Return the present state; closed where Redis is away."""
    try:
        found: Any = attempt(lambda redis: redis.hgetall(KEY))
    except RedisAway:
        return State(is_open=False)
    fields = {name.decode(): int(float(value)) for name, value in found.items()}
    return State(
        is_open="until" in fields,
        failures=fields.get("failures", 0),
        since=_moment(fields.get("since")),
        until=_moment(fields.get("until")),
    )


def figures() -> dict[str, object]:
    """Return the present state for programs."""
    now = state()
    return {"breaker_open_since": now.since, "failures_in_a_row": now.failures}


def reset() -> None:
    """Close it, as an answer of the gateway does."""
    record(None)


def _fail(redis: Redis) -> int:
    limits = (OPENS_AFTER, FIRST_PAUSE, LONGEST_PAUSE)
    return int(str(redis.eval(_FAIL, 1, KEY, *limits)))


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
