"""How many events were received with each outcome, counted in Redis for the metrics.

The database counts none: whoever may not send an event must not make it write. Without Redis
nothing is counted, and nothing waits.
"""

from contextlib import suppress
from enum import StrEnum

from redis import Redis

from core.redis_connection import RedisAway, attempt

KEY = "llamada:gateway-events"


class Outcome(StrEnum):
    """What became of a request to the sink."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    UNSIGNED = "unsigned"
    STALE = "stale"
    BAD_SIGNATURE = "bad_signature"
    NOT_AN_ENVELOPE = "not_an_envelope"
    UNAVAILABLE = "unavailable"


def count(outcome: Outcome) -> None:
    """Add one to an outcome, if Redis responds."""

    def add(redis: Redis) -> None:
        redis.hincrby(KEY, outcome.value, 1)

    with suppress(RedisAway):
        attempt(add)


def totals() -> dict[str, int]:
    """Return {outcome: requests} since Redis was last emptied; {} while it does not respond."""
    try:
        found = attempt(lambda redis: redis.hgetall(KEY))
    except RedisAway:
        return {}
    return {outcome.value: int(found.get(outcome.value.encode(), 0)) for outcome in Outcome}
