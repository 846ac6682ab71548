from celery import shared_task

from core.models import IdempotentResponse


@shared_task
def delete_expired_responses() -> None:
    """Every hour: delete the idempotent responses that are older than their time."""
    IdempotentResponse.objects.all().expired().delete()
