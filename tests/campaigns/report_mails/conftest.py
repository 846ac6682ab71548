"""A brand with campaigns of ten days, their counts, and who gets its mails."""

from datetime import date, datetime, timedelta

import pytest

from campaigns import lifecycle
from campaigns.models import AdOrder, ReportRecipient
from campaigns.results.counts import Counts
from inventory import capacity
from tests import counts
from tests.results import put_counts

Kind = ReportRecipient.Kind

DAY = timedelta(days=1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@pytest.fixture
def recipient(brand, owner):
    """The owner, who gets both kinds since long ago."""
    long_ago = counts.at(date(2020, 1, 1))
    return ReportRecipient.objects.create(
        brand=brand,
        user=owner,
        added_by=owner,
        confirmed_at=long_ago,
        weekly_since=long_ago,
        end_since=long_ago,
    )


@pytest.fixture
def on_air(brand, editor, reviewer, terms, on_sale, time_machine):
    """Return a function that puts a campaign on air from its first minute; of 8 days by default."""

    capacity.open_days(20)

    def make(days: int = 8, **changed):
        last = terms["starts_on"] + (days - 1) * DAY
        wanted = terms | {"ends_on": last, "volume": 80_000} | changed
        campaign = lifecycle.draft(brand.pk, wanted, by=editor)
        lifecycle.submit(campaign.pk, by=editor)
        lifecycle.hold_submitted()
        lifecycle.approve(campaign.pk, version=1, by=reviewer)
        lifecycle.schedule(campaign.pk)
        AdOrder.objects.update(acknowledged_generation=1)
        return campaign

    return make


@pytest.fixture
def campaign(on_air, terms, time_machine):
    """A campaign of eight days on air, 1,000 × the number of the day inserted, 900 × delivered."""
    made = on_air()
    time_machine.move_to(counts.at(made.starts_on, 0, 1), tick=False)
    lifecycle.advance_due()
    counts.beat()
    put_counts(made, rows(made.starts_on, 8))
    made.refresh_from_db()
    assert made.status == "live"
    return made


def rows(first: date, days: int) -> dict[tuple[datetime, str], Counts]:
    """Return counts of three hours in two LADAs for each of some days, by their number."""
    found = {}
    for number in range(days):
        for hour, lada, share in ((9, "55", 500), (13, "33", 300), (20, "55", 200)):
            inserted = share * (number + 1)
            found[counts.at(first + number * DAY, hour), lada] = Counts(
                inserted, inserted * 9 // 10
            )
    return found


@pytest.fixture
def after(campaign, time_machine):
    """Return a function that moves to the mail's morning of the week with a day of the campaign."""

    def move(number: int, hour: int = 8, minute: int = 0) -> date:
        day = campaign.starts_on + number * DAY
        monday = monday_of(day) + 7 * DAY
        time_machine.move_to(counts.at(monday, hour, minute), tick=False)
        counts.beat()
        return monday

    return move
