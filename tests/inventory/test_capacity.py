from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone

from inventory import availability, capacity, reservations
from inventory.models import Capacity
from segments.models import Lada

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


def test_a_week_on_sale_carries_exactly_seven_mean_days(settings):
    opened = capacity.open_days(7, first=MONDAY)

    assert opened == 413 * 7
    assert Capacity.objects.aggregate(total=Sum("capacity"))["total"] == 70_000_000
    assert capacity.day_total(MONDAY) == 10_400_000


def test_a_day_is_split_by_the_catalogues_weights():
    capacity.open_days(1, first=MONDAY)

    for code in ("55", "33", "220"):
        cell = Capacity.objects.get(lada=code)
        share = 10_400_000 * Lada.objects.get(pk=code).weight_ppm / 1_000_000
        assert abs(cell.capacity - share) < 1


def test_opening_days_again_leaves_what_is_planned_alone():
    capacity.open_days(3, first=MONDAY)
    Capacity.objects.filter(lada="55", day=MONDAY).update(planned=7, capacity=9)

    assert capacity.open_days(4, first=MONDAY) == 413

    cell = Capacity.objects.get(lada="55", day=MONDAY)
    assert (cell.planned, cell.capacity) == (7, 9)


@pytest.mark.parametrize("days", ["0", "-3", "731"])
def test_the_command_refuses_a_span_that_makes_no_sense(days):
    with pytest.raises(CommandError, match="1 to 730"):
        call_command("open_capacity", f"--days={days}")

    assert not Capacity.objects.exists()


def test_availability_says_what_is_left_by_day_and_what_fits(on_sale):
    ends_on = on_sale + timedelta(days=1)
    before = availability.of(["33", "55"], on_sale, ends_on)
    reservations.hold(
        reference="LP-TEST22",
        quantity=10_000,
        ladas=["33"],
        starts_on=on_sale,
        ends_on=on_sale,
        expires_at=timezone.now() + timedelta(hours=1),
    )

    after = availability.of(["33", "55"], on_sale, ends_on)

    assert [day.day for day in after.days] == [on_sale, ends_on]
    assert before.days[0].free - after.days[0].free == 10_000
    assert before.days[1] == after.days[1]
    assert after.free == before.free - 10_000


def test_what_availability_says_fits_can_be_held_and_one_more_cannot(on_sale):
    ends_on = on_sale + timedelta(days=1)
    everything = availability.of(["33"], on_sale, ends_on).free
    wanted = {
        "reference": "LP-TEST22",
        "ladas": ["33"],
        "starts_on": on_sale,
        "ends_on": ends_on,
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    fits = availability.of(["33"], on_sale, ends_on).fits(everything + 1)

    with pytest.raises(reservations.NotEnoughInventory) as refused:
        reservations.hold(quantity=everything + 1, **wanted)
    reservations.hold(quantity=fits, **wanted)

    assert refused.value.fits == fits == everything


def test_a_day_is_tight_from_a_fifth_and_out_at_nothing():
    day = availability.Day(MONDAY, capacity=1_000, free=201)

    assert day.level == "ok"
    assert availability.Day(MONDAY, 1_000, 200).level == "tight"
    assert availability.Day(MONDAY, 1_000_000, 1).level == "tight"
    assert availability.Day(MONDAY, 1_000, 0).level == "out"
