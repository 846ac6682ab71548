"""The lists of records in the admin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import Event, Version, WaitingListEntry
from campaigns.moves import WaitingEnd

pytestmark = pytest.mark.django_db


@pytest.fixture
def queries(admin_client):
    """Return a function that counts the queries of a model's list."""

    def count(model) -> int:
        path = reverse(f"admin:campaigns_{model._meta.model_name}_changelist")
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(path).status_code == 200
        return len(captured)

    count(Event)  # the first request of a session writes it
    return count


def more(row) -> None:
    """Store ten more rows like one."""
    for number in range(2, 12):
        row.pk, row._state.adding = None, True
        row.number = number  # of a version
        row.save()


@pytest.mark.parametrize("model", [Version, Event, WaitingListEntry])
def test_a_list_makes_as_many_queries_for_many_rows_as_for_one(queries, draft, editor, model):
    lifecycle.submit(draft.pk, by=editor)
    ended = {"ended_at": timezone.now(), "ending": WaitingEnd.LEFT}
    WaitingListEntry.objects.create(campaign=draft, requested_by=editor, **ended)
    of_one = queries(model)

    more(model.objects.latest("pk"))

    assert model.objects.count() >= 11
    assert queries(model) == of_one
