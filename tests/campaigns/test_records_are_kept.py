"""What happened stays on record, whatever SQL somebody writes."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from campaigns import conversation, lifecycle
from campaigns.models import Campaign, Event, Message, Version
from inventory.models import JournalEntry
from tests import statuses

pytestmark = pytest.mark.django_db

RECORDS = [Event, Version, Message, JournalEntry]


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    "sql", ["TRUNCATE {} CASCADE", "DELETE FROM {}", "UPDATE {} SET id = id + 1000"]
)
def test_no_record_is_changed_or_removed(approved, editor, model, sql):
    conversation.write(approved.pk, "Hola", side=conversation.Side.BRAND, by=editor)
    statuses.commit()
    before = list(model.objects.values_list("pk", flat=True))

    with (
        pytest.raises(DatabaseError, match=r"pgtrigger: (?i:cannot)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(model._meta.db_table))

    assert before
    assert list(model.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("status", ["no_inventory", "cancelled", "draft"])
def test_no_status_is_changed_without_its_event(draft, editor, status):
    lifecycle.submit(draft.pk, by=editor)
    statuses.commit()

    with pytest.raises(IntegrityError, match="newest event says reserving"), transaction.atomic():
        Campaign.objects.filter(pk=draft.pk).update(status=status)
        statuses.commit()


def test_no_campaign_begins_in_another_status(draft):
    with pytest.raises(IntegrityError, match="newest event says nothing"), transaction.atomic():
        Campaign.objects.create(
            brand=draft.brand, name="x", status="cancelled", created_by=draft.created_by
        )
        statuses.commit()


def test_with_its_event_it_is_changed(draft, editor):
    lifecycle.submit(draft.pk, by=editor)

    statuses.put(draft.pk, "no_inventory")

    statuses.commit()
    draft.refresh_from_db()
    assert draft.status == "no_inventory"
