import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from inventory.planning import plan

free_cells = npst.arrays(
    np.int64, npst.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.integers(0, 50_000)
)


@given(free=free_cells, data=st.data())
def test_a_spread_adds_up_and_stays_inside_cells_and_ceilings(free, data):
    tops = data.draw(
        npst.arrays(np.int64, free.shape[1], elements=st.integers(0, 200_000)), label="tops"
    )
    fits = int(np.minimum(free.sum(axis=0), tops).sum())
    quantity = data.draw(st.integers(0, fits), label="quantity")

    lines = plan.spread(free, quantity=quantity, ceilings=tops)

    assert lines.sum() == quantity
    assert (lines >= 0).all()
    assert (lines <= free).all()
    assert (lines.sum(axis=0) <= tops).all()


@given(free=free_cells, extra=st.integers(1, 1_000_000))
def test_a_spread_refuses_more_than_fits_and_reports_how_much_would(free, extra):
    everything = int(free.sum())
    tops = free.sum(axis=0)

    with pytest.raises(plan.Short) as refused:
        plan.spread(free, quantity=everything + extra, ceilings=tops)

    assert refused.value.fits == everything


def test_a_spread_is_in_proportion_to_what_is_free():
    free = np.array([[100, 300], [100, 500]])

    lines = plan.spread(free, quantity=100, ceilings=np.array([1000, 1000]))

    assert lines.tolist() == [[10, 30], [10, 50]]


def test_what_a_full_day_cannot_take_goes_to_the_others_in_proportion():
    free = np.array([[1000, 1000, 2000]])

    lines = plan.spread(free, quantity=1300, ceilings=np.array([100, 1000, 2000]))

    assert lines.tolist() == [[100, 400, 800]]


@given(
    quantity=st.integers(1, 10**9),
    capacity=npst.arrays(np.int64, st.integers(1, 60), elements=st.integers(1, 10**7)),
)
def test_even_pacing_leaves_room_for_the_whole_quantity(quantity, capacity):
    tops = plan.ceilings(quantity, capacity)

    assert int(tops.sum()) >= quantity
    shares = quantity * capacity / capacity.sum()
    assert (tops <= np.ceil(1.5 * shares) + 1).all()


def test_the_brands_own_cap_replaces_even_pacing():
    assert plan.ceilings(900, np.array([10, 2000]), daily_cap=400).tolist() == [400, 400]


@given(
    total=st.integers(0, 10**9),
    weights=npst.arrays(np.int64, st.integers(1, 60), elements=st.integers(1, 10**6)),
)
def test_largest_remainders_split_exactly_and_within_one_of_the_share(total, weights):
    parts = plan.apportion(total, weights=weights)

    assert parts.sum() == total
    assert (abs(parts - total * weights / weights.sum()) < 1 + 1e-6).all()
