"""Repair against linear programmes: it spreads evenly first, and still places all that fits."""

from dataclasses import replace

import numpy as np
import pytest

from inventory import repairs
from tests.inventory import oracle, random_instances
from tests.inventory.random_instances import of, planned
from tests.sizes import pick


@pytest.mark.parametrize("block", range(pick(3, 20)))
def test_as_much_as_any_plan_could_place_is_placed(block):
    for seed in range(block * 40, block * 40 + 40):
        lacking = random_instances.lacking(seed)
        at_risk = np.array([r.unplaced for r in lacking.reservations], dtype=np.int64)
        whole = [replace(reservation, unplaced=0) for reservation in lacking.reservations]
        snapshot = replace(lacking, reservations=whole)

        placement = repairs._placement(snapshot, at_risk)

        assert at_risk.sum() - placement.unplaced.sum() == oracle.Programme(lacking).most(), seed
        lines = [placement.quantities.get(n, r.quantities) for n, r in enumerate(whole)]
        assert (oracle.planned(snapshot, lines) <= snapshot.capacity).all(), seed
        for number, (before, after) in enumerate(zip(whole, lines, strict=True)):
            past = snapshot.movable_columns(before).start - before.first
            assert (after[:, :past] == before.quantities[:, :past]).all()
            assert (after >= 0).all()
            assert (after.sum(axis=0) <= before.ceilings).all()
            due = before.quantities.sum() + at_risk[number]
            assert after.sum() + placement.unplaced[number] == due


def test_what_is_at_risk_is_spread_over_what_is_free():
    lost = planned([[0, 0, 20, 20]], ladas=[0], tops=[60] * 4)
    snapshot = of([[100] * 4], lost, frozen=2)

    placement = repairs._placement(snapshot, np.array([40]))

    assert placement.quantities[0].tolist() == [[0, 0, 40, 40]]
    assert placement.unplaced.tolist() == [0]


def test_what_cannot_be_placed_changes_nothing():
    lost = planned([[0, 60]], ladas=[0], tops=[60, 60])
    snapshot = of([[100, 60]], lost, frozen=1)

    placement = repairs._placement(snapshot, np.array([40]))

    assert placement.quantities == {}
    assert placement.unplaced.tolist() == [40]
