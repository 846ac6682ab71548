"""Beat's scheduler: it waits for a Redis that is away, where its library's would end."""

from types import SimpleNamespace
from typing import Any

from celery import Celery
from celery.utils.log import get_logger
from redbeat import RedBeatScheduler
from redbeat.schedulers import acquire_distributed_beat_lock
from redis.exceptions import ConnectionError, LockNotOwnedError, TimeoutError

log = get_logger("celery.beat")

PAUSE = 1.0  # seconds before a Redis that did not answer is asked again

REDIS_OPTIONS = {"socket_connect_timeout": 5, "socket_timeout": 5}  # seconds

Away = (ConnectionError, TimeoutError)


class Scheduler(RedBeatScheduler):
    """The schedule in Redis, which may stop, come back, and have forgotten everything.

    Beat sleeps between two tries, so that it can be stopped at any time.
    """

    _is_set_up = False
    _is_away = False

    def __init__(self, app: Celery, **kwargs: Any) -> None:
        """Name what redbeat does not see among settings that have Celery's prefix."""
        app.conf.redbeat_redis_url = app.conf.broker_url
        app.conf.redbeat_redis_options = REDIS_OPTIONS
        super().__init__(app, **kwargs)

    def setup_schedule(self) -> None:
        """Leave it to the first tick, which may fail: the process is still starting here."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; give the seconds until the next look, PAUSE where Redis is away."""
        try:
            seconds = self._tick(*args, **kwargs)
        except Away as error:
            if not self._is_away:
                log.warning("beat: Redis is away, looking for it every %g s: %s", PAUSE, error)
            self._is_away = True
            return PAUSE
        if self._is_away:
            log.warning("beat: Redis is back.")
        self._is_away = False
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
        except LockNotOwnedError:  # it ran out, or went with the rest: nothing is where it was
            log.warning("beat: The lock was lost; waiting for it.")
            self.lock = None
            return 0.0

    def close(self) -> None:
        """Give the lock back; where Redis is away it runs out by itself."""
        try:
            super().close()
        except Away:
            self.lock = None
            super().close()
