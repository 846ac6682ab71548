"""High Water Mark, with numbers alone."""

import numpy as np
import pytest

from campaigns.gateway.sandbox import selection
from campaigns.gateway.sandbox.selection import Demand


def test_a_water_mark_takes_what_is_wanted():
    supply, rest = np.array([100.0, 50.0, 10.0]), np.array([0.2, 1.0, 0.6])

    level = selection.water_mark(supply, rest, 60.0)

    assert supply @ np.minimum(rest, level) == pytest.approx(60.0)
    assert selection.water_mark(supply, rest, 76.0) == 1.0  # all there is
    assert selection.water_mark(supply, rest, 0.0) == 0.0


def test_what_the_first_order_takes_is_not_there_for_the_second():
    every, first = np.arange(2), np.array([0])
    supply = np.array([100.0, 100.0])

    plan = selection.shares(supply, [Demand(first, 80.0), Demand(every, 90.0)])

    assert plan[0].tolist() == [0.8, 0.0]
    assert plan[1].tolist() == pytest.approx([0.2, 0.7])


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
        demands = [
            Demand(
                np.sort(rng.choice(ladas, rng.integers(1, ladas + 1), replace=False)),
                float(rng.exponential(200)),
            )
            for _order in range(orders)
        ]
        yield rng, supply, demands, rng.integers(0, 150, orders)


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
