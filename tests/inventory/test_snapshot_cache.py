"""The cached snapshot of a process equals the database, whoever wrote it since."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from inventory import allocations, arrays, capacity, reservations
from inventory.models import Allocation, Capacity, Reservation
from inventory.terms import Terms


@pytest.fixture
def held(on_sale):
    return [take(on_sale, ladas) for ladas in (["33", "55"], ["81"])]


def take(first, ladas):
    return reservations.hold(
        Terms(
            quantity=3_000,
            ladas=ladas,
            starts_on=first,
            ends_on=first + timedelta(days=2),
        ),
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(hours=1),
    )


def write_elsewhere(held, quantities):
    """Write quantities as another program would, without notifying this process."""
    Allocation.objects.filter(pk=held.pk).update(quantities=quantities)


def quantities_of(held):
    return {
        e.reservation_id: e.quantities.ravel().tolist() for e in allocations.read_all().allocations
    }[held.pk]


def test_unchanged_rows_are_not_read_again(held):
    first, again = allocations.read_all(), allocations.read_all()

    assert all(a is b for a, b in zip(first.allocations, again.allocations, strict=True))
    assert first.snapshot.capacity is again.snapshot.capacity


def test_only_changed_rows_are_read_again(held):
    before = allocations.read_all()
    write_elsewhere(held[0], [1, 2, 3, 4, 5, 2_985])

    assert quantities_of(held[0]) == [1, 2, 3, 4, 5, 2_985]
    assert allocations.read_all().allocations[1] is before.allocations[1]


def test_new_and_released_reservations_are_seen(held, on_sale):
    allocations.read_all()
    reservations.release(held[0].pk)
    new = take(on_sale, ["656"])

    assert [each.reservation_id for each in allocations.read_all().allocations] == [
        held[1].pk,
        new.pk,
    ]


def test_changes_that_were_rolled_back_are_forgotten(held):
    quantities = quantities_of(held[0])
    with transaction.atomic():
        write_elsewhere(held[0], [3_000, 0, 0, 0, 0, 0])
        Capacity.objects.filter(lada="33").update(capacity=F("capacity") - 1)
        changed = allocations.read_all()
        transaction.set_rollback(True)

    assert changed.allocations[0].quantities.sum() == 3_000
    assert quantities_of(held[0]) == quantities
    assert (allocations.read_all().snapshot.capacity - changed.snapshot.capacity).sum() == len(
        set(Capacity.objects.filter(lada="33").values_list("day"))
    )


def test_two_writes_of_one_transaction_have_different_versions(held):
    for first_count in (10, 20, 30):
        write_elsewhere(held[0], [first_count, 0, 0, 0, 0, 3_000 - first_count])
        assert quantities_of(held[0])[0] == first_count


def test_a_reservation_that_is_written_is_read_again_though_its_allocation_is_not(held):
    allocations.read_all()
    ceilings = [9_000, 9_001, 9_002]
    Reservation.objects.filter(pk=held[0].pk).update(daily_ceilings=ceilings)

    assert allocations.read_all().snapshot.reservations[0].ceilings.tolist() == ceilings


def test_capacity_is_read_again_when_cells_change_or_are_added_or_removed(on_sale):
    def on_sale_now():
        return int(allocations.read_all().snapshot.capacity.sum())

    before = on_sale_now()
    cell = Capacity.objects.filter(lada="55").latest("day")
    Capacity.objects.filter(pk=cell.pk).update(capacity=F("capacity") - 5)
    assert on_sale_now() == before - 5
    cell.delete()
    assert on_sale_now() == before - cell.capacity
    capacity.open_days(12)
    assert allocations.read_all().snapshot.capacity.shape[1] == 12


def test_planned_counts_do_not_make_all_cells_be_read_again(held):
    before = allocations.read_all()
    Capacity.objects.filter(lada="55").update(planned=F("planned") + 1)

    assert allocations.read_all().snapshot.capacity is before.snapshot.capacity


def test_shared_arrays_are_read_only(held):
    reservation = allocations.read_all().snapshot.reservations[0]

    for array in (reservation.quantities, reservation.ladas, reservation.ceilings):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_snapshot_begins_on_the_current_day(held, on_sale, monkeypatch):
    before = allocations.read_all()
    monkeypatch.setattr(timezone, "localdate", lambda: on_sale + timedelta(days=1))
    after = allocations.read_all()

    assert before.first_day < after.first_day == on_sale + timedelta(days=1)
    assert (
        after.snapshot.reservations[0].quantities.tolist()
        == before.snapshot.reservations[0].quantities[:, 1:].tolist()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "name", "numbers"),
    [
        (arrays.Ints, "integer", [[-(2**31) + 1, 0], [7, 2**31 - 1]]),
        (arrays.BigInts, "bigint", [[-(2**62), 0], [7, 2**62]]),
        (arrays.Ints, "integer", []),
    ],
)
def test_arrays_are_sent_and_received_unchanged(kind, name, numbers):
    table = np.array(numbers, dtype=np.int64)
    [(text, sent, typed)] = arrays.fetch(
        "SELECT a::text, array_send(a), pg_typeof(a)::text FROM (SELECT %s AS a) AS one",
        [kind(table)],
    )

    assert typed == f"{name}[]"
    assert text == "{" + ",".join(map(str, table.ravel().tolist())) + "}"
    stored = arrays.INT8 if kind is arrays.BigInts else arrays.INT4
    assert arrays.decode(sent, stored).tolist() == table.ravel().tolist()


@pytest.mark.django_db
def test_a_number_too_large_for_its_type_is_refused():
    with pytest.raises(OverflowError):
        arrays.execute("SELECT %s", [arrays.Ints(np.array([2**31]))])
    assert not connection.needs_rollback
