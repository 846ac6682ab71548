"""Celery tasks of accounts."""

from celery import shared_task
from oauth2_provider.models import clear_expired


@shared_task
def delete_expired_tokens() -> None:
    """Delete expired tokens, daily."""
    clear_expired()
