"""One channel day: who goes where when totals change, by hand and against linear programmes."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.planning import plan
from inventory.planning.book import Book, Promise
from inventory.planning.flow import Counts, Network
from inventory.planning.groups import Groups
from inventory.planning.plan import Wish
from inventory.planning.within_day import Part, settle
from tests.inventory import books
from tests.inventory.books import planned
from tests.inventory.oracle import Programme

BLOCKS = range(10)
PER_BLOCK = 80


def part(lines: list[int], change: int, *, ladas: list[int], new: bool = False) -> Part:
    return Part(np.array(ladas), np.array(lines), change, new)


def settled(free: list[int], *parts: Part) -> list[list[int]]:
    return [lines.tolist() for lines in settle(np.array(free), parts)]


def draw(seed: int) -> tuple[np.ndarray, list[Part]]:
    """Draw a day that fits as it is, and changes to another one that fits too."""
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
        parts.append(Part(chosen, now, int(then.sum() - now.sum()), bool(rng.random() < 0.15)))
    return free, parts


def left(parts: list[Part], after: list[Counts]) -> int:
    """Count the notifications that leave their cell, but for those of new promises."""
    pairs = zip(parts, after, strict=True)
    return sum(int(np.maximum(p.lines - new, 0).sum()) for p, new in pairs if not p.new)


def least_left(free: np.ndarray, parts: list[Part]) -> int:
    capacity = free.copy()
    for one in parts:
        capacity[one.ladas] += one.lines
    totals = [np.array([[one.lines.sum() + one.change]]) for one in parts]
    promises = [
        Promise(p.ladas, 0, total[0], p.lines[:, None], new=p.new)
        for p, total in zip(parts, totals, strict=True)
    ]
    book = Book(capacity[:, None], promises, Groups(len(capacity)))
    return Programme(book).least_leaving_cell(totals)


@pytest.mark.parametrize("block", BLOCKS)
def test_totals_change_as_they_shall_and_no_cell_carries_more_than_it_can(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        free, parts = draw(seed)

        after = settle(free, parts)

        rest = free.copy()
        for one, new in zip(parts, after, strict=True):
            assert (new >= 0).all()
            assert new.sum() == one.lines.sum() + one.change
            assert (new is one.lines) or (new != one.lines).any() or one.new
            rest[one.ladas] -= new - one.lines
        assert (rest >= 0).all()


@pytest.mark.parametrize("block", BLOCKS)
def test_as_few_leave_their_cell_as_can_be(block):
    for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
        free, parts = draw(seed)

        assert left(parts, settle(free, parts)) == least_left(free, parts), seed


def test_that_as_few_leave_as_can_be_is_not_so_by_itself(monkeypatch):
    def any_flow(network: Network, wanted: int, **_: object) -> Counts:
        return network.most(wanted)

    monkeypatch.setattr(Network, "cheapest", any_flow)

    drawn = [draw(seed) for seed in range(PER_BLOCK)]

    assert any(left(parts, settle(free, parts)) > least_left(free, parts) for free, parts in drawn)


def test_what_is_given_is_left_as_it_was():
    free, parts = draw(5)
    before = free.copy(), [one.lines.copy() for one in parts]

    settle(free, parts)

    assert free.tolist() == before[0].tolist()
    assert [one.lines.tolist() for one in parts] == [lines.tolist() for lines in before[1]]


def test_a_new_promise_takes_what_is_free_in_proportion():
    new = part([0, 0], 8, ladas=[0, 1], new=True)

    assert settled([30, 10], new) == [[6, 2]]


def test_a_promise_that_leaves_does_so_in_proportion():
    assert settled([0, 0], part([30, 10], -8, ladas=[0, 1])) == [[24, 8]]


def test_nobody_moves_for_what_is_free():
    bystander = part([5, 0], 0, ladas=[0, 1])

    assert settled([0, 5], part([0, 0], 5, ladas=[0, 1], new=True), bystander) == [[0, 5], [5, 0]]


def test_who_gives_way_moves_to_the_nearest_free_cell():
    new, other = part([0], 4, ladas=[0], new=True), part([10, 0], 0, ladas=[0, 1])

    assert settled([0, 10], new, other) == [[4], [6, 4]]


def test_a_cell_that_somebody_leaves_is_taken_before_anybody_moves():
    joins = part([0], 1, ladas=[0])
    leaves, stays = part([1], -1, ladas=[0]), part([1, 0], 0, ladas=[0, 1])

    assert settled([0, 1], joins, leaves, stays) == [[1], [0], [1, 0]]


def test_a_new_promise_goes_to_a_cell_that_somebody_leaves_before_anybody_moves():
    joins, new = part([0], 1, ladas=[0]), part([1, 0], 0, ladas=[0, 1], new=True)
    leaves, stays = part([1], -1, ladas=[1]), part([1, 0], 0, ladas=[0, 2])

    assert settled([0, 0, 1], joins, new, leaves, stays) == [[1], [0, 1], [0], [1, 0]]


def test_two_moves_in_a_row_make_room_where_one_does_not():
    new = part([0], 3, ladas=[0], new=True)
    first, second = part([9, 0], 0, ladas=[0, 1]), part([5, 0], 0, ladas=[1, 2])

    assert settled([0, 0, 9], new, first, second) == [[3], [6, 3], [2, 3]]


def test_one_move_is_preferred_to_two():
    new = part([0], 3, ladas=[0], new=True)
    long_way, last = part([9, 0], 0, ladas=[0, 1]), part([5, 0], 0, ladas=[1, 2])
    short_way = part([4, 0], 0, ladas=[0, 3])

    after = settled([0, 0, 9, 9], new, long_way, last, short_way)

    assert after == [[3], [9, 0], [5, 0], [1, 3]]


class TestOfAWholeBook:
    def test_a_promise_is_moved_aside_within_its_day(self):
        book = books.of([[10], [10]], planned([[10], [0]], ladas=[0, 1]))

        placed = plan.admit(book, Wish(np.array([0]), 0, 1, 4, daily_cap=4))

        assert {number: lines.tolist() for number, lines in placed.lines.items()} == {
            0: [[6], [4]],
            1: [[4]],
        }

    def test_no_more_is_moved_than_finds_a_cell(self):
        book = books.of([[10], [3]], planned([[10], [0]], ladas=[0, 1]))
        wish = Wish(np.array([0]), 0, 1, 4, daily_cap=4)

        with pytest.raises(plan.Short) as refused:
            plan.admit(book, wish)

        assert refused.value.fits == 3
        assert refused.value.bound == ([0], [])
        assert plan.admit(book, replace(wish, quantity=3)).lines[0].tolist() == [[7], [3]]

    def test_nothing_moves_on_a_frozen_day(self):
        book = books.of([[12], [10]], planned([[10], [0]], ladas=[0, 1]), frozen=1)

        with pytest.raises(plan.Short) as refused:
            plan.admit(book, Wish(np.array([0]), 0, 1, 4, daily_cap=4))

        assert refused.value.fits == 2  # what is free there may still be sold
