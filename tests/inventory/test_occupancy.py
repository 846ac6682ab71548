from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from inventory import occupancy, reservations
from inventory.models import Allocation, Capacity, ClosedDay, Reservation
from inventory.occupancy import Figures
from tests.inventory import holds


def hold(first, **changes):
    wanted = {
        "reference": "LP-TEST22",
        "quantity": 300,
        "ladas": ["33", "55"],
        "starts_on": first,
        "ends_on": first,
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    return holds.hold(**wanted | changes)


def book(first, **changes):
    return reservations.book(hold(first, **changes).pk)


@pytest.fixture
def thousand(on_sale):
    """A capacity of 1,250 in each cell, of which 1,000 are on sale."""
    Capacity.objects.update(gross=1_250, capacity=1_000)
    return on_sale


@pytest.fixture
def places(thousand):
    return occupancy.places()


def row_of(places, lada):
    return [place.code for place in places].index(lada)


def test_a_cell_has_what_is_held_and_what_is_booked_apart(thousand, places):
    hold(thousand, ladas=["33"], quantity=120)
    book(thousand, ladas=["33"], quantity=45)
    book(thousand, ladas=["55"], quantity=7)

    book_ = occupancy.read(places, thousand, thousand)

    assert book_.figures(row_of(places, "33"), 0) == Figures(1_250, 1_000, 120, 45)
    assert book_.figures(row_of(places, "55"), 0) == Figures(1_250, 1_000, 0, 7)
    assert book_.figures(row_of(places, "81"), 0) == Figures(1_250, 1_000, 0, 0)
    found = book_.figures(row_of(places, "33"), 0)
    assert (found.planned, found.free, found.percent) == (165, 835, 16)


def test_what_is_held_and_booked_is_what_the_cells_have_planned(thousand, places):
    last = thousand + timedelta(days=4)
    hold(thousand, ladas=["33", "55", "81"], quantity=4_321, ends_on=last)
    book(thousand + timedelta(days=1), ladas=["55", "656"], quantity=987, ends_on=last)
    hold(thousand, ladas=[place.code for place in places], quantity=100_000, ends_on=last)

    first, end = occupancy.horizon()
    book_ = occupancy.read(places, first, end)

    for cell in Capacity.objects.all():
        found = book_.figures(row_of(places, cell.lada_id), (cell.day - first).days)
        assert (found.on_sale, found.planned, found.free) == (1_000, cell.planned, cell.free)
    assert book_.total.planned == Capacity.objects.aggregate(all=Sum("planned"))["all"] == 105_308


@pytest.mark.parametrize(("since", "until"), [(0, 9), (3, 4), (4, 4), (5, 8), (8, 9)])
def test_a_window_shows_what_the_whole_shows_there(thousand, places, since, until):
    """Allocations are cut to the window at either end."""
    hold(thousand, quantity=1_001, ends_on=thousand + timedelta(days=5))
    book(thousand + timedelta(days=2), ladas=["55", "81"], quantity=77)
    first, end = occupancy.horizon()
    whole = occupancy.read(places, first, end)

    cut = occupancy.read(places, first + timedelta(since), first + timedelta(until))

    assert (cut.counts == whole.counts[:, :, since : until + 1]).all()
    assert whole.total.planned == 1_078


def test_what_was_released_counts_no_more(thousand, places):
    released = hold(thousand)
    reservations.release(released.pk)
    expired = hold(thousand, expires_at=timezone.now() - timedelta(seconds=1))
    reservations.expire_due()

    assert {Reservation.objects.get(pk=r.pk).status for r in (released, expired)} == {
        "released",
        "expired",
    }
    assert occupancy.read(places, thousand, thousand).total.planned == 0


def test_what_is_at_risk_lies_in_no_cell(thousand, places):
    reservation = book(thousand, ladas=["33"], quantity=100)
    with transaction.atomic():
        Allocation.objects.filter(pk=reservation.pk).update(quantities=[60], at_risk=40)
        Capacity.objects.filter(lada="33", day=thousand).update(planned=60)

    assert occupancy.read(places, thousand, thousand).total.planned == 60
    [holder] = occupancy.holders("33", thousand)
    assert (holder.here, holder.at_risk) == (60, 40)


def test_a_closed_day_keeps_its_capacity_and_has_nothing_on_sale(thousand, places):
    ClosedDay.objects.create(day=thousand, reason="Mantenimiento")
    Capacity.objects.filter(day=thousand).update(capacity=0)

    total = occupancy.read(places, thousand, thousand).total

    assert (total.gross, total.on_sale, total.free, total.percent) == (413 * 1_250, 0, 0, 0)
    assert occupancy.closed_days(thousand, thousand + timedelta(days=1)) == {
        thousand: "Mantenimiento"
    }


def test_rows_and_columns_are_added_up_by_groups(thousand, places):
    second = thousand + timedelta(days=1)
    hold(thousand, ladas=["33"], quantity=10)
    hold(second, ladas=["33"], quantity=200)
    hold(second, ladas=["55"], quantity=300)
    rows = [[row_of(places, "33"), row_of(places, "55")], [row_of(places, "81")], []]

    summed = occupancy.read(places, thousand, second).sum_rows(rows)

    assert [summed.figures(0, day).held for day in (0, 1)] == [10, 500]
    assert summed.figures(1, 0) == Figures(1_250, 1_000, 0, 0)
    assert summed.figures(2, 0) == Figures(0, 0, 0, 0)
    assert summed.sum_columns([slice(0, 2)]).figures(0, 0) == Figures(5_000, 4_000, 510, 0)


def test_days_without_cells_read_as_nothing(places):
    far = timezone.localdate() + timedelta(days=400)

    assert occupancy.read(places, far, far).total == Figures(0, 0, 0, 0)


def test_the_heaviest_ladas_come_first_each_with_the_state_of_its_city(places):
    assert len(places) == 413
    assert {place.code: place.state for place in places}["33"] == "14"
    assert [place.code for place in places[:2]] == ["55", "81"]


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 100, 0), (1, 1_000, 1), (999, 1_000, 99), (1_000, 1_000, 100), (0, 0, 0), (50, 99, 50)],
)
def test_a_percent_is_0_only_for_none_and_100_only_for_all(part, whole, expected):
    assert occupancy.percent(part, whole) == expected


def test_the_horizon_goes_from_today_to_the_last_day_on_sale(on_sale):
    today = timezone.localdate()

    assert occupancy.horizon() == (today, today + timedelta(days=9))


@pytest.mark.django_db
def test_there_is_no_horizon_where_nothing_is_on_sale():
    assert occupancy.horizon() is None


def test_holders_of_a_cell_come_with_their_quantity_the_largest_first(thousand):
    second = thousand + timedelta(days=1)
    large = book(thousand, reference="LP-LARGE", ladas=["33", "55"], quantity=1_200, ends_on=second)
    small = hold(thousand, reference="LP-SMALL", ladas=["33"], quantity=10)
    hold(thousand, reference="LP-OTHER", ladas=["55"], quantity=10)
    gone = hold(thousand, reference="LP-GONE", ladas=["33"], quantity=500)
    reservations.release(gone.pk)

    found = occupancy.holders("33", second)
    on_first = occupancy.holders("33", thousand)

    assert [holder.reservation for holder in on_first] == [large, small]
    assert [holder.here for holder in on_first] == [300, 10]
    assert [(holder.reservation.reference, holder.here) for holder in found] == [("LP-LARGE", 300)]


def test_a_reservation_with_nothing_in_the_cell_does_not_hold_it(thousand):
    Capacity.objects.filter(lada="33", day=thousand).update(capacity=0)
    hold(thousand, ladas=["33", "55"], quantity=100)

    assert occupancy.holders("33", thousand) == []
    assert [holder.here for holder in occupancy.holders("55", thousand)] == [100]


def test_each_day_of_a_reservation_has_its_plan_and_its_ceiling(thousand):
    second = thousand + timedelta(days=1)
    reservation = hold(thousand, ladas=["33"], quantity=100, ends_on=second, daily_cap=60)

    assert occupancy.planned_and_ceilings(reservation) == [(thousand, 50, 60), (second, 50, 60)]


def test_what_campaigns_have_reserved_is_added_up_by_day(on_sale):
    until = timezone.now() + timedelta(days=1)
    days = {"starts_on": on_sale, "ends_on": on_sale + timedelta(days=2)}
    held = holds.hold(
        reference="LP-A", quantity=9_000, ladas=["55", "33"], expires_at=until, **days
    )
    booked = holds.hold(reference="LP-B", quantity=3_001, ladas=["33"], expires_at=until, **days)
    reservations.book(booked.pk)
    gone = holds.hold(reference="LP-C", quantity=5, ladas=["33"], expires_at=until, **days)
    reservations.release(gone.pk)
    other = holds.hold(reference="LP-D", quantity=5, ladas=["33"], expires_at=until, **days)
    second, last = on_sale + timedelta(days=1), on_sale + timedelta(days=30)

    found = occupancy.reserved_by_day(["LP-A", "LP-B", "LP-C"], second, last)

    assert found.keys() == {"LP-A", "LP-B"}
    for reservation, kind in ((held, 0), (booked, 1)):
        planned = reservation.planned_by_day()
        del planned[on_sale]
        assert {
            day: counts[kind] for day, counts in found[reservation.reference].items()
        } == planned
        assert all(counts[1 - kind] == 0 for counts in found[reservation.reference].values())
    assert other.reference not in found
