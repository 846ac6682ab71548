"""Rows that a test commits are deleted after it, and rows that all tests share stay."""

import pytest

from campaigns import lifecycle
from campaigns.models import Reason
from inventory.models import Capacity, CapacityVersion, JournalEntry
from portal.accounts.models import User
from segments.models import State
from tests import database


@pytest.fixture
def seeded(db):
    return Reason.objects.count()


@pytest.mark.django_db(transaction=True)
def test_committed_rows_are_deleted_and_constant_rows_stay(seeded, draft, editor):
    """Rows of the journal as well, although a trigger refuses any other deletion."""
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    assert JournalEntry.objects.exists()
    version = CapacityVersion.objects.get().written_at
    Reason.objects.create(label="Otra", position=99)

    database.empty_tables()

    assert not JournalEntry.objects.exists()
    assert not Capacity.objects.exists()
    assert not User.objects.exists()
    assert Reason.objects.count() == seeded
    assert State.objects.count() == 32
    assert CapacityVersion.objects.get().written_at > version


@pytest.mark.django_db(transaction=True)
def test_a_changed_constant_row_is_found():
    """The negative control: a change of the catalogue for all later tests is an error."""
    name = State.objects.get(code="14").name
    State.objects.filter(code="14").update(name="Otro")

    with pytest.raises(database.ConstantRowsChanged, match="segments_state"):
        database.empty_tables()

    State.objects.filter(code="14").update(name=name)
    database.remember_constant_rows()
