from datetime import date, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from inventory import availability, free_days, locks, reservations
from inventory.errors import DaysGone, DaysNotOpen, NotEnoughInventory
from inventory.models import Allocation, Capacity, Reservation
from inventory.terms import Terms

MONDAY = date(2026, 11, 23)


@pytest.fixture
def hundred(on_sale):
    """100 notifications in every cell."""
    Capacity.objects.update(gross=100, capacity=100)
    return on_sale


def later(day, days):
    return day + timedelta(days=days)


def terms(first, **changes):
    wanted = {"quantity": 100, "ladas": ["33"], "starts_on": first, "ends_on": first}
    return Terms(**wanted | changes)


def hold(wanted):
    return reservations.hold(
        wanted,
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(hours=1),
    )


def alternatives(found):
    return {each.kind: each.terms for each in found.alternatives}


def test_what_is_left_is_listed_by_day(hundred):
    hold(terms(hundred, quantity=30))

    found = availability.by_day(terms(hundred, ladas=["33", "55"], ends_on=later(hundred, 1)))

    assert [(day.day, day.capacity, day.free) for day in found.days] == [
        (hundred, 200, 170),
        (later(hundred, 1), 200, 200),
    ]
    assert found.free == 370
    assert abs(found.as_of - timezone.now()) < timedelta(seconds=30)


def test_what_others_can_give_up_counts_as_available(hundred):
    hold(terms(hundred, ladas=["33", "55"], quantity=100))

    found = availability.by_day(terms(hundred))

    assert [day.free for day in found.days] == [100]


def test_free_notifications_of_all_days_can_be_held_together(hundred):
    """A reservation that can leave either of two days leaves one of them."""
    hold(terms(hundred, ends_on=later(hundred, 2), quantity=200, daily_cap=100))

    found = availability.by_day(terms(hundred, ends_on=later(hundred, 1)))

    assert found.free == 100
    hold(terms(hundred, quantity=100))


def test_terms_that_fit_have_nothing_short(hundred):
    found = availability.check(terms(hundred))

    assert (found.fits, found.short, found.full, found.paced, found.alternatives) == (
        100,
        0,
        (),
        (),
        (),
    )


def test_the_quantity_that_fits_can_be_held_and_one_more_cannot(hundred):
    hold(terms(hundred, quantity=40))
    wanted = terms(hundred, ends_on=later(hundred, 2), quantity=900)

    found = availability.check(wanted)

    assert found.short == 900 - found.fits
    with pytest.raises(NotEnoughInventory) as refused:
        hold(terms(hundred, ends_on=later(hundred, 2), quantity=found.fits + 1))
    assert refused.value.fits == found.fits
    hold(terms(hundred, ends_on=later(hundred, 2), quantity=found.fits))


def test_even_pacing_makes_less_fit_than_is_free(hundred):
    """Two days of three are sold out: the third may carry half of a reservation and no more."""
    hold(terms(hundred, ends_on=later(hundred, 1), quantity=200))

    found = availability.check(
        terms(hundred, ends_on=later(hundred, 2), quantity=100), earliest=hundred
    )

    assert found.free == 100
    assert found.fits == 1
    assert found.full == (hundred, later(hundred, 1))
    assert found.paced == (later(hundred, 2),)
    assert alternatives(found)["cap"].daily_cap == 100
    hold(alternatives(found)["cap"])


def test_its_own_hold_counts_as_free_for_a_campaign_that_is_edited(hundred):
    own = hold(terms(hundred))

    assert availability.check(terms(hundred)).fits == 0
    assert availability.check(terms(hundred), without=own.pk).fits == 100


@pytest.mark.parametrize("kind", ["volume", "ladas", "dates", "span"])
def test_every_alternative_can_be_held(hundred, kind):
    hold(terms(hundred, ends_on=later(hundred, 2), quantity=240, daily_cap=80))
    wanted = terms(hundred, ends_on=later(hundred, 2), quantity=100)

    found = availability.check(wanted, more_ladas=["376", "387"], earliest=hundred)

    held = hold(alternatives(found)[kind])
    assert held.quantity == alternatives(found)[kind].quantity


def test_alternatives_are_the_nearest_that_fit(hundred):
    hold(terms(hundred, ends_on=later(hundred, 1), quantity=200))
    hold(terms(hundred, ladas=["376"], quantity=60))

    found = availability.check(
        terms(hundred, quantity=50), more_ladas=["376", "387"], earliest=hundred
    )

    assert found.fits == 0
    assert found.full == (hundred,)
    assert alternatives(found)["ladas"].ladas == ["33", "387"]
    assert alternatives(found)["dates"].starts_on == later(hundred, 2)
    assert "volume" not in alternatives(found)


def test_the_span_grows_by_as_few_days_as_are_enough(hundred):
    found = availability.check(terms(hundred, quantity=250, daily_cap=90))

    assert alternatives(found)["span"].ends_on == later(hundred, 2)
    assert alternatives(found)["volume"].quantity == 90


def test_more_ladas_are_as_few_as_are_enough_those_with_most_first(hundred):
    Capacity.objects.filter(lada="387").update(gross=500, capacity=500)

    found = availability.check(terms(hundred, quantity=600), more_ladas=["376", "387", "33"])

    assert alternatives(found)["ladas"].ladas == ["33", "387"]


def test_an_alternative_with_more_ladas_may_need_others_to_move(hundred):
    hold(terms(hundred, ladas=["376", "55"], quantity=100))
    hold(terms(hundred, ladas=["33"], quantity=100))

    found = availability.check(terms(hundred, quantity=100), more_ladas=["376"])

    assert alternatives(found)["ladas"].ladas == ["33", "376"]
    hold(alternatives(found)["ladas"])


def test_no_alternative_begins_before_the_first_possible_day(hundred):
    hold(terms(hundred, ends_on=later(hundred, 5), quantity=600))

    found = availability.check(terms(later(hundred, 5), quantity=100), earliest=later(hundred, 2))

    assert alternatives(found)["dates"].starts_on == later(hundred, 6)


def test_days_that_are_gone_or_not_on_sale_are_refused(hundred):
    last = Capacity.objects.latest("day").day

    with pytest.raises(DaysNotOpen) as refused:
        availability.by_day(terms(last, ends_on=later(last, 2)))
    with pytest.raises(DaysGone):
        availability.by_day(terms(timezone.localdate() - timedelta(days=1), ends_on=last))

    assert refused.value.days == [later(last, 1), later(last, 2)]


@pytest.mark.django_db(transaction=True)
def test_reading_and_writing_do_not_block_each_other(hundred):
    """A writer holds the exclusive lock while availability is read; both finish."""
    from django.db import transaction

    results = []

    def read():
        try:
            results.append(availability.check(terms(hundred, quantity=10**6)).fits)
        finally:
            connection.close()

    with transaction.atomic():
        locks.exclusive()
        Capacity.objects.filter(lada="33").update(planned=0)
        reader = Thread(target=read)
        reader.start()
        reader.join(timeout=20)

        assert not reader.is_alive()

    assert results == [100]


def test_a_day_is_tight_from_a_fifth_and_out_at_nothing():
    day = free_days.DayAvailability(MONDAY, capacity=1_000, free=201)

    assert day.level == "ok"
    assert free_days.DayAvailability(MONDAY, 1_000, 200).level == "tight"
    assert free_days.DayAvailability(MONDAY, 1_000_000, 1).level == "tight"
    assert free_days.DayAvailability(MONDAY, 1_000, 0).level == "out"


def test_the_preview_adds_up_and_obeys_what_is_free_and_the_ceilings(on_sale):
    terms = Terms(
        quantity=100_001, ladas=["33", "55"], starts_on=on_sale, ends_on=on_sale + timedelta(days=4)
    )
    found = availability.check(terms)

    counts = availability.preview(found, terms)

    assert sum(counts.values()) == 100_001
    assert counts.keys() == {day.day for day in found.days}
    assert all(counts[day.day] <= day.free for day in found.days)


def test_what_does_not_fit_has_no_preview(on_sale):
    terms = Terms(quantity=900_000_000, ladas=["33"], starts_on=on_sale, ends_on=on_sale)

    assert availability.preview(availability.check(terms), terms) == {}


def test_availability_is_what_a_hold_would_find_past_expiries_and_risks_included(hundred):
    overdue = hold(terms(hundred, ladas=["55"]))
    Reservation.objects.filter(pk=overdue.pk).update(expires_at=timezone.now())
    risky = hold(terms(hundred))
    Allocation.objects.filter(pk=risky.pk).update(quantities=[70], at_risk=30)
    Capacity.objects.filter(lada="33", day=hundred).update(planned=70)

    found = availability.check(terms(hundred, quantity=20))

    assert (found.fits, found.free) == (0, 0)
    assert availability.check(terms(hundred, ladas=["55"])).short == 0
