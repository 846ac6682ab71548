"""Periodic tasks of the inventory."""

from celery import shared_task

from inventory import audit, capacity, reservations


@shared_task
def expire_holds() -> None:
    """Release the holds past their expiry."""
    reservations.expire_due()


@shared_task
def repair_reservations() -> None:
    """Place notifications that a change of capacity has put at risk."""
    reservations.repair()


@shared_task
def open_days() -> None:
    """Keep the whole horizon on sale as days pass."""
    capacity.open_days()


@shared_task
def audit_inventory() -> None:
    """Audit the inventory; breaches are logged."""
    audit.run()
