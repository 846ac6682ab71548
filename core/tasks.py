from celery import shared_task

from core.models import IdempotentResponse


@shared_task
def forget_answers() -> None:
    """Every hour: forget the answers that were kept for as long as we promise."""
    IdempotentResponse.objects.all().over().delete()
