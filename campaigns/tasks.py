"""Celery tasks of campaigns: each calls one domain function."""

from celery import shared_task

from campaigns import channel, gateway_trouble, lifecycle, notice_mails, outbox
from campaigns.webhooks import deliveries


@shared_task
def hold_submitted() -> None:
    """Hold inventory; woken at a submit and every 10 s: the rows are the queue."""
    lifecycle.hold_submitted()


@shared_task
def send_due() -> None:
    """Send ad orders; woken at a decision and every 10 s: the rows are the queue."""
    while claimed := outbox.claim():
        outbox.send(claimed)


@shared_task
def send_channel_state() -> None:
    """Send a switch of the channel; woken by it and every 10 s: the rows are the queue."""
    channel.send_due()


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
    """Record what the gateway does not take for minutes, and its end, every 30 s."""
    gateway_trouble.record()


@shared_task
def mail_gateway_trouble() -> None:
    """Mail staff recorded trouble; woken by it and every 30 s: the rows are the queue."""
    gateway_trouble.mail_due()


@shared_task
def deliver_webhooks() -> None:
    """Deliver webhooks; woken at a move and every 10 s: the rows are the queue."""
    deliveries.deliver_due()


@shared_task
def forget_deliveries() -> None:
    """Delete deliveries older than thirty days and secrets that have expired, every hour."""
    deliveries.delete_old()
