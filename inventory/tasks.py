from celery import shared_task

from inventory import audit, capacity, reservations


@shared_task
def expire_holds() -> None:
    """Give back what nobody decided on in time."""
    reservations.expire_due()


@shared_task
def mend_promises() -> None:
    """Try again to place what capacity changes have put at risk."""
    reservations.mend()


@shared_task
def open_days() -> None:
    """Keep the horizon on sale as days go by."""
    capacity.open_days()


@shared_task
def audit_inventory() -> None:
    """Count everything again, and say in the log what does not agree."""
    audit.run()
