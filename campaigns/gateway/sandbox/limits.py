"""How fast one client may call."""

import threading
import time
from collections.abc import Callable

from campaigns.gateway.sandbox import refusals


class TokenBucket:
    """So many requests per second, and a burst of more after a rest. One bucket for each client."""

    def __init__(
        self, per_second: int, burst: int, *, time_of: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second = per_second
        self.burst = burst
        self._time_of = time_of
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> None:
        """Let one request of a client pass, or refuse it with the whole seconds to wait."""
        with self._lock:
            now = self._time_of()
            left, at = self._left.get(client, (float(self.burst), now))
            left = min(float(self.burst), left + (now - at) * self.per_second)
            if left < 1.0:
                self._left[client] = (left, now)
                wait = (1.0 - left) / self.per_second
                raise refusals.too_many_requests(
                    f"At most {self.per_second} requests per second",
                    retry_after=max(1, round(wait + 0.499)),
                )
            self._left[client] = (left - 1.0, now)

    def refill(self) -> None:
        """Forget what was taken."""
        with self._lock:
            self._left.clear()
