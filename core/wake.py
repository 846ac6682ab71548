"""Start a Celery task right after a commit instead of waiting for the next beat.

A message may be lost without harm: beat runs the same task periodically.
"""

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import Redis

from core.redis_connection import RedisAway, attempt

log = structlog.get_logger(__name__)


def wake(task: str) -> None:
    """Send a task, by name, once the current transaction has committed."""
    transaction.on_commit(partial(_send, task))


def _send(task: str) -> None:
    """Send a task if Redis responds: Celery's own connection would wait for it for seconds."""
    try:
        attempt(Redis.ping)
        current_app.send_task(task, ignore_result=True, retry=False)
    except RedisAway:
        log.info("wake_skipped", task=task)
    except (OperationalError, OSError) as error:
        log.warning("wake_lost", task=task, error=error)
