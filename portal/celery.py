"""The Celery application and the schedule of beat.

Database rows are the queue, so the settings prefer safety to throughput of the broker: late
acknowledgement, one message at a time, and a visibility timeout longer than any task may run.
"""

import os
from datetime import timedelta

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, task_postrun, task_prerun, worker_ready
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
    "send urgent ad orders": {
        "task": "campaigns.tasks.send_urgent",
        "schedule": timedelta(seconds=5),
    },
    "send the state of the channel": {
        "task": "campaigns.tasks.send_channel_state",
        "schedule": timedelta(seconds=5),
    },
    "send test deliveries": {
        "task": "campaigns.tasks.send_test_deliveries",
        "schedule": timedelta(seconds=10),
    },
    "read what the gateway can carry": {
        "task": "campaigns.tasks.read_capabilities",
        "schedule": timedelta(seconds=60),
    },
    "mail notices": {
        "task": "campaigns.tasks.mail_notices",
        "schedule": timedelta(seconds=10),
    },
    "deliver webhooks": {
        "task": "campaigns.tasks.deliver_webhooks",
        "schedule": timedelta(seconds=10),
    },
    "apply the gateway's events": {
        "task": "campaigns.tasks.apply_reports",
        "schedule": timedelta(seconds=10),
    },
    "ask for the gateway's missing events": {
        "task": "campaigns.tasks.pull_reports",
        "schedule": timedelta(seconds=60),
    },
    "keep the reports": {
        "task": "campaigns.tasks.keep_reports",
        "schedule": timedelta(hours=1),
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
    "compare what runs with the gateway": {
        "task": "campaigns.tasks.reconcile",
        "schedule": timedelta(minutes=15),
    },
    "compare everything with the gateway": {
        "task": "campaigns.tasks.reconcile_all",
        "schedule": crontab(hour="9", minute="35"),  # UTC: at night in Mexico
    },
    "mail differences with the gateway": {
        "task": "campaigns.tasks.mail_drifts",
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
    "write files of results": {
        "task": "campaigns.tasks.write_exports",
        "schedule": timedelta(seconds=10),
    },
    "delete old files of results": {
        "task": "campaigns.tasks.forget_exports",
        "schedule": timedelta(hours=1),
    },
    "audit the inventory": {
        "task": "inventory.tasks.audit_inventory",
        "schedule": timedelta(minutes=15),
    },
    "note final results": {
        "task": "campaigns.tasks.settle_results",
        "schedule": timedelta(seconds=60),
    },
    "report what campaigns will miss": {
        "task": "campaigns.tasks.report_shortfalls",
        "schedule": timedelta(minutes=5),
    },
    "queue mails of results": {
        "task": "campaigns.tasks.queue_report_mails",
        "schedule": timedelta(minutes=5),
    },
    "send mails of results": {
        "task": "campaigns.tasks.send_report_mails",
        "schedule": timedelta(seconds=30),
    },
}


@worker_ready.connect
def _read_capabilities(**_: object) -> None:
    """Read anew what the gateway can carry: it may have changed while no worker ran."""
    app.send_task("campaigns.tasks.read_capabilities", kwargs={"anew": True}, retry=False)


@setup_logging.connect
def _log_as_django_does(**_: object) -> None:
    """Keep Celery from replacing Django's logging configuration."""


@task_prerun.connect
@task_postrun.connect
def _drop_dead_connections(**_: object) -> None:
    """Close unusable database connections around each task, as Django does around requests."""
    from django.db import close_old_connections

    close_old_connections()
