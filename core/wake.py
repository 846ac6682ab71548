"""Nudge a worker after a commit, so that nobody waits for the sweep.

A nudge may be lost, and is then only late: beat sweeps the same rows.
"""

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def wake(task: str) -> None:
    """Run a task by name once the current transaction has committed."""
    transaction.on_commit(partial(_nudge, task))


def _nudge(task: str) -> None:
    try:
        current_app.send_task(task, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("nudge_lost", task=task, error=str(error))
