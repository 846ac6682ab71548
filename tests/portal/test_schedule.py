"""The schedule of beat has every task, as a task that is only woken after commits may be lost."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from core.models import IdempotentResponse
from core.tasks import delete_expired_responses
from portal.celery import app

OURS = tuple(name for name in settings.INSTALLED_APPS if "." not in name)


def test_beat_sends_every_task_of_the_project():
    app.loader.import_default_modules()

    ours = {name for name in app.tasks if name.startswith(OURS) and ".tasks." in name}
    assert "core.tasks.delete_expired_responses" in ours
    assert ours == {entry["task"] for entry in app.conf.beat_schedule.values()}


@pytest.mark.django_db
def test_idempotent_responses_are_deleted_after_their_day(owner):
    now = timezone.now()
    with time_machine.travel(now - IdempotentResponse.KEPT_FOR - timedelta(minutes=1), tick=False):
        IdempotentResponse.objects.create(user=owner, key="vieja", digest="0", status=201)
    with time_machine.travel(now - IdempotentResponse.KEPT_FOR + timedelta(minutes=1), tick=False):
        IdempotentResponse.objects.create(user=owner, key="fresca", digest="0", status=201)

    delete_expired_responses()

    assert [kept.key for kept in IdempotentResponse.objects.all()] == ["fresca"]
