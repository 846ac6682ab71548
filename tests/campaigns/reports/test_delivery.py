"""What was delivered of campaigns, whether it is final, and what was planned until now."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import lifecycle
from campaigns.gateway.events import Stream
from campaigns.models import AdOrder, Campaign, DayCount, ReportHour
from campaigns.reports import delivery
from campaigns.reports.delivery import Delivery
from tests import statuses
from tests.counts import at, beat, count, make_final

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_there_is_none_before_there_is_an_order(campaign_in_review):
    assert delivery.of_campaign(campaign_in_review) is None


def test_counts_are_the_newest_of_the_order(live):
    as_of = at(live.starts_on, 9, 5)
    count(live, 900, 700, failed=20, no_receipt=30, as_of=as_of)

    found = delivery.of_campaign(live)

    assert (found.contracted, found.inserted, found.delivered) == (60_000, 900, 700)
    assert (found.failed, found.no_receipt, found.as_of) == (20, 30, as_of)
    assert (found.is_final, found.reason, found.explanation) == (False, None, "")
    assert found.percent == 1


@pytest.mark.parametrize(
    ("delivered", "percent"), [(0, 0), (1, 1), (30_000, 50), (59_999, 99), (60_000, 100)]
)
def test_the_percent_is_0_only_for_nothing_and_100_only_for_all(delivered, percent):
    assert Delivery(contracted=60_000, delivered=delivered).percent == percent


@pytest.fixture
def over(live, time_machine):
    """The campaign after its last day."""
    count(live, 500, 400)
    time_machine.move_to(at(live.ends_on + DAY, 1), tick=False)
    lifecycle.advance_due()
    live.refresh_from_db()
    assert live.status == "finished"
    return live


def test_counts_are_final_once_every_hour_of_its_days_is(over):
    assert not delivery.of_campaign(over).is_final
    make_final(over.starts_on, over.ends_on)

    assert delivery.of_campaign(over).is_final


@pytest.mark.parametrize("edge", ["first", "last", "between"])
def test_one_hour_that_is_not_final_leaves_them_provisional(over, edge):
    make_final(over.starts_on, over.ends_on)
    missing = {
        "first": at(over.starts_on),
        "last": at(over.ends_on, 23),
        "between": at(over.starts_on + DAY, 7),
    }[edge]

    ReportHour.objects.filter(hour=missing).update(final=False)

    assert not delivery.of_campaign(over).is_final


def test_the_hours_of_other_days_and_streams_make_nothing_final(over):
    make_final(over.starts_on - 2 * DAY, over.starts_on - DAY)
    make_final(over.ends_on + DAY, over.ends_on + 3 * DAY)
    make_final(over.starts_on, over.ends_on, stream=Stream.LADA_TRAFFIC)

    assert not delivery.of_campaign(over).is_final


def test_nothing_is_final_while_it_is_on_air(live):
    make_final(live.starts_on, live.ends_on)

    assert not delivery.of_campaign(live).is_final


def test_one_that_ended_early_waits_only_for_the_days_it_was_on_air(live, editor):
    lifecycle.cancel(live.pk, by=editor)
    live.refresh_from_db()
    make_final(live.starts_on, live.starts_on)

    assert delivery.of_campaign(live).is_final


def test_late_counts_change_the_figures_of_a_finished_campaign(over):
    count(over, 500, 499)

    assert delivery.of_campaign(over).delivered == 499


def test_many_campaigns_take_as_many_queries_as_one(live, brand):
    def add():
        row = Campaign.objects.get(pk=live.pk)
        row.pk, row.folio = None, f"LP-{uuid.uuid4().hex[:6]}"
        row.save()
        statuses.put(row.pk, "live")
        AdOrder.objects.create(campaign=row, acknowledged_generation=1, generation=1)

    def queries():
        rows = list(Campaign.objects.all())
        with CaptureQueriesContext(connection) as captured:
            found = delivery.of_campaigns(rows)
        assert len(found) == len(rows)
        return [query["sql"] for query in captured]

    one = queries()
    for _number in range(9):
        add()
    many = queries()

    assert len(many) == len(one) <= 7
    counts = ("campaigns_ordercount", "campaigns_reporthour", "campaigns_traffichour")
    assert not [sql for sql in many if any(name in sql for name in counts) and "JOIN" in sql]


def test_the_deliveries_of_days_are_those_of_the_brands_own_orders(live, stranger):
    today = live.starts_on
    other = AdOrder.objects.get(campaign=live).pk, uuid.uuid4()
    for order, lada, day, delivered in [
        (other[0], "33", today, 5),
        (other[0], "55", today, 7),
        (other[0], "55", today + DAY, 11),
        (other[1], "55", today, 1_000),
    ]:
        DayCount.objects.create(
            ad_order=order, lada=lada, day=day, inserted=20, delivered=delivered, failed=0,
            no_receipt=0,
        )  # fmt: skip

    assert delivery.of_days(live.brand, [today - DAY, today]) == {today - DAY: 0, today: 12}
    assert delivery.of_days(stranger.brands.get(), [today]) == {today: 0}


def test_a_silent_gateway_says_since_when(live):
    beat(timezone.now() - timedelta(hours=2))

    found = delivery.of_campaign(live)

    assert found.reason == "silent_gateway"
    assert found.explanation.startswith("La plataforma de entrega no manda datos desde el ")
    assert "10:00" in found.explanation
