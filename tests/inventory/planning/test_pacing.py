"""Ceilings planned again: whoever could be whole under them is, and nobody's are lowered."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.planning import pacing
from inventory.planning.reallocation import reallocate
from tests.inventory import oracle, random_instances
from tests.inventory.planning.test_reallocation import lifted, most_of, ranked
from tests.inventory.random_instances import of, planned
from tests.sizes import pick


def book(seed):
    """A book whose reservations have a daily cap or are evenly paced, on a day before it closes.

    Return the snapshot with the day closed, the evenly paced ones, those that are only held, and
    what is missing already.
    """
    rng = np.random.default_rng([seed, 34])
    snapshot, _ = random_instances.draw(seed)
    paced = rng.random(len(snapshot.reservations)) < 0.7
    reservations = []
    for reservation, is_paced in zip(snapshot.reservations, paced, strict=True):
        tops = reservation.ceilings
        if is_paced:
            cells = snapshot.capacity[reservation.ladas, reservation.first : reservation.stop]
            by_day = cells.sum(axis=0)
            total = reservation.quantities.sum(axis=0)
            tops = np.maximum(oracle.even_ceilings(int(total.sum()), by_day), total)
        reservations.append(replace(reservation, ceilings=tops, new=False))
    capacity = snapshot.capacity.copy()
    later = np.arange(capacity.shape[1]) >= snapshot.frozen
    capacity[:, later & (rng.random(len(later)) < 0.3)] = 0
    capacity[:, later & (rng.random(len(later)) < 0.2)] *= 2
    missing = rng.integers(0, 4, len(reservations)) * (rng.random(len(reservations)) < 0.2)
    held = rng.random(len(reservations)) < 0.4
    return replace(snapshot, capacity=capacity, reservations=reservations), paced, held, missing


def expected(snapshot, paced, missing):
    """Return the ceilings that are due, worked out apart: the higher of the old and the new."""
    found = []
    for reservation, is_paced, lacking in zip(snapshot.reservations, paced, missing, strict=True):
        past = max(snapshot.frozen - reservation.first, 0)
        tops = reservation.ceilings.tolist()
        cells = snapshot.capacity[reservation.ladas, reservation.first : reservation.stop]
        rest = int(lacking) + int(reservation.quantities[:, past:].sum())
        if is_paced and past < len(tops):
            own = oracle.even_ceilings(rest, cells.sum(axis=0)[past:]).tolist()
            tops[past:] = [max(pair) for pair in zip(tops[past:], own, strict=True)]
        found.append(tops)
    return found


@pytest.mark.parametrize("block", range(pick(3, 20)))
def test_ceilings_are_those_of_the_rest_and_never_lower(block):
    for seed in range(block * 40, block * 40 + 40):
        snapshot, paced, _held, missing = book(seed)

        then = pacing.raised(snapshot, paced, missing)

        assert [r.ceilings.tolist() for r in then.reservations] == expected(
            snapshot, paced, missing
        ), seed
        for before, after, is_paced in zip(
            snapshot.reservations, then.reservations, paced, strict=True
        ):
            assert (after.ceilings >= before.ceilings).all()
            assert is_paced or after is before
        changed = pacing.changes(snapshot, then)
        assert changed.keys() == {
            n
            for n, (a, b) in enumerate(zip(snapshot.reservations, then.reservations, strict=True))
            if a is not b
        }


def shortfalls(seeds):
    """Return the seeds after whose closed days someone lacks what a plan could have given."""
    found = []
    for seed in seeds:
        snapshot, paced, held, missing = book(seed)
        due = expected(snapshot, paced, missing)
        under_due = [
            replace(reservation, ceilings=np.array(tops))
            for reservation, tops in zip(snapshot.reservations, due, strict=True)
        ]
        free = lifted(replace(snapshot, reservations=under_due), missing)
        wanted = np.array([reservation.unplaced for reservation in free.reservations], dtype=int)

        fitted = reallocate(pacing.raised(snapshot, paced, missing), held, missing)

        placed = wanted - fitted.unplaced
        order = ranked(held)
        firsts = [order[:count] for count in range(1, len(order) + 1)]
        if any(placed[first].sum() != most_of(free, set(first)) for first in firsts):
            found.append(seed)
    return found


@pytest.mark.parametrize("block", range(pick(3, 30)))
def test_after_a_closed_day_whoever_could_be_whole_is(block):
    """In order of rank, what the first have together is the most that any plan gives them."""
    assert shortfalls(range(block * 25, block * 25 + 25)) == []


def test_under_frozen_ceilings_some_lack_what_a_plan_could_give(monkeypatch):
    """The negative control of the test above."""
    monkeypatch.setattr(pacing, "raised", lambda snapshot, _paced, _missing: snapshot)

    assert len(shortfalls(range(50))) >= 3


def test_a_closed_day_is_shared_by_the_days_that_are_left():
    even = planned([[40, 40, 40]], ladas=[0], tops=[60, 60, 60])
    snapshot = of([[100, 0, 100]], even)

    then = pacing.raised(snapshot, np.array([True]), np.array([0]))

    assert then.reservations[0].ceilings.tolist() == [90, 60, 90]
    assert reallocate(then, np.array([False]), np.array([0])).unplaced.tolist() == [0]


def test_frozen_days_keep_their_ceilings_and_count_as_delivered():
    even = planned([[40, 40, 40, 0]], ladas=[0], tops=[60, 60, 60, 60])
    snapshot = of([[100, 100, 100, 100]], even, frozen=2)

    then = pacing.raised(snapshot, np.array([True]), np.array([80]))

    assert then.reservations[0].ceilings.tolist() == [60, 60, 90, 90]


def test_one_whose_days_are_all_frozen_is_the_same():
    even = planned([[40, 40]], ladas=[0], tops=[60, 60])
    snapshot = of([[100, 100, 100]], even, frozen=3)

    then = pacing.raised(snapshot, np.array([True]), np.array([7]))

    assert then.reservations[0] is even
    assert pacing.changes(snapshot, then) == {}
