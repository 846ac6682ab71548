"""How many requests a caller may make: so many in each minute, counted in Redis.

Without Redis nothing is counted and everybody may: a limit protects, it is no right.
Source of the headers: draft-ietf-httpapi-ratelimit-headers-10.
"""

import time
from functools import cache
from typing import NamedTuple

import structlog
from django.conf import settings
from redis import Redis, RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

log = structlog.get_logger(__name__)

WINDOW = 60  # seconds
TIMEOUT = 0.25  # seconds for an answer of Redis


class Use(NamedTuple):
    """What a caller has used of a minute."""

    most: int
    used: int
    seconds_left: int

    @property
    def over(self) -> bool:
        return self.used > self.most

    def headers(self) -> dict[str, str]:
        left = max(0, self.most - self.used)
        return {
            "RateLimit-Policy": f'"client";q={self.most};w={WINDOW}',
            "RateLimit": f'"client";r={left};t={self.seconds_left}',
        }


def count(who: str, most: int) -> Use:
    """Count one more request of a caller."""
    now = int(time.time())
    key = f"limit:{who}:{now // WINDOW}"
    try:
        with _redis().pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, 2 * WINDOW)
            used = pipe.execute()[0]
    except RedisError as error:
        log.warning("limit_not_counted", error=str(error))
        used = 1
    return Use(most, int(used), WINDOW - now % WINDOW)


class PerCaller(BaseThrottle):
    """Let each caller make `API_REQUESTS_A_MINUTE` requests."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.use = count(f"user-{request.user.pk}", settings.API_REQUESTS_A_MINUTE)
        view.rate_headers = self.use.headers()  # type: ignore[attr-defined]
        return not self.use.over

    def wait(self) -> float:
        return self.use.seconds_left


@cache
def _redis() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
    )
