"""The Celery application: workers claim rows, beat wakes them on a clock.

The rows are the queue, so every setting here trades throughput of the broker
for safety: late acknowledgement, one message at a time, and a visibility
timeout longer than any task may run.
"""

import os
from datetime import timedelta

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "hold what brands sent": {
        "task": "campaigns.tasks.hold_submitted",
        "schedule": timedelta(seconds=10),
    },
    "send what the gateway lacks": {
        "task": "campaigns.tasks.send_due",
        "schedule": timedelta(seconds=10),
    },
    "mail what people are told": {
        "task": "campaigns.tasks.mail_notices",
        "schedule": timedelta(seconds=10),
    },
    "tell webhooks": {
        "task": "campaigns.tasks.deliver_webhooks",
        "schedule": timedelta(seconds=10),
    },
    "forget what webhooks were told": {
        "task": "campaigns.tasks.forget_deliveries",
        "schedule": timedelta(hours=1),
    },
    "follow the plan": {
        "task": "campaigns.tasks.follow_plan",
        "schedule": timedelta(seconds=30),
    },
    "offer what freed up": {
        "task": "campaigns.tasks.offer_freed",
        "schedule": timedelta(seconds=30),
    },
    "turn the clock": {
        "task": "campaigns.tasks.advance_due",
        "schedule": timedelta(seconds=30),
    },
    "expire holds": {
        "task": "inventory.tasks.expire_holds",
        "schedule": timedelta(seconds=30),
    },
    "mend promises at risk": {
        "task": "inventory.tasks.mend_promises",
        "schedule": timedelta(seconds=60),
    },
    "open days ahead": {
        "task": "inventory.tasks.open_days",
        "schedule": timedelta(hours=1),
    },
    "delete expired responses": {
        "task": "core.tasks.delete_expired_responses",
        "schedule": timedelta(hours=1),
    },
    "forget tokens that expired": {
        "task": "portal.accounts.tasks.forget_tokens",
        "schedule": timedelta(days=1),
    },
    "recount the inventory": {
        "task": "inventory.tasks.audit_inventory",
        "schedule": timedelta(minutes=15),
    },
}


@setup_logging.connect
def _log_as_django_does(**_: object) -> None:
    """Keep Celery from replacing Django's logging set-up."""


@task_prerun.connect
@task_postrun.connect
def _drop_dead_connections(**_: object) -> None:
    """Let a task start on a live connection: Celery's reuse alone keeps a dead one."""
    from django.db import close_old_connections

    close_old_connections()
