"""Rows of results: any limit gives the same rows, and what changed is read again whole."""

from datetime import datetime, timedelta
from itertools import islice

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import lifecycle
from campaigns.models import Campaign, CountedDay, DayCount, HourCount, HourTotal, MarkedDay
from campaigns.reports import day_totals
from campaigns.results import blocks, rows
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts, Place
from campaigns.results.rows import Window
from core.snapshot import one_snapshot
from tests import sizes
from tests.results import put_counts

# Tijuana and Mexicali, one state; Guadalajara; Mexico City and its overlay; two unknown ones.
LADAS = ("664", "686", "33", "55", "56", "200", "201")
TABLES = (HourCount, HourTotal, DayCount, CountedDay)


@pytest.fixture
def two(approved, editor, reviewer) -> list[Campaign]:
    """Two approved campaigns of the same three days."""
    copied = lifecycle.copy(approved.pk, by=editor)
    lifecycle.submit(copied.pk, by=editor)
    lifecycle.hold_submitted()
    return [approved, lifecycle.approve(copied.pk, version=1, by=reviewer)]


def instant(campaign: Campaign, day: int, hour: int) -> datetime:
    begin = timezone.make_aware(datetime.combine(campaign.starts_on, datetime.min.time()))
    return begin + timedelta(days=day, hours=hour)


def counts(inserted: int) -> Counts:
    delivered = inserted * 3 // 4
    return Counts(inserted, delivered, (inserted - delivered) // 2, 0)


def read(window=None, after=None, size=100):
    return list(islice(rows.read(Campaign.objects.all(), window or Window(), after, size), size))


def walk(window, size):
    """Return all rows, read in pages of a size."""
    found, after = [], None
    while page := read(window, after, size):
        found += page
        after = page[-1].key
    return found


TABLE = st.dictionaries(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 23), st.sampled_from(LADAS)),
    st.one_of(st.integers(0, 12), st.integers(0, 500)),
    min_size=1,
    max_size=20,
)


@settings(
    max_examples=sizes.pick(8, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(TABLE, st.integers(2, 9))
def test_pages_of_any_size_are_the_blocks_and_add_up_to_the_ledger(two, table, size):
    for model in TABLES:
        model.objects.all().delete()
    for number, campaign in enumerate(two):
        own = {
            (instant(campaign, day, hour), lada): counts(inserted)
            for (which, day, hour, lada), inserted in table.items()
            if which == number
        }
        if own:
            put_counts(campaign, own)
    ledger = Counts()
    for inserted in table.values():
        ledger = ledger.plus(counts(inserted))
    first, last = two[0].starts_on, two[0].ends_on

    for grain in Grain:
        one = read(Window(grain), size=10_000)
        in_pages = walk(Window(grain), size)

        assert [(row.key, row.counts) for row in in_pages] == [(row.key, row.counts) for row in one]
        assert len({row.key for row in one}) == len(one)
        sums = Counts()
        for row in one:
            sums = sums.plus(row.counts)
        assert sums == ledger, grain
        assert {row.key for row in one} == {
            block[:4] for block in blocks.read(two, first, last, grain)
        }


def test_a_row_says_what_was_merged(approved):
    table = {"664": 3, "33": 25, "55": 100}
    put_counts(approved, {(instant(approved, 0, 10), lada): counts(n) for lada, n in table.items()})

    def merged(grain):
        return {(row.key.place, row.key.hour): row.is_merged for row in read(Window(grain))}

    hour = instant(approved, 0, 10)
    assert merged(Grain.DAY) == {(None, None): False}
    assert merged(Grain.DAY_STATE) == {(Place("09"), None): False, (Place(), None): True}
    assert merged(Grain.DAY_LADA) == {(Place("09", "55"), None): False, (Place(), None): True}
    assert merged(Grain.HOUR) == {(None, hour): False}
    assert merged(Grain.HOUR_LADA) == {(Place("09", "55"), hour): False, (Place(), hour): True}


def test_a_window_has_its_days_only(approved):
    for day in range(3):
        put_counts(approved, {(instant(approved, day, 10), "55"): counts(20 + day)})
    first = approved.starts_on

    found = read(Window(first=first + timedelta(1), last=first + timedelta(1)))

    assert [(row.key.day, row.counts.inserted) for row in found] == [(first + timedelta(1), 21)]


def test_a_day_that_is_counted_again_is_read_again_whole(approved):
    for day in (0, 1):
        put_counts(
            approved,
            {(instant(approved, day, hour), "55"): counts(50) for hour in (9, 10)},
        )
    newest = rows.newest_change()
    assert read(Window(changed_after=newest)) == []

    put_counts(approved, {(instant(approved, 1, 10), "55"): counts(60)}, revision=2)

    found = read(Window(Grain.HOUR, changed_after=newest))
    assert [(row.key.hour, row.counts.inserted) for row in found] == [
        (instant(approved, 1, 9), 50),
        (instant(approved, 1, 10), 60),
    ]
    assert rows.newest_change() > newest


def test_no_change_is_missed_where_the_clock_goes_back(approved, time_machine):
    put_counts(approved, {(instant(approved, 0, 10), "55"): counts(50)})
    newest = rows.newest_change()

    time_machine.move_to(newest - timedelta(hours=2))
    put_counts(approved, {(instant(approved, 0, 11), "55"): counts(60)}, revision=2)

    assert rows.newest_change() > newest
    assert [row.counts.inserted for row in read(Window(changed_after=newest))] == [110]


def test_a_moment_of_the_clock_alone_would_miss_it(approved, time_machine, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(day_totals, "next_moment", timezone.now)
    put_counts(approved, {(instant(approved, 0, 10), "55"): counts(50)})
    newest = rows.newest_change()

    time_machine.move_to(newest - timedelta(hours=2))
    put_counts(approved, {(instant(approved, 0, 11), "55"): counts(60)}, revision=2)

    assert read(Window(changed_after=newest)) == []


def test_totals_and_the_moment_of_their_change_are_written_together(approved):
    put_counts(approved, {(instant(approved, 0, 10), "55"): counts(50)})
    newest = rows.newest_change()
    order = CountedDay.objects.get().ad_order

    HourCount.objects.update(inserted=70)
    day_totals.mark([(order, approved.starts_on)])

    assert rows.newest_change() == newest  # not computed: nothing is told
    day_totals.compute_marked()
    assert not MarkedDay.objects.exists()
    [row] = read(Window(changed_after=newest))
    assert (row.counts.inserted, row.as_of) == (70, rows.newest_change())


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_does_not_see_what_is_counted_meanwhile(approved):
    put_counts(approved, {(instant(approved, 0, 10), "55"): counts(50)})

    with one_snapshot():
        before = rows.newest_change()
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("UPDATE campaigns_daycount SET inserted = 77")
            cursor.execute("UPDATE campaigns_countedday SET changed_at = now() + interval '1 day'")
        other.close()
        assert [row.counts.inserted for row in read()] == [50]
        assert rows.newest_change() == before

    assert [row.counts.inserted for row in read()] == [77]
