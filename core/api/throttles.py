"""Rate limits: a number of requests for each caller in each minute, counted in Redis.

If Redis does not respond, nothing is counted and every request is allowed: the limit is a
protection, not a right. Source of the headers: draft-ietf-httpapi-ratelimit-headers-10.
"""

import time
from typing import NamedTuple

from django.conf import settings
from redis import Redis
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from core.redis_connection import RedisAway, attempt

WINDOW = 60  # seconds


class Usage(NamedTuple):
    """The requests of a caller in the current minute, and their limit."""

    limit: int
    used: int
    seconds_left: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        """Return the `RateLimit` headers of a response."""
        remaining = max(0, self.limit - self.used)
        return {
            "RateLimit-Policy": f'"client";q={self.limit};w={WINDOW}',
            "RateLimit": f'"client";r={remaining};t={self.seconds_left}',
        }


def count_request(caller: str, limit: int) -> Usage:
    """Count one request of a caller and return its usage of the current minute."""
    now = int(time.time())
    key = f"limit:{caller}:{now // WINDOW}"

    def count(redis: Redis) -> int:
        with redis.pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, 2 * WINDOW)
            return int(pipe.execute()[0])

    try:
        used = attempt(count)
    except RedisAway:
        used = 1
    return Usage(limit, used, WINDOW - now % WINDOW)


class CallerRateThrottle(BaseThrottle):
    """Allow each caller `API_REQUESTS_A_MINUTE` requests a minute.

    The view gets `rate_headers`, which it adds to its response.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.usage = count_request(f"user-{request.user.pk}", settings.API_REQUESTS_A_MINUTE)
        view.rate_headers = self.usage.headers()  # type: ignore[attr-defined]
        return not self.usage.exceeded

    def wait(self) -> float:
        return self.usage.seconds_left
