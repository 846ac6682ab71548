"""What pages display of a delivery: beside what was planned, once a campaign has begun."""

from datetime import timedelta

import pytest

from campaigns import lifecycle
from campaigns.reports import progress
from campaigns.reports.delivery import Delivery
from campaigns.reports.progress import Progress
from tests import statuses
from tests.counts import at, count

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_what_is_expected_grows_through_the_days_up_to_the_whole(live):
    planned = live.reservation.planned_by_day()
    first, second = (planned[live.starts_on + number * DAY] for number in (0, 1))

    def expected(day, hour=0):
        return progress.expected_by(live, at(day, hour))

    assert expected(live.starts_on - DAY, 12) == expected(live.starts_on) == 0
    assert expected(live.starts_on, 6) == first // 4
    assert expected(live.starts_on + DAY) == first
    assert expected(live.starts_on + DAY, 12) == first + second // 2
    assert expected(live.ends_on + DAY) == expected(live.ends_on + 9 * DAY, 5) == 60_000


def test_a_live_campaign_has_its_counts_and_what_was_planned(live):
    count(live, 9_000, 6_000)

    found = progress.of_campaign(live)

    assert found.delivery.delivered == 6_000
    assert found.expected == live.reservation.planned_by_day()[live.starts_on] // 2
    assert (found.delivered_width, found.inserted_width) == ("10.00", "15.00")


def test_widths_stay_on_the_bar():
    found = Progress(Delivery(contracted=10, inserted=12, delivered=11), expected=None)

    assert (found.delivered_width, found.expected_width) == ("100.00", "0.00")
    assert Progress(Delivery(contracted=0), expected=0).inserted_width == "0.00"


def test_nothing_is_displayed_before_the_first_day(approved):
    assert progress.of_campaign(approved) is None


@pytest.mark.parametrize(("status", "displayed"), [("finished", True), ("cancelled", False)])
def test_what_ended_without_counts_is_displayed_if_it_was_on_air(approved, status, displayed):
    statuses.put(approved.pk, status)
    approved.refresh_from_db()

    assert (progress.of_campaign(approved) is not None) == displayed


def test_nothing_is_expected_of_what_has_ended(live, editor):
    count(live, 9_000, 6_000)
    lifecycle.cancel(live.pk, by=editor)
    live.refresh_from_db()

    assert progress.of_campaign(live).expected is None
