from datetime import timedelta

import pytest
import time_machine

from campaigns.models import Link, LinkHour, ReportHour
from campaigns.results import finality, link_clicks, pacing
from campaigns.results.counts import Counts
from tests.counts import HOUR, at, make_final
from tests.results import put_counts

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def deliver(campaign, day, inserted):
    put_counts(campaign, {(at(day, 9), campaign.reservation.ladas[0]): Counts(inserted, inserted)})


def test_what_is_to_come_is_projected_at_the_rate_of_whole_days(live):
    planned = live.reservation.planned_by_day()
    first, second = live.starts_on, live.starts_on + DAY
    deliver(live, first, planned[first] // 2)

    with time_machine.travel(at(second, 12)):
        found = pacing.of_campaign(live)

    left = sum(planned.values()) - planned[first]
    assert found.contracted == 60_000
    assert found.projected == planned[first] // 2 + round(
        left * (planned[first] // 2) / planned[first]
    )
    assert found.shortfall == 60_000 - found.projected
    assert found.expected == planned[first] + planned[second] // 2
    assert found.days[0] == (
        first,
        planned[first],
        planned[first] // 2,
        planned[first],
        planned[first] // 2,
    )
    assert found.days[-1].planned_so_far == 60_000


def test_a_campaign_that_follows_its_plan_is_not_short(live):
    planned = live.reservation.planned_by_day()
    deliver(live, live.starts_on, planned[live.starts_on])

    with time_machine.travel(at(live.starts_on + DAY, 1)):
        found = pacing.of_campaign(live)

    assert (found.projected, found.shortfall) == (60_000, 0)


def test_a_day_is_final_when_all_its_hours_are(live):
    first, later = live.starts_on, at(live.starts_on + 4 * DAY)
    with time_machine.travel(later, tick=False):
        make_final(first, first)

    found = finality.read(first, first + DAY)
    assert found.of_day(first) == found.of_hour(at(first, 23)) == later
    assert found.of_days(first, first) == later
    assert found.of_days(first, first + DAY) is None

    ReportHour.objects.filter(hour=at(first, 23)).delete()
    assert finality.read(first, first).of_day(first) is None


def test_clicks_count_on_the_channel_day_and_only_those_of_people(live):
    link = Link.objects.create(campaign=live)
    midnight = at(live.starts_on)
    rows = [(midnight - HOUR, "people", 1), (midnight, "people", 20), (midnight, "bots", 300)]
    for hour, kind, count in rows:
        LinkHour.objects.create(link=link, hour=hour, kind=kind, count=count)

    found = link_clicks.by_day([live], live.starts_on, live.ends_on)

    assert found == {live.pk: {live.starts_on: 20}}
