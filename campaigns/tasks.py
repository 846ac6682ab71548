"""Celery tasks of campaigns: each calls one domain function."""

from celery import shared_task

from campaigns import (
    capabilities,
    channel,
    gateway_trouble,
    lifecycle,
    notice_mails,
    outbox,
    report_mails,
    shortfalls,
    test_deliveries,
)
from campaigns.exports import queue as exports
from campaigns.gateway.contract import Scope
from campaigns.models import ReconciliationRun
from campaigns.reconciliation import drift_mails
from campaigns.reconciliation import reconcile as reconciliation
from campaigns.reports import apply, gaps, upkeep
from campaigns.results import final_days
from campaigns.webhooks import deliveries


@shared_task
def hold_submitted() -> None:
    """Hold inventory; woken at a submit and every 10 s: the rows are the queue."""
    lifecycle.hold_submitted()


@shared_task
def send_due() -> None:
    """Send ad orders; woken at a decision and every 10 s: the rows are the queue."""
    outbox.send_due()


@shared_task
def send_urgent() -> None:
    """Send pauses and cancellations; woken by them and every 5 s: the rows are the queue."""
    outbox.send_urgent()


@shared_task
def send_channel_state() -> None:
    """Send a switch of the channel; woken by it and every 5 s: the rows are the queue."""
    channel.send_due()


@shared_task
def send_test_deliveries() -> None:
    """Send texts to test handsets; woken by them and every 10 s: the rows are the queue."""
    test_deliveries.send_due()


@shared_task
def read_capabilities(*, anew: bool = False) -> None:
    """Read what the gateway can carry: every hour, and at once when a worker starts (`anew`)."""
    capabilities.read() if anew else capabilities.read_due()


@shared_task
def advance_due() -> None:
    """Start, finish and expire campaigns as channel days come and go."""
    lifecycle.advance_due()


@shared_task
def follow_plan() -> None:
    """Send the gateway changed daily goals; woken after holds and every 30 s."""
    lifecycle.follow_plan()


@shared_task
def replan_paused() -> None:
    """Plan the days again that passed in pause, every 5 minutes."""
    lifecycle.replan_paused()


@shared_task
def report_risk() -> None:
    """Notify brands of what lost its place, every 30 s: the rows are the queue."""
    lifecycle.report_risk()


@shared_task
def offer_freed() -> None:
    """Offer freed inventory; woken at a release and every 30 s: the entries are the queue."""
    lifecycle.offer_freed()


@shared_task
def mail_notices() -> None:
    """Mail notices; woken at a move and every 10 s: the rows are the queue."""
    notice_mails.send_due()


@shared_task
def record_gateway_trouble() -> None:
    """Record what the gateway does not take or send for minutes, and its end, every 30 s."""
    gateway_trouble.record()
    reconciliation.record_silence()
    reconciliation.send_channel_again()


@shared_task
def mail_gateway_trouble() -> None:
    """Mail staff recorded trouble; woken by it and every 30 s: the rows are the queue."""
    gateway_trouble.mail_due()


@shared_task
def reconcile() -> None:
    """Compare what runs with the gateway; woken by staff and every 15 min."""
    reconciliation.run(ReconciliationRun.Kind.RUNNING)


@shared_task
def reconcile_all() -> None:
    """Compare every order with the gateway, at night."""
    reconciliation.run(ReconciliationRun.Kind.WHOLE)


@shared_task
def mail_drifts() -> None:
    """Mail staff differences that need a person; woken by them and every 30 s."""
    drift_mails.mail_due()


@shared_task
def deliver_webhooks() -> None:
    """Deliver webhooks; woken at a move and every 10 s: the rows are the queue."""
    deliveries.deliver_due()


@shared_task
def forget_deliveries() -> None:
    """Delete deliveries older than thirty days and secrets that have expired, every hour."""
    deliveries.delete_old()


@shared_task
def apply_reports() -> None:
    """Apply the gateway's events; woken by each and every 10 s: the rows are the queue."""
    apply.apply_due()


@shared_task
def pull_reports() -> None:
    """Ask the gateway for missing events; woken when a gap is seen and every minute."""
    gaps.pull(outbox.gateway_client(Scope.READ_REPORTS))


@shared_task
def keep_reports() -> None:
    """Make partitions of the next days, and delete what is not kept any more, every hour."""
    upkeep.run()


@shared_task
def settle_results() -> None:
    """Note the days whose counts are final, and tell webhooks, every minute."""
    final_days.settle()


@shared_task
def report_shortfalls() -> None:
    """Notify brands of what is projected to be missing, once a day's counts are there: 5 min."""
    shortfalls.report_due()


@shared_task
def queue_report_mails() -> None:
    """Queue the mails of the last week and of ended campaigns, every 5 min."""
    report_mails.queue_due()


@shared_task
def send_report_mails() -> None:
    """Send mails of results; woken when some are queued and every 30 s: the rows are the queue."""
    report_mails.send_due()


@shared_task(soft_time_limit=580, time_limit=595)
def write_exports() -> None:
    """Write files of results; woken by a request and every 10 s: the rows are the queue."""
    exports.write_due()


@shared_task
def forget_exports() -> None:
    """Delete files of results that are older than seven days, every hour."""
    exports.delete_old()
