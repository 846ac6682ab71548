from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from inventory import capacity
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
