from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import DayCount, HourCount, InboxEvent, ReportPart, StreamPosition
from campaigns.reports import apply, content, partitions, upkeep
from campaigns.reports.content import ZONE
from campaigns.reports.partitions import Span
from tests.campaigns.reports.events import HOUR, SOURCE, hourly, receive, row

pytestmark = pytest.mark.django_db
Reason = InboxEvent.Reason


def names():
    return {span.name.removeprefix("campaigns_hourcount_") for span in partitions.existing()}


@pytest.fixture(autouse=True)
def no_partitions(db):
    """Drop, for the test, those that tests which commit have left."""
    with connection.cursor() as cursor:
        for span in partitions.existing():
            cursor.execute(f"DROP TABLE {span.name}")


def at(year, month, day, hour=0):
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_the_applier_makes_the_partition_that_an_hour_needs(order):
    assert names() == set()
    receive(hourly([row(order)]))

    apply.apply_due()

    assert names() == {f"{HOUR:%Y_%m}"}
    assert HourCount.objects.count() == 1


def test_a_partition_is_of_a_month_or_with_many_orders_of_a_day(order, settings):
    partitions.ensure([at(2026, 2, 3)])
    settings.REPORT_DAY_PARTITIONS_ABOVE = 0
    partitions.ensure([at(2026, 2, 28, 23), at(2026, 3, 1), at(2026, 3, 31, 23), at(2026, 12, 31)])
    settings.REPORT_DAY_PARTITIONS_ABOVE = 1
    partitions.ensure([at(2026, 3, 2), at(2026, 4, 1), at(2027, 1, 1)])

    expected = ["2026_02", "2026_03_01", "2026_03_02", "2026_03_31", "2026_04", "2026_12_31"]
    assert sorted(names()) == [*expected, "2027_01"]


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        (Span(2026, 12), at(2026, 12, 1), at(2027, 1, 1)),
        (Span(2028, 2), at(2028, 2, 1), at(2028, 3, 1)),
        (Span(2026, 12, 31), at(2026, 12, 31), at(2027, 1, 1)),
    ],
)
def test_the_ends_of_a_span(span, start, end):
    assert (span.start, span.end) == (start, end)


def test_those_of_the_next_days_are_made_ahead(db):
    with time_machine.travel(at(2026, 11, 30, 5), tick=False):
        partitions.keep()

    assert names() == {"2026_11", "2026_12"}


def test_old_hours_are_dropped_and_their_day_totals_stay(order, settings):
    settings.REPORT_HOURS_KEPT_DAYS = 10
    receive(hourly([row(order, "55", 10)]))
    apply.apply_due()
    totals = list(DayCount.objects.values())
    end = Span.of(HOUR, by_day=False).end

    with time_machine.travel(end + timedelta(days=10, seconds=-1), tick=False):
        upkeep.run()
        assert HourCount.objects.count() == 1
    with time_machine.travel(end + timedelta(days=10), tick=False):
        upkeep.run()
        assert not HourCount.objects.exists()
        assert not ReportPart.objects.exists()

        receive(hourly([row(order, "55", 1)], 2, revision=2))
        receive(hourly([row(order, "55", 1)], 3, hour=end - timedelta(hours=1)))
        apply.apply_due()
        assert list(DayCount.objects.values()) == totals
        assert set(
            InboxEvent.objects.filter(sequence__gt=1).values_list("set_aside", flat=True)
        ) == {Reason.EXPIRED}


def test_no_hour_is_applied_of_a_day_whose_first_hours_may_be_gone(order, settings):
    """A channel day begins at 6:00 UTC: its hours are in two partitions at a month's end."""
    settings.REPORT_HOURS_KEPT_DAYS = 10
    first = at(2026, 12, 1)  # 18:00 on 30 November in Mexico
    assert content.channel_day_start(first) == datetime(2026, 11, 30, tzinfo=ZONE)
    receive(hourly([row(order, "55", 4)], hour=first))
    with time_machine.travel(first + timedelta(days=10), tick=False):
        upkeep.run()  # drops November, not December
        apply.apply_due()

    assert InboxEvent.objects.get().set_aside == Reason.EXPIRED
    assert not DayCount.objects.exists()


def test_events_are_deleted_after_their_time_but_not_behind_a_gap(order):
    receive(*(hourly([row(order)], n, hour=HOUR - timedelta(hours=n)) for n in (1, 2, 5)))
    receive(hourly([], 6, stream="x", id="apartado"))
    apply.apply_due()
    assert StreamPosition.objects.get(source=SOURCE).sequence == 2
    later = timezone.now() + timedelta(days=15)

    with time_machine.travel(later, tick=False):
        upkeep.run()
        assert set(InboxEvent.objects.values_list("sequence", flat=True)) == {5, 6}
    with time_machine.travel(later + timedelta(days=76), tick=False):
        upkeep.run()
        assert set(InboxEvent.objects.values_list("sequence", flat=True)) == {5}


def test_an_attached_partition_has_the_keys_and_checks_of_its_table(order):
    receive(hourly([row(order)]))
    apply.apply_due()
    (span,) = partitions.existing()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contype, count(*) FROM pg_constraint WHERE conrelid = %s::regclass "
            "AND contype <> 'n' GROUP BY contype ORDER BY contype",
            [span.name],
        )
        kinds = dict(cursor.fetchall())
        with pytest.raises(Exception, match="hour_count_receipts"), transaction.atomic():
            cursor.execute("UPDATE campaigns_hourcount SET delivered = 11")

    assert kinds == {"c": 6, "p": 1}
