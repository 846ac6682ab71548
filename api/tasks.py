from celery import shared_task

from api.models import KeptAnswer


@shared_task
def forget_answers() -> None:
    """Every hour: forget the answers that were kept for as long as we promise."""
    KeptAnswer.objects.all().over().delete()
