from datetime import date, timedelta
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Sum
from django.utils import timezone

from campaigns import readiness
from inventory import capacity
from inventory.models import Capacity, ClosedDay, SafetyShare
from portal import checks
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


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_every_day_that_the_form_offers_is_on_sale_from_midnight_on(time_machine, hour):
    """The days are opened once an hour; the next day begins before the next time."""
    before = timezone.localtime().replace(hour=hour, minute=59)
    time_machine.move_to(before)
    capacity.open_days()

    time_machine.move_to(before.replace(hour=0, minute=0, second=0) + timedelta(days=1))

    assert readiness.last_open_day() == capacity.last_open_day()
    time_machine.move_to(before)
    assert readiness.last_open_day() < capacity.last_open_day()


@pytest.mark.parametrize(
    ("gross", "percent", "closed", "sold"),
    [
        (1_000, 0, False, 1_000),
        (1_000, 10, False, 900),
        (999, 10, False, 899),
        (9, 90, False, 0),
        (1_000, 0, True, 0),
        (0, 0, False, 0),
    ],
)
def test_what_is_on_sale_is_what_the_share_leaves_rounded_down(gross, percent, closed, sold):
    assert capacity.sellable(np.array([gross]), percent, closed).tolist() == [sold]


def test_days_open_with_the_share_of_each_lada_and_closed_days_with_nothing(settings):
    settings.SAFETY_PERCENT = 5
    SafetyShare.objects.create(lada_id="55", percent=20)
    SafetyShare.objects.create(lada_id="33", percent=0)
    ClosedDay.objects.create(day=MONDAY + timedelta(1), reason="Mantenimiento")

    capacity.open_days(2, first=MONDAY)

    cells = {(cell.day, cell.lada_id): cell for cell in Capacity.objects.all()}
    for lada, percent in (("55", 20), ("33", 0), ("81", 5)):
        cell = cells[MONDAY, lada]
        assert cell.capacity == cell.gross * (100 - percent) // 100
    of_closed = Capacity.objects.filter(day=MONDAY + timedelta(1))
    assert of_closed.aggregate(gross=Sum("gross"), capacity=Sum("capacity")) == {
        "gross": capacity.day_total(MONDAY + timedelta(1)),
        "capacity": 0,
    }


def test_opening_again_gives_no_new_share_to_what_is_open():
    capacity.open_days(1, first=MONDAY)
    SafetyShare.objects.create(lada_id="55", percent=20)
    ClosedDay.objects.create(day=MONDAY, reason="Mantenimiento")

    assert capacity.open_days(1, first=MONDAY) == 0

    assert not Capacity.objects.exclude(capacity=F("gross")).exists()


def test_the_command_writes_the_requested_days():
    capacity.open_days(3, first=MONDAY)
    out = StringIO()

    call_command("export_capacity", "--from=2026-11-24", "--to=2026-11-24", stdout=out)

    header, *rows = out.getvalue().splitlines()
    cell = Capacity.objects.get(lada="55", day=MONDAY + timedelta(1))
    assert header == "dia,lada,ciudad,capacidad,a_la_venta,apartadas"
    assert len(rows) == 413
    assert f"2026-11-24,55,Ciudad de México,{cell.gross},{cell.capacity},0" in rows


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "No day is open"),
        (["--from=2026-11-24", "--to=2026-11-23"], "comes before"),
        (["--from=24/11/2026"], "invalid fromisoformat"),
    ],
)
def test_the_command_refuses_a_span_it_cannot_write(given, message):
    with pytest.raises(CommandError, match=message):
        call_command("export_capacity", *given)


@pytest.mark.parametrize(
    ("percent", "found"), [(-1, ["portal.E007"]), (91, ["portal.E007"]), (90, [])]
)
def test_an_impossible_default_share_is_refused_at_the_start(settings, percent, found):
    settings.SAFETY_PERCENT = percent

    assert [error.id for error in checks.inventory()] == found


@pytest.mark.parametrize("days", ["0", "-3", "731"])
def test_the_command_refuses_a_span_that_makes_no_sense(days):
    with pytest.raises(CommandError, match="1 to 730"):
        call_command("open_capacity", f"--days={days}")

    assert not Capacity.objects.exists()
