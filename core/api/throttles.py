"""Rate limits: a number of requests for each caller in each minute, counted in Redis.

While Redis does not respond, each process counts the requests that it serves. Source of the
headers: draft-ietf-httpapi-ratelimit-headers-10.
"""

import threading
import time
from collections import Counter
from typing import Any, NamedTuple

from django.conf import settings
from redis import Redis
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.redis_connection import RedisAway, attempt

WINDOW = 60  # seconds


class Usage(NamedTuple):
    """The requests of a caller in the current minute, and their limit."""

    limit: int
    used: int
    seconds_left: int
    cost: int = 1

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        """Return the `RateLimit` headers of a response."""
        remaining = max(0, self.limit - self.used)
        return {
            "RateLimit-Policy": f'"client";q={self.limit};w={WINDOW}',
            "RateLimit": f'"client";r={remaining};t={self.seconds_left}',
            "RateLimit-Cost": str(self.cost),
        }


def count_request(caller: str, limit: int, cost: int = 1) -> Usage:
    """Count a request of a caller at its cost, and return the usage of the current minute.

    One of a higher cost that exceeds the limit uses nothing: cheaper ones may still fit.
    """
    now = int(time.time())
    window = now // WINDOW
    key = f"limit:{caller}:{window}"

    def count(redis: Redis) -> int:
        with redis.pipeline(transaction=False) as pipe:
            pipe.incrby(key, cost)
            pipe.expire(key, 2 * WINDOW)
            used = int(pipe.execute()[0])
            if cost > 1 and used > limit:
                pipe.decrby(key, cost)
                pipe.execute()
            return used

    try:
        used = attempt(count)
    except RedisAway:
        used = _own_counts.add(caller, window, cost)
    return Usage(limit, used, WINDOW - now % WINDOW, cost)


def count_for(user_id: object, cost: int) -> Usage:
    """Count a request to the API by a user at its cost."""
    return count_request(f"user-{user_id}", settings.API_REQUESTS_A_MINUTE, cost)


class WindowCounts:
    """Counts by caller of one window, in the memory of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: Counter[str] = Counter()

    def add(self, caller: str, window: int, cost: int) -> int:
        """Count a request, and return what the caller has used in this window."""
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, Counter()
            self._counts[caller] += cost
            return self._counts[caller]


_own_counts = WindowCounts()


class CallerRateThrottle(BaseThrottle):
    """Allow each caller `API_REQUESTS_A_MINUTE` requests a minute, each weighed by its cost.

    The view has the `costs` of its actions, and gets the `usage` that its headers tell.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        cost = view.costs.get(view.action, 1)
        self.usage = view.usage = count_for(request.user.pk, cost)
        return not self.usage.exceeded

    def wait(self) -> float:
        return self.usage.seconds_left
