"""A scheduler for Celery beat that survives outages of Redis, where RedBeat's ends."""

from types import SimpleNamespace
from typing import Any

from celery import Celery
from celery.utils.log import get_logger
from redbeat import RedBeatScheduler
from redbeat.schedulers import acquire_distributed_beat_lock
from redis.exceptions import ConnectionError, LockNotOwnedError, TimeoutError

log = get_logger("celery.beat")

RETRY_DELAY = 1.0  # seconds, while Redis does not respond

REDIS_OPTIONS = {"socket_connect_timeout": 5, "socket_timeout": 5}  # seconds

RedisUnavailable = (ConnectionError, TimeoutError)


class Scheduler(RedBeatScheduler):
    """The schedule in Redis, which may stop and come back empty.

    Beat sleeps between two attempts, so that it can be stopped at any time.
    """

    lock: Any
    _is_set_up = False
    _is_redis_down = False

    def __init__(self, app: Celery, **kwargs: Any) -> None:
        """Set the options that RedBeat does not read from settings with Celery's prefix."""
        app.conf.redbeat_redis_url = app.conf.broker_url
        app.conf.redbeat_redis_options = REDIS_OPTIONS
        super().__init__(app, **kwargs)

    def setup_schedule(self) -> None:
        """Do nothing: the first tick does it, since Redis may be down when the process starts."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send due tasks; return the seconds to the next tick, RETRY_DELAY while Redis is down."""
        try:
            seconds = self._tick(*args, **kwargs)
        except RedisUnavailable as error:
            if not self._is_redis_down:
                log.warning(
                    "beat: Redis does not respond, trying every %g s: %s", RETRY_DELAY, error
                )
            self._is_redis_down = True
            return RETRY_DELAY
        if self._is_redis_down:
            log.warning("beat: Redis is back.")
        self._is_redis_down = False
        return seconds

    def _tick(self, *args: Any, **kwargs: Any) -> float:
        if self.lock is None:
            self._is_set_up = False
            acquire_distributed_beat_lock(sender=SimpleNamespace(scheduler=self))
        if not self._is_set_up:
            super().setup_schedule()
            self._is_set_up = True
        try:
            return float(super().tick(*args, **kwargs))
        except LockNotOwnedError:  # it expired, or Redis lost its data: set up again
            log.warning("beat: The lock was lost; waiting for it.")
            self.lock = None
            return 0.0

    def close(self) -> None:
        """Release the lock; while Redis is down it expires by itself."""
        try:
            super().close()
        except RedisUnavailable:
            self.lock = None
            super().close()
