from celery import shared_task
from oauth2_provider.models import clear_expired


@shared_task
def forget_tokens() -> None:
    """Every day: delete the tokens whose hour is over; they open nothing any more."""
    clear_expired()
