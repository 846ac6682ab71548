"""Redis for work that can be done without it: it costs little time while Redis does not respond."""

import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import structlog
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

TIMEOUT = 0.1  # seconds to connect, and for each response
PAUSE = 5.0  # seconds without another attempt after a failure, in this process

T = TypeVar("T")


class RedisAway(Exception):
    """Redis does not respond, or did not a moment ago."""


class Attempts:
    """Remembers a failure: while Redis is away only one request in PAUSE seconds waits for it."""

    def __init__(self) -> None:
        self._paused_until = 0.0  # by the monotonic clock

    def __call__(self, function: Callable[[Redis], T]) -> T:
        """Return `function(client)`. Raises RedisAway, at once where it failed a moment ago."""
        if time.monotonic() < self._paused_until:
            raise RedisAway
        try:
            return function(_client())
        except RedisError as error:
            self._paused_until = time.monotonic() + PAUSE
            log.warning("redis_away", error=error, paused_seconds=PAUSE)
            raise RedisAway from error


attempt = Attempts()


@cache
def _client() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
