"""The search for free notifications against the flow that it replaces."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.planning import plan, reach
from inventory.planning.between_days import DayTotalsNetwork
from inventory.planning.plan import Request
from tests.inventory import random_instances
from tests.inventory.random_instances import MEDIUM, SMALL, of, planned
from tests.sizes import pick


def whole_flow(snapshot):
    """Return the network of a whole snapshot, and a largest flow of what is unplaced."""
    days = DayTotalsNetwork(snapshot, between_days=True)
    return days, days.network.max_flow(sum(r.unplaced for r in snapshot.reservations))


@pytest.mark.parametrize(
    ("size", "seeds"), [(SMALL, pick(400, 4_000)), (MEDIUM, pick(30, 300))], ids=["small", "medium"]
)
def test_nothing_is_reached_exactly_where_the_largest_flow_is_nothing(size, seeds):
    saturated = 0
    for seed in range(seeds):
        snapshot, request = random_instances.draw(seed, size)
        for quantity in (request.quantity, 3 * request.quantity):
            asking = replace(request, quantity=quantity)
            tops = plan._own_ceilings(snapshot, asking, quantity)
            longer = plan._with_request(tops, snapshot, asking, quantity)
            asked = longer.reservations[-1]
            if not asked.unplaced:
                continue
            days, flow = whole_flow(longer)

            reached = reach.saturated_days(longer)

            assert (reached is not None) == (days.network.value(flow) == 0), seed
            if reached is not None:
                saturated += 1
                full, paced = days.bound(flow, len(longer.reservations) - 1)
                columns = asked.first + np.flatnonzero(reached[-1])
                assert (columns.tolist(), len(full) + len(paced)) == (full, request.days), seed
    assert saturated > seeds // 20


@pytest.mark.parametrize("seed", range(pick(60, 600)))
def test_nothing_is_reached_from_several_unplaced_where_none_of_them_fits(seed):
    snapshot = random_instances.lacking(seed)
    if any(r.unplaced for r in snapshot.reservations):
        days, flow = whole_flow(snapshot)

        is_saturated = reach.saturated_days(snapshot) is not None

        assert is_saturated == (days.network.value(flow) == 0)


def test_a_sold_out_cell_is_refused_without_a_network(monkeypatch):
    snapshot = of([[100], [0]], planned([[100]], ladas=[0]), planned([[0]], ladas=[1]))
    monkeypatch.setattr(plan, "DayTotalsNetwork", None)

    with pytest.raises(plan.Short) as refused:
        plan.require_fit(snapshot, Request(np.array([0]), 0, 1, 7))

    assert refused.value.fits == 0
    assert refused.value.bound.full == [0]


def test_a_repair_that_finds_nothing_builds_no_network(monkeypatch):
    snapshot = of([[100]], planned([[100]], ladas=[0], unplaced=5))
    monkeypatch.setattr(plan, "DayTotalsNetwork", None)

    assert plan.place(snapshot, partly=True).unplaced.tolist() == [5]


@pytest.mark.parametrize(
    ("others", "is_saturated"),
    [
        ([planned([[4], [0]], ladas=[0, 1])], False),  # moves to the other LADA
        ([planned([[4]], ladas=[0]), planned([[3]], ladas=[2])], True),
        # a chain: the first to LADA 2, whose reservation goes to LADA 1
        ([planned([[4], [0]], ladas=[0, 2]), planned([[0], [3]], ladas=[1, 2])], False),
        ([planned([[4], [0]], ladas=[0, 2]), planned([[3]], ladas=[2])], True),
    ],
)
def test_others_are_followed_to_the_cells_where_they_could_go(others, is_saturated):
    asked = planned([[0]], ladas=[0], unplaced=1, new=True)
    snapshot = of([[4], [3], [3]], *others, asked)

    assert (reach.saturated_days(snapshot) is not None) == is_saturated


@pytest.mark.parametrize(("top", "is_saturated"), [(4, False), (3, True)])
def test_a_day_at_its_ceiling_takes_no_more(top, is_saturated):
    other = planned([[4, 3]], ladas=[0], tops=[4, top])
    asked = planned([[0]], ladas=[0], unplaced=1, new=True)

    reached = reach.saturated_days(of([[4, 9]], other, asked))

    assert (reached is not None) == is_saturated


def test_a_frozen_day_is_not_left():
    other = planned([[4], [0]], ladas=[0, 1])
    asked = planned([[0]], ladas=[0], unplaced=1, new=True)

    assert reach.saturated_days(of([[4], [9]], other, asked, frozen=1)) is not None
