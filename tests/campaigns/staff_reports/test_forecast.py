"""The accuracy of the forecast: hand-computed errors, and the days that count."""

from datetime import timedelta

import numpy as np
import pytest

from campaigns.staff_reports import forecast
from campaigns.staff_reports.forecast import Accuracy, PlannedDay
from inventory.models import Capacity
from tests.campaigns.staff_reports.conftest import (
    insert,
    move_to,
    report_hours,
    report_traffic,
)


def test_accuracy_by_hand():
    found = forecast.measure(np.array([120, 100, 50, 0, 0]), np.array([100, 80, 80, 0, 40]))

    # off by 20, 20, 30 and 40; 20 of 100 is close, 20 of 80 is not; nothing beside nothing is none
    assert found == Accuracy(cells=4, expected=270, actual=300, off=110, close=1)
    assert found.error == pytest.approx(110 / 3)
    assert found.bias == -10
    assert found.share_close == 25


def test_nothing_has_no_accuracy():
    found = forecast.measure(np.zeros(3, int), np.zeros(3, int))

    assert (found.error, found.bias, found.share_close) == (None, None, None)


def test_a_day_counts_once_its_traffic_is_whole(day, time_machine):
    later = day + timedelta(days=1)
    Capacity.objects.exclude(lada="33").update(gross=0, capacity=0)
    report_traffic(day, "33", 1_500, 1_000)
    report_traffic(later, "33", 100, 100)
    report_hours(day, day, "lada-traffic")
    move_to(time_machine, later)

    found = forecast.read(day, later)

    assert found.days == [day]
    assert found.by_day() == [(day, Accuracy(1, 1_250, 1_000, 250, 0))]
    assert found.total == Accuracy(1, 1_250, 1_000, 250, 0)
    assert found.total_on_sale == Accuracy(1, 1_000, 1_000, 0, 1)
    assert [(each.lada, each.state) for each in found.by_lada()] == [("33", "14")]

    report_hours(later, later, "lada-traffic")
    assert forecast.read(day, later).days == [day, later]


def test_a_closed_day_says_nothing_of_what_was_on_sale(day):
    Capacity.objects.filter(day=day).update(capacity=0)
    report_traffic(day, "33", 1_500, 1_000)
    report_hours(day, day, "lada-traffic")

    found = forecast.read(day, day)

    assert found.total.actual == 1_000
    assert found.total_on_sale == Accuracy(0, 0, 0, 0, 0)


def test_the_lada_that_is_off_most_comes_first(day):
    report_traffic(day, "33", 2_000, 1_250)
    report_traffic(day, "55", 9_000, 9_000)
    report_hours(day, day, "lada-traffic")

    found = forecast.read(day, day).by_lada()

    assert (found[0].lada, found[0].accuracy.off) == ("55", 7_750)
    assert (found[-1].lada, found[-1].accuracy.off) == ("33", 0)


def test_plans_stand_beside_insertions(make, day):
    insert(make(), day, 850, 700)

    assert forecast.planned_days(day, day + timedelta(days=1)) == [
        PlannedDay(day, 900, 850),
        PlannedDay(day + timedelta(days=1), 0, 0),
    ]
