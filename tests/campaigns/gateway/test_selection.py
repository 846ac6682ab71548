"""High Water Mark, with numbers alone."""

import numpy as np
import pytest

from campaigns.gateway.sandbox import selection
from campaigns.gateway.sandbox.selection import Demand


def demand(ladas, wanted: float, *groups: tuple[list[int], float]) -> Demand:
    """Return a demand; each group has the places of its LADAs and what is wanted there."""
    numbers = np.full(len(ladas), len(groups))
    for number, (some, _wanted) in enumerate(groups):
        numbers[np.isin(ladas, some)] = number
    by_group = np.array([*(wanted for _some, wanted in groups), 0.0])
    return Demand(np.asarray(ladas), wanted, numbers, by_group)


def test_a_water_mark_takes_what_is_wanted():
    supply, rest = np.array([100.0, 50.0, 10.0]), np.array([0.2, 1.0, 0.6])

    level = selection.water_mark(supply, rest, 60.0)

    assert supply @ np.minimum(rest, level) == pytest.approx(60.0)
    assert selection.water_mark(supply, rest, 76.0) == 1.0  # all there is
    assert selection.water_mark(supply, rest, 0.0) == 0.0


def test_what_the_first_order_takes_is_not_there_for_the_second():
    every, first = np.arange(2), np.array([0])
    supply = np.array([100.0, 100.0])

    plan = selection.shares(supply, [demand(first, 80.0), demand(every, 90.0)])

    assert plan[0].tolist() == [0.8, 0.0]
    assert plan[1].tolist() == pytest.approx([0.2, 0.7])


def test_a_split_keeps_what_another_order_can_take_nowhere_else():
    supply = np.array([100.0, 100.0])
    wide, narrow = demand([0, 1], 100.0, ([1], 100.0)), demand([0], 100.0, ([0], 100.0))

    plan = selection.shares(supply, [wide, narrow])
    without = selection.shares(supply, [demand([0, 1], 100.0), demand([0], 100.0)])

    assert plan.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert without.tolist() == [[0.5, 0.5], [0.5, 0.0]]  # 50 of 100 for the second order


def test_groups_that_want_more_than_there_is_get_less_in_proportion():
    orders = [demand([0], 90.0, ([0], 90.0)), demand([0], 30.0, ([0], 30.0))]

    plan = selection.shares(np.array([100.0]), orders)

    assert plan[:, 0].tolist() == pytest.approx([0.75, 0.25])


def test_a_group_without_supply_does_not_keep_an_order_from_its_other_ladas():
    supply = np.array([0.0, 100.0, 100.0])

    plan = selection.shares(supply, [demand([0, 1, 2], 60.0, ([0], 40.0), ([1], 20.0))])

    assert supply @ plan[0] == pytest.approx(60.0)


def test_an_order_takes_the_same_share_of_each_lada_of_a_group():
    supply = np.array([100.0, 300.0, 100.0])

    plan = selection.shares(supply, [demand([0, 1, 2], 100.0, ([0, 1], 100.0))])

    assert plan[0].tolist() == [0.25, 0.25, 0.0]


def test_a_notification_beyond_all_shares_has_no_ad():
    plan = np.array([[0.0, 0.5], [0.25, 0.5]])
    eligible = np.array([100_000, 100_000])

    picks = selection.pick(np.random.default_rng(1), plan, eligible)

    assert picks[0, 0] == 0
    assert picks[1, 0] == pytest.approx(25_000, rel=0.05)
    assert picks[:, 1].sum() == 100_000


def random_books(seed: int, number: int):
    """Yield supply, demands and maxima of random order books."""
    rng = np.random.default_rng(seed)
    for _book in range(number):
        ladas, orders = int(rng.integers(1, 30)), int(rng.integers(0, 12))
        supply = rng.exponential(50, ladas) * rng.integers(0, 2, ladas)
        demands = [random_demand(rng, ladas) for _order in range(orders)]
        yield rng, supply, demands, rng.integers(0, 150, orders)


def random_demand(rng: np.random.Generator, ladas: int) -> Demand:
    """Return a demand in some LADAs, split by up to four groups or not."""
    some = np.sort(rng.choice(ladas, rng.integers(1, ladas + 1), replace=False))
    groups = int(rng.integers(0, 5))
    by_group = np.append(rng.exponential(200, groups), 0.0)
    wanted = float(by_group.sum() + rng.integers(0, 2) * rng.exponential(200))
    return Demand(some, wanted, rng.integers(0, groups + 1, len(some)), by_group)


def test_no_share_and_no_maximum_is_exceeded_in_any_book():
    capped = 0
    for rng, supply, demands, most in random_books(7, 300):
        plan = selection.shares(supply, demands)
        eligible = rng.poisson(supply)
        picks = selection.pick(rng, plan, eligible)

        kept = selection.limit(rng, picks, most)

        assert (plan >= 0).all()
        assert (plan.sum(axis=0) <= 1 + 1e-9).all()
        assert (picks.sum(axis=0) <= eligible).all()
        for demand, row in zip(demands, picks, strict=True):
            assert set(np.flatnonzero(row)) <= set(demand.ladas)
        assert (kept <= picks).all()
        assert (kept.sum(axis=1) == np.minimum(picks.sum(axis=1), most)).all()
        capped += int((picks.sum(axis=1) > most).sum())
    assert capped > 100  # without the limit they would have been exceeded


def test_no_order_gets_more_than_it_wants_or_lacks_what_is_free_in_any_book():
    short = 0
    for _rng, supply, demands, _most in random_books(11, 300):
        plan = selection.shares(supply, demands)

        used = plan.sum(axis=0)
        for order, row in zip(demands, plan, strict=True):
            assert supply @ row <= order.wanted + 1e-6
            if supply @ row < order.wanted - 1e-6:
                short += 1
                assert used[order.ladas][supply[order.ladas] > 0] == pytest.approx(1.0)
    assert short > 100
