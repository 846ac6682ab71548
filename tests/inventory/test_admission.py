"""What a hold costs others: who takes the exclusive lock, and who waits for a repair."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory import admission, allocations, audit, locks, repairs, reservations
from inventory.errors import NotEnoughInventory
from inventory.models import Allocation, Capacity, JournalEntry, Reservation
from inventory.planning import plan
from tests.inventory import holds

WRITERS = 8
PATIENCE = 60  # seconds for threads that should not wait for each other


@pytest.fixture
def hundred(on_sale):
    """100 notifications in every cell."""
    Capacity.objects.update(gross=100, capacity=100)
    return on_sale


def hold(day, ladas, quantity, *, last=None, **changes):
    wanted = {
        "reference": "LP-TEST22",
        "expires_at": timezone.now() + timedelta(hours=1),
        "starts_on": day,
        "ends_on": last or day,
    }
    return holds.hold(ladas=ladas, quantity=quantity, **wanted | changes)


def at_risk(day, lada, *, carried=60, ladas=None):
    """A booking of 100 in one cell whose capacity is less by now. Other LADAs have to be full."""
    risky = hold(day, ladas or [lada], 100)
    reservations.book(risky.pk)
    place = risky.ladas.index(lada)
    quantities = [carried if n == place else 0 for n in range(len(risky.ladas))]
    Capacity.objects.filter(lada=lada, day=day).update(
        gross=carried, capacity=carried, planned=carried
    )
    Allocation.objects.filter(pk=risky.pk).update(quantities=quantities, at_risk=100 - carried)
    return risky


@pytest.fixture
def count(monkeypatch):
    """Count what is done within a block: exclusive locks, planner calls, readings of the book."""

    @contextmanager
    def counted():
        calls = {"exclusive": 0, "planned": 0, "read": 0}

        def counting(name, function):
            def call(*args, **kwargs):
                calls[name] += 1
                return function(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(locks, "exclusive", counting("exclusive", locks.exclusive))
            patch.setattr(plan, "_search", counting("planned", plan._search))
            patch.setattr(allocations, "read_all", counting("read", allocations.read_all))
            yield calls

    return counted


NOTHING = {"exclusive": 0, "planned": 0, "read": 0}


# ── notifications at risk elsewhere ──────────────────────────────────────────


def test_one_at_risk_makes_one_hold_slow_and_not_those_after_it(hundred, count):
    at_risk(hundred, "33")
    second = hundred + timedelta(days=1)

    with count() as first:
        hold(hundred, ["55"], 1)
    with count() as others:
        for ladas, day in ((["55"], hundred), (["81"], hundred), (["33"], second)):
            hold(day, ladas, 1)
        hold(hundred, ["33", "55", "81", "222"], 20, last=second)

    assert first["exclusive"] == 1
    assert others == NOTHING


@pytest.mark.parametrize("elsewhere", [["81"], ["55", "81"], ["222", "664", "999"]], ids=str)
def test_what_is_freed_elsewhere_makes_no_hold_slow(hundred, count, elsewhere):
    at_risk(hundred, "33")
    freed = hold(hundred, elsewhere, 10)
    repairs_first = hold(hundred, ["229"], 1)
    reservations.release(freed.pk)

    with count() as calls:
        hold(hundred, ["229", "231"], 1)
        hold(hundred + timedelta(days=1), elsewhere, 1)

    assert calls == NOTHING
    assert repairs_first.pk


@pytest.mark.parametrize("free", ["release", "expire"])
def test_what_is_freed_goes_to_those_at_risk_first(hundred, count, free):
    full = hold(hundred, ["55"], 100)
    risky = at_risk(hundred, "33", ladas=["33", "55"])
    hold(hundred, ["81"], 1)
    if free == "release":
        reservations.release(full.pk)
    else:
        Reservation.objects.filter(pk=full.pk).update(expires_at=timezone.now())
        reservations.expire_due()

    with pytest.raises(NotEnoughInventory) as refused:
        hold(hundred, ["55"], 61)
    hold(hundred, ["55"], 60)

    assert refused.value.fits == 60
    assert Allocation.objects.get(pk=risky.pk).at_risk == 0


def test_those_at_risk_come_first_also_where_others_have_to_move_for_them(hundred):
    flexible = hold(hundred, ["33", "55"], 40, daily_cap=40)
    Allocation.objects.filter(pk=flexible.pk).update(quantities=[40, 0])
    Capacity.objects.filter(day=hundred, lada="33").update(planned=40)
    Capacity.objects.filter(day=hundred, lada="55").update(planned=0)
    full = hold(hundred, ["55"], 100)
    risky = hold(hundred, ["33"], 60)
    reservations.book(risky.pk)
    Allocation.objects.filter(pk=risky.pk).update(quantities=[20], at_risk=40)
    Capacity.objects.filter(day=hundred, lada="33").update(gross=60, capacity=60, planned=60)
    hold(hundred, ["81"], 1)
    reservations.release(full.pk)

    hold(hundred, ["55"], 60)

    assert Allocation.objects.get(pk=risky.pk).at_risk == 0
    assert Allocation.objects.get(pk=flexible.pk).quantities == [0, 40]


def test_a_change_may_free_any_cell_and_is_looked_at_once(hundred, count):
    at_risk(hundred, "33")
    other = hold(hundred, ["81"], 10)
    later = timezone.now() + timedelta(hours=2)
    holds.change(
        other.pk,
        quantity=5,
        ladas=["222"],
        starts_on=hundred,
        ends_on=hundred,
        expires_at=later,
    )

    with count() as first:
        hold(hundred, ["55"], 1)
    with count() as second:
        hold(hundred, ["55"], 1)

    assert (first["exclusive"], second) == (1, NOTHING)


def test_capacity_that_grows_is_looked_at_once(hundred, count):
    risky = at_risk(hundred, "33", carried=60)
    hold(hundred, ["55"], 1)
    Capacity.objects.filter(day=hundred, lada="33").update(gross=70, capacity=70)

    with count() as first:
        hold(hundred, ["81"], 1)
    with count() as second:
        hold(hundred, ["81"], 1)

    assert (first["exclusive"], second) == (1, NOTHING)
    assert Allocation.objects.get(pk=risky.pk).at_risk == 30


def test_what_can_change_no_day_any_more_delays_nobody(hundred, count):
    at_risk(timezone.localdate() + timedelta(days=1), "33")

    with count() as calls:
        hold(hundred, ["33"], 1)

    assert calls == NOTHING


def test_the_periodic_repair_tries_again_only_once_something_was_freed(hundred, count):
    at_risk(hundred, "33")
    other = hold(hundred, ["81"], 10)
    reservations.repair()

    with count() as idle:
        assert reservations.repair() == 0
    reservations.release(other.pk)
    with count() as due:
        assert reservations.repair() == 0

    assert (idle, due["exclusive"]) == (NOTHING, 1)


def test_without_the_mark_every_hold_takes_the_exclusive_lock(hundred, count, monkeypatch):
    """The negative control of the tests above."""
    monkeypatch.setattr(repairs.marks, "is_freed_since", lambda *_args: True)
    at_risk(hundred, "33")

    with count() as calls:
        for _ in range(3):
            hold(hundred, ["55"], 1)

    assert calls["exclusive"] == 3


# ── what cannot fit ──────────────────────────────────────────────────────────


def test_what_cannot_fit_is_refused_without_the_exclusive_lock(hundred, count):
    hold(hundred, ["33"], 100)
    second = hundred + timedelta(days=1)
    hopeless = [
        {"day": hundred, "ladas": ["33"], "quantity": 1},
        {"day": hundred, "ladas": ["33", "55"], "quantity": 101},
        {"day": hundred, "ladas": ["33"], "last": second, "quantity": 101, "daily_cap": 100},
        {"day": hundred, "ladas": ["55"], "quantity": 2_000_000_000},
        {"day": hundred, "ladas": ["55"], "last": second, "quantity": 21, "daily_cap": 10},
    ]

    with count() as calls:
        for terms in hopeless:
            with pytest.raises(NotEnoughInventory):
                hold(**terms)

    assert calls["exclusive"] == 0
    assert calls["read"] == len(hopeless)


def test_a_change_that_cannot_fit_takes_no_exclusive_lock_and_changes_nothing(hundred, count):
    hold(hundred, ["33"], 60)
    own = hold(hundred, ["33"], 30)
    later = timezone.now() + timedelta(hours=1)

    with count() as calls, pytest.raises(NotEnoughInventory) as refused:
        holds.change(
            own.pk, quantity=41, ladas=["33"], starts_on=hundred, ends_on=hundred, expires_at=later
        )

    assert (calls["exclusive"], refused.value.fits) == (0, 40)
    own.refresh_from_db()
    assert (own.quantity, own.status) == (30, "held")


def test_what_is_past_its_expiry_counts_as_free(hundred):
    overdue = hold(hundred, ["33"], 100)
    Reservation.objects.filter(pk=overdue.pk).update(expires_at=timezone.now())

    with pytest.raises(NotEnoughInventory) as refused:
        hold(hundred, ["33"], 101)
    hold(hundred, ["33"], 100)

    assert refused.value.fits == 100


def test_a_refusal_needs_as_many_queries_for_the_country_as_for_a_city(hundred):
    everywhere = list(Capacity.objects.filter(day=hundred).values_list("lada", flat=True))
    counts = []
    for ladas in (["33"], everywhere):
        with CaptureQueriesContext(connection) as queries, pytest.raises(NotEnoughInventory):
            hold(hundred, ladas, 2_000_000)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def _ask_in_vain(day):
    try:
        with pytest.raises(NotEnoughInventory):
            hold(day, ["33"], 1)
    finally:
        connection.close()


def test_eight_who_ask_for_what_is_sold_out_wait_for_nobody(transactional_db, hundred):
    """A hold elsewhere is in progress all the time: who took the exclusive lock would wait."""
    hold(hundred, ["33"], 100)

    with ThreadPoolExecutor(WRITERS) as pool, transaction.atomic():
        hold(hundred, ["55"], 1)
        asked = [pool.submit(_ask_in_vain, hundred) for _ in range(3 * WRITERS)]
        for done in asked:
            done.result(timeout=PATIENCE)

    assert Reservation.objects.count() == 2


def test_without_the_check_before_it_a_refusal_takes_the_exclusive_lock(
    hundred, count, monkeypatch
):
    """The negative control of the tests above."""
    monkeypatch.setattr(admission, "require_fit", lambda *_args, **_kwargs: None)
    hold(hundred, ["33"], 100)

    with count() as calls, pytest.raises(NotEnoughInventory):
        hold(hundred, ["33"], 1)

    assert calls["exclusive"] == 1


def test_what_fits_only_by_moving_others_still_does(hundred, count):
    hold(hundred, ["33", "55"], 100)

    with count() as calls:
        hold(hundred, ["33"], 100)

    assert calls["exclusive"] == 1
    assert JournalEntry.objects.filter(action="move").count() == 1


def test_a_quantity_that_fits_only_as_part_of_a_larger_one_is_held_and_audited(on_sale):
    """Five days of 12 and one of 40 that is full: 45 fit, and without one more 44 would not."""
    last = on_sale + timedelta(days=5)
    cells = Capacity.objects.filter(lada="33", day__range=(on_sale, last))
    cells.update(gross=12, capacity=12)
    cells.filter(day=last).update(gross=40, capacity=40)
    hold(last, ["33"], 40)

    with pytest.raises(NotEnoughInventory) as refused:
        hold(on_sale, ["33"], 46, last=last)
    assert refused.value.fits == 45
    for quantity in (11, 22, 38, 44, 45):
        held = hold(on_sale, ["33"], quantity, last=last)
        assert sum(held.planned_by_day().values()) == quantity
        assert audit.find_breaches() == []
        held = holds.change(
            held.pk,
            quantity=quantity - 1,
            ladas=["33"],
            starts_on=on_sale,
            ends_on=last,
            expires_at=timezone.now() + timedelta(hours=1),
        )
        assert held.quantity == quantity - 1
        assert audit.find_breaches() == []
        reservations.release(held.pk)


def test_the_day_of_such_a_quantity_carries_one_more_and_no_two(on_sale):
    last = on_sale + timedelta(days=5)
    cells = Capacity.objects.filter(lada="33", day__range=(on_sale, last))
    cells.update(gross=12, capacity=12)
    cells.filter(day=last).update(gross=40, capacity=40)
    hold(last, ["33"], 40)

    held = hold(on_sale, ["33"], 11, last=last)

    own = plan.ceilings(11, np.array([12, 12, 12, 12, 12, 40]))
    assert own.tolist() == [2, 2, 2, 2, 2, 7]
    assert held.daily_ceilings == [3, 3, 3, 3, 3, 8]
