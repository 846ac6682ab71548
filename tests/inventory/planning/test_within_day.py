"""Planning within a day: moves when totals change, by hand and against linear programmes."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.planning import plan
from inventory.planning.flow import Counts, Network
from inventory.planning.groups import Groups
from inventory.planning.plan import Request
from inventory.planning.snapshot import PlannedReservation, Snapshot
from inventory.planning.within_day import DayAllocation, reallocate_day
from tests.inventory import random_instances
from tests.inventory.oracle import Programme
from tests.inventory.random_instances import planned
from tests.sizes import pick

BLOCKS = range(pick(3, 10))
PER_BLOCK = 80


def allocation(
    lines: list[int], change: int, *, ladas: list[int], new: bool = False
) -> DayAllocation:
    return DayAllocation(np.array(ladas), np.array(lines), change, new)


def reallocated(free: list[int], *day: DayAllocation) -> list[list[int]]:
    return [lines.tolist() for lines in reallocate_day(np.array(free), day)]


def draw(seed: int) -> tuple[np.ndarray, list[DayAllocation]]:
    """Return a random day that fits, and changes to another day that fits too."""
    rng = np.random.default_rng(seed)
    ladas = int(rng.integers(1, int(rng.choice([6, 25])) + 1))
    capacity = rng.integers(0, int(rng.choice([3, 8, 1_000])), ladas)
    free, then_free, parts = capacity.copy(), capacity.copy(), []
    for _ in range(int(rng.integers(1, int(rng.choice([7, 25]))))):
        chosen = np.sort(rng.choice(ladas, int(rng.integers(1, ladas + 1)), replace=False))
        now = rng.binomial(free[chosen], rng.choice([0, 0.5, 1]))
        free[chosen] -= now
        then = rng.binomial(then_free[chosen], rng.choice([0, 0.5, 1]))
        then_free[chosen] -= then
        parts.append(
            DayAllocation(chosen, now, int(then.sum() - now.sum()), bool(rng.random() < 0.15))
        )
    return free, parts


def left(parts: list[DayAllocation], after: list[Counts]) -> int:
    """Count the notifications that leave their cell, but for those of new reservations."""
    pairs = zip(parts, after, strict=True)
    return sum(int(np.maximum(p.quantities - new, 0).sum()) for p, new in pairs if not p.new)


def least_left(free: np.ndarray, parts: list[DayAllocation]) -> int:
    capacity = free.copy()
    for one in parts:
        capacity[one.ladas] += one.quantities
    totals = [np.array([[one.quantities.sum() + one.change]]) for one in parts]
    reservations = [
        PlannedReservation(p.ladas, 0, total[0], p.quantities[:, None], new=p.new)
        for p, total in zip(parts, totals, strict=True)
    ]
    snapshot = Snapshot(capacity[:, None], reservations, Groups(len(capacity)))
    return Programme(snapshot).least_leaving_cell(totals)


@pytest.mark.parametrize("block", BLOCKS)
def test_totals_change_as_given_and_no_cell_is_over_capacity(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        free, parts = draw(seed)

        after = reallocate_day(free, parts)

        rest = free.copy()
        for one, new in zip(parts, after, strict=True):
            assert (new >= 0).all()
            assert new.sum() == one.quantities.sum() + one.change
            assert (new is one.quantities) or (new != one.quantities).any() or one.new
            rest[one.ladas] -= new - one.quantities
        assert (rest >= 0).all()


@pytest.mark.parametrize("block", BLOCKS)
def test_as_few_notifications_as_possible_leave_their_cell(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        free, parts = draw(seed)

        assert left(parts, reallocate_day(free, parts)) == least_left(free, parts), seed


def test_any_flow_in_place_of_the_cheapest_makes_more_leave(monkeypatch):
    def any_flow(network: Network, wanted: int, **_: object) -> Counts:
        return network.max_flow(wanted)

    monkeypatch.setattr(Network, "min_cost_flow", any_flow)

    drawn = [draw(seed) for seed in range(PER_BLOCK)]

    assert any(
        left(parts, reallocate_day(free, parts)) > least_left(free, parts) for free, parts in drawn
    )


def test_the_arguments_are_not_changed():
    free, parts = draw(5)
    before = free.copy(), [one.quantities.copy() for one in parts]

    reallocate_day(free, parts)

    assert free.tolist() == before[0].tolist()
    assert [one.quantities.tolist() for one in parts] == [lines.tolist() for lines in before[1]]


def test_a_new_reservation_takes_what_is_free_in_proportion():
    new = allocation([0, 0], 8, ladas=[0, 1], new=True)

    assert reallocated([30, 10], new) == [[6, 2]]


def test_a_reservation_that_leaves_does_so_in_proportion():
    assert reallocated([0, 0], allocation([30, 10], -8, ladas=[0, 1])) == [[24, 8]]


def test_nobody_moves_for_what_is_free():
    bystander = allocation([5, 0], 0, ladas=[0, 1])

    assert reallocated([0, 5], allocation([0, 0], 5, ladas=[0, 1], new=True), bystander) == [
        [0, 5],
        [5, 0],
    ]


def test_others_move_to_the_nearest_free_cell():
    new, other = allocation([0], 4, ladas=[0], new=True), allocation([10, 0], 0, ladas=[0, 1])

    assert reallocated([0, 10], new, other) == [[4], [6, 4]]


def test_a_cell_that_somebody_leaves_is_taken_before_anybody_moves():
    joins = allocation([0], 1, ladas=[0])
    leaves, stays = allocation([1], -1, ladas=[0]), allocation([1, 0], 0, ladas=[0, 1])

    assert reallocated([0, 1], joins, leaves, stays) == [[1], [0], [1, 0]]


def test_a_new_reservation_goes_to_a_cell_that_somebody_leaves_before_anybody_moves():
    joins, new = allocation([0], 1, ladas=[0]), allocation([1, 0], 0, ladas=[0, 1], new=True)
    leaves, stays = allocation([1], -1, ladas=[1]), allocation([1, 0], 0, ladas=[0, 2])

    assert reallocated([0, 0, 1], joins, new, leaves, stays) == [[1], [0, 1], [0], [1, 0]]


def test_two_moves_in_a_row_make_room_where_one_does_not():
    new = allocation([0], 3, ladas=[0], new=True)
    first, second = allocation([9, 0], 0, ladas=[0, 1]), allocation([5, 0], 0, ladas=[1, 2])

    assert reallocated([0, 0, 9], new, first, second) == [[3], [6, 3], [2, 3]]


def test_one_move_is_preferred_to_two():
    new = allocation([0], 3, ladas=[0], new=True)
    long_way, last = allocation([9, 0], 0, ladas=[0, 1]), allocation([5, 0], 0, ladas=[1, 2])
    short_way = allocation([4, 0], 0, ladas=[0, 3])

    after = reallocated([0, 0, 9, 9], new, long_way, last, short_way)

    assert after == [[3], [9, 0], [5, 0], [1, 3]]


class TestOfAWholeSnapshot:
    def test_a_reservation_is_moved_aside_within_its_day(self):
        snapshot = random_instances.of([[10], [10]], planned([[10], [0]], ladas=[0, 1]))

        placed = plan.admit(snapshot, Request(np.array([0]), 0, 1, 4, daily_cap=4))

        assert {number: lines.tolist() for number, lines in placed.quantities.items()} == {
            0: [[6], [4]],
            1: [[4]],
        }

    def test_no_more_is_moved_than_finds_a_cell(self):
        snapshot = random_instances.of([[10], [3]], planned([[10], [0]], ladas=[0, 1]))
        request = Request(np.array([0]), 0, 1, 4, daily_cap=4)

        with pytest.raises(plan.Short) as refused:
            plan.admit(snapshot, request)

        assert refused.value.fits == 3
        assert refused.value.bound == ([0], [])
        assert plan.admit(snapshot, replace(request, quantity=3)).quantities[0].tolist() == [
            [7],
            [3],
        ]

    def test_nothing_moves_on_a_frozen_day(self):
        snapshot = random_instances.of([[12], [10]], planned([[10], [0]], ladas=[0, 1]), frozen=1)

        with pytest.raises(plan.Short) as refused:
            plan.admit(snapshot, Request(np.array([0]), 0, 1, 4, daily_cap=4))

        assert refused.value.fits == 2  # what is free there may still be sold
