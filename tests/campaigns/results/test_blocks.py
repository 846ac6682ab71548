"""Every grain adds up to the tables, and no difference of two views gives a small cell away."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import AdOrder, Campaign, DayCount, HourCount, HourTotal
from campaigns.results import blocks, summary
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts, Place
from campaigns.results.small_cells import LEAST
from tests.results import put_counts

pytestmark = pytest.mark.django_db

# Tijuana and Mexicali, one state; Guadalajara; Mexico City and its overlay; an unknown one.
LADAS = ("664", "686", "33", "55", "56", "200")
COUNT = st.one_of(st.integers(0, 12), st.integers(0, 500))


@pytest.fixture
def campaign(approved) -> Campaign:
    return approved


def instant(campaign: Campaign, day: int, hour: int) -> datetime:
    """Return an hour of a campaign's day, counted from 0, by the channel's clock."""
    begin = timezone.make_aware(datetime.combine(campaign.starts_on, datetime.min.time()))
    return begin + timedelta(days=day, hours=hour)


def counts(inserted: int) -> Counts:
    delivered = inserted * 3 // 4
    return Counts(inserted, delivered, (inserted - delivered) // 2, 0)


def test_a_day_by_state_and_lada_computed_by_hand(campaign):
    first = instant(campaign, 0, 10)
    table = {"664": 40, "686": 4, "33": 25, "55": 100, "56": 9}
    put_counts(campaign, {(first, lada): counts(number) for lada, number in table.items()})
    day = campaign.starts_on

    def places(grain):
        return {b.place: b.counts.inserted for b in blocks.read([campaign], day, day, grain)}

    assert places(Grain.DAY) == {None: 178}
    # 686 is merged with 664, and 56 with 55: each is the only other of its state.
    assert places(Grain.DAY_STATE) == {Place("02"): 44, Place("14"): 25, Place("09"): 109}
    assert places(Grain.DAY_LADA) == {Place("02"): 44, Place("14", "33"): 25, Place("09"): 109}


def test_a_small_state_is_merged_with_the_smallest_other(campaign):
    first = instant(campaign, 0, 10)
    table = {"664": 3, "33": 25, "55": 100}
    put_counts(campaign, {(first, lada): counts(number) for lada, number in table.items()})
    day = campaign.starts_on

    for grain, alone in ((Grain.DAY_STATE, Place("09")), (Grain.DAY_LADA, Place("09", "55"))):
        found = {b.place: b.counts.inserted for b in blocks.read([campaign], day, day, grain)}
        assert found == {alone: 100, Place(): 28}


def test_a_lada_that_the_catalogue_lacks_is_counted_nowhere_else(campaign):
    put_counts(campaign, {(instant(campaign, 0, 10), "200"): counts(50)})
    day = campaign.starts_on

    [block] = blocks.read([campaign], day, day, Grain.DAY_LADA)
    assert (block.place, block.counts) == (Place(), counts(50))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 2), st.integers(0, 23), st.sampled_from(LADAS)), COUNT, min_size=1
    )
)
def test_all_grains_add_up_and_none_gives_a_small_cell_away(campaign, table):
    for model in (HourCount, HourTotal, DayCount):
        model.objects.all().delete()
    put_counts(
        campaign,
        {(instant(campaign, d, h), lada): counts(n) for (d, h, lada), n in table.items()},
    )
    first, last = campaign.starts_on, campaign.starts_on + timedelta(2)
    order = AdOrder.objects.get(campaign=campaign).pk
    rows = HourCount.objects.filter(ad_order=order).values_list(
        "inserted", "delivered", "failed", "no_receipt"
    )
    total = Counts()
    for row in rows:
        total = total.plus(row)

    views = {grain: list(blocks.read([campaign], first, last, grain)) for grain in Grain}
    for grain, found in views.items():
        assert _sum(found) == total, grain
        assert all(block.counts.inserted for block in found)
    found = summary.of([campaign], first, last)
    assert found.total == total
    for sums in (found.by_campaign, found.by_day, found.by_state, found.by_lada, found.by_hour):
        assert _plus(sums.values()) == total

    for day in {block.day for block in views[Grain.DAY]}:
        of_day = {grain: [b for b in found if b.day == day] for grain, found in views.items()}
        if of_day[Grain.DAY][0].counts.inserted >= LEAST:
            _assert_nothing_small(of_day)


def _assert_nothing_small(views):
    """Check the blocks of a day, and every difference of a sum with the parts that it names."""
    for found in views.values():
        assert min(block.counts.inserted for block in found) >= LEAST
    by_hour = {block.hour: block.counts.inserted for block in views[Grain.HOUR]}
    by_place = {block.place: block.counts.inserted for block in views[Grain.DAY_LADA]}
    named_hours, named_places = defaultdict(int), defaultdict(int)
    for block in views[Grain.HOUR_LADA]:
        if block.place in by_place and block.place != Place():
            named_hours[block.hour] += block.counts.inserted
            named_places[block.place] += block.counts.inserted
    for whole, named in ((by_hour, named_hours), (by_place, named_places)):
        for key, count in whole.items():
            rest = count - named[key]
            assert rest == 0 or rest >= LEAST or key == Place()
    states = {block.place.state: block.counts.inserted for block in views[Grain.DAY_STATE]}
    for state, count in states.items():
        own = [number for place, number in by_place.items() if place.state == state]
        for size in range(len(own) + 1):
            for some in combinations(own, size):
                rest = count - sum(some)
                assert rest == 0 or rest >= LEAST


def test_a_view_without_merging_would_give_cells_away(campaign, monkeypatch):
    put_counts(
        campaign,
        {(instant(campaign, 0, h), lada): counts(7) for h in range(6) for lada in LADAS[:4]},
    )
    first = campaign.starts_on

    def smallest():
        return min(
            b.counts.inserted for b in blocks.read([campaign], first, first, Grain.HOUR_LADA)
        )

    assert smallest() >= LEAST
    monkeypatch.setattr("campaigns.results.small_cells.LEAST", 1)
    assert smallest() == 7


def _sum(found):
    return _plus(block.counts for block in found)


def _plus(all_counts):
    total = Counts()
    for each in all_counts:
        total = total.plus(each)
    return total
