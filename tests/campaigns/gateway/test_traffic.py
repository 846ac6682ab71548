"""The traffic that the sandbox makes."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from campaigns.gateway.sandbox import traffic
from campaigns.gateway.sandbox.__main__ import CATALOGUE
from inventory import capacity


def test_the_weekdays_are_those_of_the_capacity_that_is_sold():
    assert traffic.WEEKDAY_CURVE == capacity.WEEKDAY_CURVE


def test_a_day_has_all_of_its_traffic():
    hours = [traffic.day_share(3_600 * (hour + 1)) for hour in range(24)]

    assert hours == sorted(hours)
    assert hours[-1] == pytest.approx(1.0)


def test_the_holidays_are_those_of_the_law():
    days = [(1, 1), (2, 2), (3, 16), (5, 1), (9, 16), (11, 16), (12, 25)]

    assert traffic.holidays(2026) == {date(2026, month, day) for month, day in days}
    assert date(2030, 10, 1) in traffic.holidays(2030)
    assert traffic.day_factor(date(2026, 12, 25)) < traffic.day_factor(date(2026, 12, 18))


def test_the_same_seed_and_moment_draw_the_same_traffic():
    expected = traffic.read_catalogue(CATALOGUE).shares * 100_000

    drawn = [
        traffic.arrivals(traffic.generator(seed, moment), expected)
        for seed, moment in ((1, 5), (1, 5), (2, 5), (1, 6))
    ]

    first, same, other_seed, other_moment = (notifications for notifications, _none in drawn)
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other_seed)
    assert not np.array_equal(first, other_moment)
    assert first.sum() == pytest.approx(100_000 / (1 - traffic.CONSENT_SHARE), rel=0.02)


def test_a_catalogue_without_weights_has_equal_shares(tmp_path: Path):
    path = tmp_path / "ladas.csv"
    path.write_text("lada\n55\n33\n")

    catalogue = traffic.read_catalogue(path)

    assert catalogue.codes == ("33", "55")
    assert catalogue.shares.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("content", ["", "lada,peso_ppm\n", "code\n55\n", "lada,peso_ppm\n55,x\n"])
def test_a_catalogue_that_cannot_be_read_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "ladas.csv"
    path.write_text(content)

    with pytest.raises(traffic.CatalogueError):
        traffic.read_catalogue(path)
