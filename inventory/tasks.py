from celery import shared_task

from inventory import capacity, reservations


@shared_task
def expire_holds() -> None:
    """Give back what nobody decided on in time."""
    reservations.expire_due()


@shared_task
def open_days() -> None:
    """Keep the horizon on sale as days go by."""
    capacity.open_days()
