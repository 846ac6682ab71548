from celery import shared_task

from core.models import IdempotentResponse


@shared_task
def delete_expired_responses() -> None:
    """Delete the idempotent responses that have expired, every hour."""
    IdempotentResponse.objects.all().expired().delete()
