"""The Celery application and the schedule of beat.

Database rows are the queue, so the settings prefer safety to throughput of the broker: late
acknowledgement, one message at a time, and a visibility timeout longer than any task may run.
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
    "hold submitted campaigns": {
        "task": "campaigns.tasks.hold_submitted",
        "schedule": timedelta(seconds=10),
    },
    "send ad orders": {
        "task": "campaigns.tasks.send_due",
        "schedule": timedelta(seconds=10),
    },
    "send the state of the channel": {
        "task": "campaigns.tasks.send_channel_state",
        "schedule": timedelta(seconds=10),
    },
    "mail notices": {
        "task": "campaigns.tasks.mail_notices",
        "schedule": timedelta(seconds=10),
    },
    "deliver webhooks": {
        "task": "campaigns.tasks.deliver_webhooks",
        "schedule": timedelta(seconds=10),
    },
    "delete old webhook deliveries": {
        "task": "campaigns.tasks.forget_deliveries",
        "schedule": timedelta(hours=1),
    },
    "follow the plan": {
        "task": "campaigns.tasks.follow_plan",
        "schedule": timedelta(seconds=30),
    },
    "plan the days in pause again": {
        "task": "campaigns.tasks.replan_paused",
        "schedule": timedelta(minutes=5),
    },
    "report what lost its place": {
        "task": "campaigns.tasks.report_risk",
        "schedule": timedelta(seconds=30),
    },
    "record trouble with the gateway": {
        "task": "campaigns.tasks.record_gateway_trouble",
        "schedule": timedelta(seconds=30),
    },
    "mail trouble with the gateway": {
        "task": "campaigns.tasks.mail_gateway_trouble",
        "schedule": timedelta(seconds=30),
    },
    "offer freed inventory": {
        "task": "campaigns.tasks.offer_freed",
        "schedule": timedelta(seconds=30),
    },
    "move campaigns on by date": {
        "task": "campaigns.tasks.advance_due",
        "schedule": timedelta(seconds=30),
    },
    "expire holds": {
        "task": "inventory.tasks.expire_holds",
        "schedule": timedelta(seconds=30),
    },
    "repair reservations at risk": {
        "task": "inventory.tasks.repair_reservations",
        "schedule": timedelta(seconds=60),
    },
    "open days ahead": {
        "task": "inventory.tasks.open_days",
        "schedule": timedelta(hours=1),
    },
    "delete idempotent responses": {
        "task": "core.tasks.delete_expired_responses",
        "schedule": timedelta(hours=1),
    },
    "delete expired sessions": {
        "task": "portal.accounts.tasks.delete_expired_sessions",
        "schedule": timedelta(hours=1),
    },
    "delete expired tokens": {
        "task": "portal.accounts.tasks.delete_expired_tokens",
        "schedule": timedelta(days=1),
    },
    "audit the inventory": {
        "task": "inventory.tasks.audit_inventory",
        "schedule": timedelta(minutes=15),
    },
}


@setup_logging.connect
def _log_as_django_does(**_: object) -> None:
    """Keep Celery from replacing Django's logging configuration."""


@task_prerun.connect
@task_postrun.connect
def _drop_dead_connections(**_: object) -> None:
    """Close unusable database connections around each task, as Django does around requests."""
    from django.db import close_old_connections

    close_old_connections()
