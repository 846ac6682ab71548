"""A process that remembers the book says what the database says, whoever wrote it since."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from inventory import arrays, capacity, ledger, reservations
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


def write_past_us(held, lines):
    """Write lines as another program would: nobody here is told."""
    Allocation.objects.filter(pk=held.pk).update(quantities=lines)


def lines_of(held):
    return {e.reservation_id: e.quantities.ravel().tolist() for e in ledger.read().entries}[held.pk]


def test_what_nobody_wrote_is_not_read_again(held):
    first, again = ledger.read(), ledger.read()

    assert all(a is b for a, b in zip(first.entries, again.entries, strict=True))
    assert first.book.capacity is again.book.capacity


def test_only_what_was_written_is_read_again(held):
    before = ledger.read()
    write_past_us(held[0], [1, 2, 3, 4, 5, 2_985])

    assert lines_of(held[0]) == [1, 2, 3, 4, 5, 2_985]
    assert ledger.read().entries[1] is before.entries[1]


def test_who_comes_and_who_goes_is_seen(held, on_sale):
    ledger.read()
    reservations.release(held[0].pk)
    new = take(on_sale, ["656"])

    assert [entry.reservation_id for entry in ledger.read().entries] == [held[1].pk, new.pk]


def test_what_was_taken_back_is_forgotten(held):
    lines = lines_of(held[0])
    with transaction.atomic():
        write_past_us(held[0], [3_000, 0, 0, 0, 0, 0])
        Capacity.objects.filter(lada="33").update(capacity=F("capacity") - 1)
        changed = ledger.read()
        transaction.set_rollback(True)

    assert changed.entries[0].quantities.sum() == 3_000
    assert lines_of(held[0]) == lines
    assert (ledger.read().book.capacity - changed.book.capacity).sum() == len(
        set(Capacity.objects.filter(lada="33").values_list("day"))
    )


def test_two_writes_of_one_transaction_are_told_apart(held):
    for first_count in (10, 20, 30):
        write_past_us(held[0], [first_count, 0, 0, 0, 0, 3_000 - first_count])
        assert lines_of(held[0])[0] == first_count


def test_a_reservation_that_is_written_is_read_again_though_its_lines_are_not(held):
    ledger.read()
    ceilings = [9_000, 9_001, 9_002]
    Reservation.objects.filter(pk=held[0].pk).update(daily_ceilings=ceilings)

    assert ledger.read().book.promises[0].ceilings.tolist() == ceilings


def test_capacity_is_read_again_when_cells_change_come_or_go(on_sale):
    def on_sale_now():
        return int(ledger.read().book.capacity.sum())

    before = on_sale_now()
    cell = Capacity.objects.filter(lada="55").latest("day")
    Capacity.objects.filter(pk=cell.pk).update(capacity=F("capacity") - 5)
    assert on_sale_now() == before - 5
    cell.delete()
    assert on_sale_now() == before - cell.capacity
    capacity.open_days(12)
    assert ledger.read().book.capacity.shape[1] == 12


def test_what_is_planned_in_a_cell_does_not_make_all_cells_be_read_again(held):
    before = ledger.read()
    Capacity.objects.filter(lada="55").update(planned=F("planned") + 1)

    assert ledger.read().book.capacity is before.book.capacity


def test_nobody_can_change_what_others_read_too(held):
    promise = ledger.read().book.promises[0]

    for array in (promise.lines, promise.ladas, promise.ceilings):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_process_answers_for_the_day_it_is(held, on_sale, monkeypatch):
    before = ledger.read()
    monkeypatch.setattr(timezone, "localdate", lambda: on_sale + timedelta(days=1))
    after = ledger.read()

    assert before.first < after.first == on_sale + timedelta(days=1)
    assert after.book.promises[0].lines.tolist() == before.book.promises[0].lines[:, 1:].tolist()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "name", "numbers"),
    [
        (arrays.Ints, "integer", [[-(2**31) + 1, 0], [7, 2**31 - 1]]),
        (arrays.BigInts, "bigint", [[-(2**62), 0], [7, 2**62]]),
        (arrays.Ints, "integer", []),
    ],
)
def test_arrays_cross_as_they_are(kind, name, numbers):
    table = np.array(numbers, dtype=np.int64)
    [(text, sent, typed)] = arrays.fetch(
        "SELECT a::text, array_send(a), pg_typeof(a)::text FROM (SELECT %s AS a) AS one",
        [kind(table)],
    )

    assert typed == f"{name}[]"
    assert text == "{" + ",".join(map(str, table.ravel().tolist())) + "}"
    stored = arrays.INT8 if kind is arrays.BigInts else arrays.INT4
    assert arrays.integers(sent, stored).tolist() == table.ravel().tolist()


@pytest.mark.django_db
def test_a_number_that_does_not_fit_is_refused_and_not_cut():
    with pytest.raises(OverflowError):
        arrays.run("SELECT %s", [arrays.Ints(np.array([2**31]))])
    assert not connection.needs_rollback
