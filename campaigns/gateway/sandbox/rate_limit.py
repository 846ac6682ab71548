"""The rate limit of a client."""

import threading
import time
from collections.abc import Callable

from campaigns.gateway.sandbox import errors


class TokenBucket:
    """A rate of requests per second, with a burst. Each client has its own bucket."""

    def __init__(
        self, per_second: int, burst: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second = per_second
        self.burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}  # tokens left, and when

    def take(self, client: str) -> None:
        """Take a token for one request. Raise 429 with the seconds to wait if none is left."""
        with self._lock:
            now = self._clock()
            left, at = self._buckets.get(client, (float(self.burst), now))
            left = min(float(self.burst), left + (now - at) * self.per_second)
            if left < 1.0:
                self._buckets[client] = (left, now)
                wait = (1.0 - left) / self.per_second
                raise errors.too_many_requests(
                    f"At most {self.per_second} requests per second",
                    retry_after=max(1, round(wait + 0.499)),
                )
            self._buckets[client] = (left - 1.0, now)

    def refill(self) -> None:
        """Fill all buckets."""
        with self._lock:
            self._buckets.clear()
