from celery import shared_task

from campaigns import lifecycle, notices, outbox
from campaigns.webhooks import deliveries


@shared_task
def hold_submitted() -> None:
    """Woken at a submit and every 10 s: the rows are the queue."""
    lifecycle.hold_submitted()


@shared_task
def send_due() -> None:
    """Woken at a decision and every 10 s: the rows are the queue."""
    while claimed := outbox.claim():
        outbox.send(claimed)


@shared_task
def advance_due() -> None:
    """Start, finish and expire campaigns as channel days come and go."""
    lifecycle.advance_due()


@shared_task
def follow_plan() -> None:
    """Woken after holds and every 30 s: tell the gateway of days that the plan changed."""
    lifecycle.follow_plan()


@shared_task
def offer_freed() -> None:
    """Woken where inventory frees up and every 30 s: the places in the line are the queue."""
    lifecycle.offer_freed()


@shared_task
def mail_notices() -> None:
    """Woken at a step and every 10 s: the rows are the queue."""
    notices.mail_due()


@shared_task
def deliver_webhooks() -> None:
    """Woken at a step and every 10 s: the rows are the queue."""
    deliveries.deliver_due()


@shared_task
def forget_deliveries() -> None:
    """Every hour: forget what webhooks were sent thirty days ago, and secrets that are over."""
    deliveries.forget_old()
