"""What past days did not deliver: it has later days, or is at risk, and nothing is lost."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from inventory import audit, locks, repairs, reservations, undelivered
from inventory.models import Allocation, Capacity, JournalEntry, Reservation
from tests.inventory import holds

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(on_sale):
    """The first of six days with 100 notifications in every cell."""
    Capacity.objects.update(gross=100, capacity=100)
    return timezone.localdate() + timedelta(2)


def book(first, quantity=120, *, days=6, **changes):
    wanted = {
        "reference": "LP-TEST22",
        "ladas": ["33", "55"],
        "starts_on": first,
        "ends_on": first + timedelta(days - 1),
        "quantity": quantity,
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    booked = holds.hold(**wanted | changes)
    return reservations.book(booked.pk)


def by_day(reservation):
    found = Reservation.objects.select_related("allocation").get(pk=reservation.pk)
    counts = found.planned_by_day()
    days = [found.starts_on + timedelta(number) for number in range(found.days)]
    return [counts.get(day, 0) for day in days], found.at_risk


def tops(reservation):
    return Reservation.objects.get(pk=reservation.pk).daily_ceilings


def everything():
    models = (Capacity, Reservation, Allocation, JournalEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def assert_exact():
    connection.check_constraints()
    assert {breach.kind for breach in audit.find_breaches()} <= {"orphan"}  # no campaigns here


def test_two_lost_days_are_shared_by_the_days_that_are_left(first, time_machine):
    booked = book(first)
    assert by_day(booked) == ([20] * 6, 0)
    time_machine.move_to(timezone.now() + timedelta(4))  # two days have passed, two are frozen

    done = undelivered.plan_again(booked.pk, {first: 20, first + timedelta(1): 20})

    assert done == (40, 40)
    assert by_day(booked) == ([0, 0, 20, 20, 40, 40], 0)
    assert tops(booked) == [30, 30, 30, 30, 60, 60]
    planned = Capacity.objects.filter(planned__gt=0).values_list("day", "planned")
    assert sum((Counter({day: count}) for day, count in planned), Counter()) == {
        first + timedelta(2): 20,
        first + timedelta(3): 20,
        first + timedelta(4): 40,
        first + timedelta(5): 40,
    }
    actions = list(booked.journal.values_list("action", "quantity"))
    assert actions[-3:] == [("undelivered", 40), ("pace", 60), ("repair", 40)]
    assert_exact()


def test_a_day_that_delivered_a_part_keeps_that(first, time_machine):
    booked = book(first)
    time_machine.move_to(timezone.now() + timedelta(3))

    done = undelivered.plan_again(booked.pk, {first: 7})

    assert done == (7, 7)
    counts, _at_risk = by_day(booked)
    assert (counts[:3], sum(counts)) == ([13, 20, 20], 120)
    assert sum(sorted(booked.allocation.quantities[:2])) == 20  # as it was read before
    assert sorted(Allocation.objects.get(pk=booked.pk).quantities[:2]) == [6, 7]
    assert_exact()


def test_it_is_safe_to_repeat_for_days_that_delivered_nothing(first, time_machine):
    booked = book(first)
    time_machine.move_to(timezone.now() + timedelta(3))
    undelivered.plan_again(booked.pk, {first: 20})
    before = everything()

    assert undelivered.plan_again(booked.pk, {first: 20}) == (0, 0)
    assert undelivered.plan_again(booked.pk, {}) == (0, 0)

    assert everything() == before


def test_a_daily_cap_of_the_brand_holds_and_the_rest_is_at_risk(first, time_machine):
    capped = book(first, daily_cap=25)
    time_machine.move_to(timezone.now() + timedelta(4))
    revision = Allocation.objects.get(pk=capped.pk).goals_revision

    done = undelivered.plan_again(capped.pk, {first: 20, first + timedelta(1): 20})

    assert done == (40, 10)
    assert by_day(capped) == ([0, 0, 20, 20, 25, 25], 30)
    assert tops(capped) == [25] * 6
    assert Allocation.objects.get(pk=capped.pk).goals_revision > revision
    assert reservations.repair() == 0
    assert_exact()


def test_others_give_way_and_what_is_freed_later_takes_what_is_at_risk(first, time_machine):
    booked = book(first, ladas=["33"])
    wide = book(first + timedelta(4), 60, days=1, ladas=["33", "55"], daily_cap=60)
    full = book(first + timedelta(5), 80, days=1, ladas=["33"], daily_cap=80)
    time_machine.move_to(timezone.now() + timedelta(5))  # the last day alone can change

    assert undelivered.plan_again(booked.pk, {first: 20}) == (20, 0)
    assert by_day(booked) == ([0, 20, 20, 20, 20, 20], 20)
    assert_exact()
    reservations.release(full.pk)
    assert reservations.repair() == 20

    assert by_day(booked) == ([0, 20, 20, 20, 20, 40], 0)
    assert by_day(wide) == ([60], 0)
    assert_exact()


def test_others_move_to_other_ladas_where_needed(first, time_machine):
    booked = book(first, ladas=["33"])
    wide = book(first + timedelta(5), 100, days=1, daily_cap=100)
    before = Allocation.objects.get(pk=wide.pk).quantities
    time_machine.move_to(timezone.now() + timedelta(5))
    lost = {first: 20, first + timedelta(1): 20, first + timedelta(2): 20}

    assert undelivered.plan_again(booked.pk, lost) == (60, 60)

    assert by_day(booked) == ([0, 0, 0, 20, 20, 80], 0)
    assert Allocation.objects.get(pk=wide.pk).quantities == [20, 80] != before
    assert_exact()


def test_what_has_no_day_left_is_at_risk(first, time_machine):
    booked = book(first)
    time_machine.move_to(timezone.now() + timedelta(6))  # only frozen days are left

    assert undelivered.plan_again(booked.pk, {first: 20}) == (20, 0)

    assert by_day(booked) == ([0, 20, 20, 20, 20, 20], 20)
    assert_exact()


@pytest.mark.parametrize(
    ("day", "count", "message"),
    [(-1, 5, "not all"), (1, 5, "not all"), (2, 5, "not all"), (6, 5, "not all"), (0, -1, "less")],
)
def test_a_day_that_is_not_past_and_less_than_nothing_are_refused(
    day, count, message, first, time_machine
):
    booked = book(first)
    time_machine.move_to(timezone.now() + timedelta(3))
    before = everything()

    with pytest.raises(ValueError, match=message):
        undelivered.plan_again(booked.pk, {first: 20, first + timedelta(day): count})

    assert everything() == before


def test_only_a_booking_is_changed(first, time_machine):
    released = book(first)
    reservations.release(released.pk)
    time_machine.move_to(timezone.now() + timedelta(3))
    before = everything()

    assert undelivered.plan_again(released.pk, {first: 20}) == (0, 0)

    assert everything() == before


def test_under_frozen_ceilings_it_would_be_at_risk(first, time_machine, monkeypatch):
    """The negative control of the first test: half of what was lost has no place."""
    monkeypatch.setattr("inventory.planning.pacing.raised", lambda snapshot, *_: snapshot)
    booked = book(first)
    time_machine.move_to(timezone.now() + timedelta(4))

    done = undelivered.plan_again(booked.pk, {first: 20, first + timedelta(1): 20})

    assert done == (40, 20)


def test_a_new_day_is_another_chance_for_what_is_at_risk(first, time_machine):
    """Ceilings rise as days pass that carried less than their share."""
    capped = book(first, daily_cap=25)
    time_machine.move_to(timezone.now() + timedelta(4))
    undelivered.plan_again(capped.pk, {first: 20, first + timedelta(1): 20})
    assert not repairs.are_due()

    time_machine.move_to(timezone.now() + timedelta(1))

    assert repairs.are_due()
    assert reservations.repair() == 0
    assert not repairs.are_due()


@pytest.mark.parametrize("guarded", [True, False])
def test_it_waits_for_whoever_is_taking_cells(
    guarded, transactional_db, first, time_machine, monkeypatch
):
    """Without its lock, the negative control, it does not: what it reads may be taken by then."""
    booked = book(first)
    time_machine.move_to(timezone.now() + timedelta(4))
    if not guarded:
        monkeypatch.setattr("inventory.undelivered.locks.exclusive", lambda: None)

    def run():
        try:
            return undelivered.plan_again(booked.pk, {first: 20})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locks.shared()
            replanned = pool.submit(run)
            done, _others = wait([replanned], timeout=2 if guarded else 30)
            assert bool(done) != guarded
        assert replanned.result(60) == (20, 20)
