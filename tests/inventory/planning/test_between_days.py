"""Planning between days: which reservations move, what binds, and counts beyond 31 bits."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.planning import plan
from inventory.planning.between_days import Bound, DayTotalsNetwork
from inventory.planning.plan import Placement, Request
from inventory.planning.snapshot import Snapshot
from tests.inventory import oracle, random_instances
from tests.inventory.oracle import Programme
from tests.inventory.random_instances import planned
from tests.sizes import pick

BLOCKS = range(pick(2, 6))
PER_BLOCK = 80
CELLS = 10**8  # the most of one LADA on one day
NATION = 10**9  # the most of all LADAs on one day


def request(
    quantity: int, *, ladas: list[int], first: int = 0, days: int = 1, cap: int | None = None
):
    return Request(np.array(ladas), first, days, quantity, cap)


def quantities(placed: Placement) -> dict[int, list[list[int]]]:
    return {number: table.tolist() for number, table in placed.quantities.items()}


def refusal(snapshot: Snapshot, wanted: Request) -> plan.Short:
    with pytest.raises(plan.Short) as refused:
        plan.admit(snapshot, wanted)
    return refused.value


class TestWhoMoves:
    def test_a_reservation_moves_to_another_day_where_its_day_is_full(self):
        snapshot = random_instances.of([[10, 10]], planned([[10, 0]], ladas=[0]))

        assert quantities(plan.admit(snapshot, request(4, ladas=[0]))) == {0: [[6, 4]], 1: [[4]]}

    def test_it_stays_on_its_day_where_another_cell_is_free(self):
        snapshot = random_instances.of([[10, 10], [4, 0]], planned([[10, 0], [0, 0]], ladas=[0, 1]))

        assert quantities(plan.admit(snapshot, request(4, ladas=[0]))) == {
            0: [[6, 0], [4, 0]],
            1: [[4]],
        }

    def test_it_moves_to_another_day_only_with_what_finds_no_cell_on_its_own(self):
        snapshot = random_instances.of([[10, 10], [3, 0]], planned([[10, 0], [0, 0]], ladas=[0, 1]))

        assert quantities(plan.admit(snapshot, request(4, ladas=[0]))) == {
            0: [[6, 1], [3, 0]],
            1: [[4]],
        }

    def test_one_reservation_moves_aside_so_that_another_can_change_day(self):
        snapshot = random_instances.of(
            [[10, 0], [5, 9]],
            planned([[10], [0]], ladas=[0, 1]),
            planned([[5, 0]], ladas=[1]),
        )

        placed = plan.admit(snapshot, request(3, ladas=[0]))

        assert quantities(placed) == {0: [[7], [3]], 1: [[2, 3]], 2: [[3]]}

    def test_two_reservations_change_day_one_after_the_other(self):
        snapshot = random_instances.of(
            [[10, 5, 9]],
            planned([[10, 0]], ladas=[0]),
            planned([[5, 0]], ladas=[0], first=1),
        )

        placed = plan.admit(snapshot, request(3, ladas=[0]))

        assert quantities(placed) == {0: [[7, 3]], 1: [[2, 3]], 2: [[3]]}

    def test_one_change_of_day_is_preferred_to_two(self):
        snapshot = random_instances.of(
            [[10, 5, 9, 0], [0, 0, 0, 9]],
            planned([[6, 0]], ladas=[0]),
            planned([[5, 0]], ladas=[0], first=1),
            planned([[4, 0, 0, 0], [0, 0, 0, 0]], ladas=[0, 1]),
        )

        placed = plan.admit(snapshot, request(3, ladas=[0]))

        assert oracle.changed_day(oracle.with_request(snapshot, request(3, ladas=[0])), placed) == 3
        assert quantities(placed)[3] == [[3]]
        assert 1 not in placed.quantities

    def test_a_ceiling_keeps_a_reservation_from_moving(self):
        snapshot = random_instances.of([[10, 10]], planned([[10, 0]], ladas=[0], tops=[10, 2]))

        assert refusal(snapshot, request(4, ladas=[0])).fits == 2
        assert quantities(plan.admit(snapshot, request(2, ladas=[0]))) == {0: [[8, 2]], 1: [[2]]}

    def test_frozen_days_neither_give_nor_take(self):
        gives = random_instances.of([[10, 10]], planned([[10, 0]], ladas=[0]), frozen=1)
        takes = random_instances.of([[10, 10]], planned([[0, 10]], ladas=[0]), frozen=1)

        assert refusal(gives, request(4, ladas=[0], cap=4)).fits == 0
        assert refusal(takes, request(4, ladas=[0], first=1, cap=4)).fits == 0

    def test_a_new_reservation_may_use_what_is_free_on_a_frozen_day(self):
        snapshot = random_instances.of([[12, 10]], planned([[10, 0]], ladas=[0]), frozen=2)

        assert quantities(plan.admit(snapshot, request(2, ladas=[0]))) == {1: [[2]]}
        assert refusal(snapshot, request(3, ladas=[0])).fits == 2

    def test_unplaced_notifications_move_nobody_to_another_day_without_need(self):
        snapshot = random_instances.of(
            [[9, 11, 0], [0, 5, 2]],
            planned([[0, 0]], ladas=[0], unplaced=20),
            planned([[1, 0]], ladas=[1], first=1, tops=[1, 1], new=True),
            planned([[5, 0], [0, 0]], ladas=[0, 1], first=1, unplaced=1),
        )

        placed = plan.place(snapshot)

        assert quantities(placed) == {0: [[9, 11]], 1: [[0, 1]], 2: [[0, 0], [5, 1]]}

    @pytest.mark.parametrize("ladas", [1, 2])
    def test_a_reservation_with_frozen_days_only_stays_unplaced(self, ladas):
        chosen = list(range(ladas))
        snapshot = random_instances.of(
            [[5]] * ladas, planned([[1]] * ladas, ladas=chosen, unplaced=1), frozen=1
        )

        placed = plan.place(snapshot, partly=True)

        assert quantities(placed) == {}
        assert placed.unplaced.tolist() == [1]

    def test_the_arguments_are_not_changed(self):
        snapshot = random_instances.of([[10, 10], [3, 0]], planned([[10, 0], [0, 0]], ladas=[0, 1]))

        plan.admit(snapshot, request(4, ladas=[0]))
        plan.available(snapshot, request(4, ladas=[0]))

        assert snapshot.capacity.tolist() == [[10, 10], [3, 0]]
        assert snapshot.reservations[0].quantities.tolist() == [[10, 0], [0, 0]]
        assert snapshot.planned.tolist() == [[10, 0], [0, 0]]


class TestWhatBinds:
    def test_a_day_is_full_where_nothing_is_free_and_nothing_can_move(self):
        snapshot = random_instances.of([[10, 10]], planned([[10]], ladas=[0]))

        short = refusal(snapshot, request(20, ladas=[0], days=2, cap=20))

        assert (short.fits, short.bound) == (10, Bound(full=[0, 1], paced=[]))

    def test_a_day_is_paced_where_the_reservation_is_at_its_ceiling(self):
        snapshot = random_instances.of([[10, 10]])

        short = refusal(snapshot, request(10, ladas=[0], days=2, cap=4))

        assert (short.fits, short.bound) == (8, Bound(full=[], paced=[0, 1]))

    def test_one_day_may_be_full_and_another_paced(self):
        snapshot = random_instances.of([[0, 0, 10, 10]], planned([[7]], ladas=[0], first=2))

        short = refusal(snapshot, request(16, ladas=[0], first=2, days=2, cap=8))

        assert (short.fits, short.bound) == (11, Bound(full=[2], paced=[3]))

    def test_even_pacing_binds_at_three_halves_of_a_days_share(self):
        snapshot = random_instances.of([[100, 100, 100]], planned([[100, 100]], ladas=[0]))

        short = refusal(snapshot, request(100, ladas=[0], days=3))

        # Of 100, a day may carry 50. Of 2 it may carry 1, of 1 it may carry 1.
        assert (short.fits, short.bound) == (1, Bound(full=[0, 1], paced=[2]))

    @pytest.mark.parametrize("block", BLOCKS)
    def test_each_full_or_paced_day_limits_the_quantity(self, block):
        for seed in range(block * PER_BLOCK, (block + 1) * PER_BLOCK):
            snapshot, wanted = random_instances.draw(seed)
            try:
                plan.admit(snapshot, wanted)
            except plan.Short as short:
                _check(snapshot, wanted, short.bound, np.random.default_rng(seed))


def _check(snapshot: Snapshot, wanted: Request, bound: Bound, rng: np.random.Generator) -> None:
    """Check by max-flow min-cut: one more unit in any cell of a full day is one more in total.

    Wherever a day is at its ceiling, a ceiling lower by one is one unit less; and higher
    ceilings on full days are of no use.
    """
    longer = oracle.with_request(snapshot, wanted)
    most = Programme(longer).most()
    columns = range(wanted.first, wanted.first + wanted.days)
    assert sorted([*bound.full, *bound.paced]) == list(columns)
    for column in bound.full:
        capacity = snapshot.capacity.copy()
        capacity[rng.choice(wanted.ladas), column] += 1
        assert Programme(replace(longer, capacity=capacity)).most() == most + 1
    for column in bound.paced:
        if longer.reservations[-1].ceilings[column - wanted.first] > 0:
            assert Programme(_with_ceilings(longer, [column], -1)).most() == most - 1
    assert Programme(_with_ceilings(longer, bound.full, 1_000_000)).most() == most


def _with_ceilings(snapshot: Snapshot, columns: list[int], more: int) -> Snapshot:
    """Change some ceilings of the last reservation."""
    *others, last = snapshot.reservations
    ceilings = last.ceilings.copy()
    ceilings[np.array(columns, dtype=np.intp) - last.first] += more
    return replace(snapshot, reservations=[*others, replace(last, ceilings=ceilings)])


class TestWhatIsAvailable:
    def test_free_notifications_count_first_and_then_those_of_others(self):
        snapshot = random_instances.of([[10, 10], [4, 0]], planned([[10, 0], [0, 0]], ladas=[0, 1]))

        assert plan.available(snapshot, request(1, ladas=[0], days=2)).tolist() == [4, 10]
        assert plan.available(snapshot, request(1, ladas=[0])).tolist() == [10]
        assert plan.available(snapshot, request(1, ladas=[0, 1], days=2)).tolist() == [4, 10]

    def test_an_empty_snapshot_has_all_that_its_cells_carry(self):
        snapshot = random_instances.of([[10, 0, 3], [4, 0, 1]])

        assert plan.available(snapshot, request(1, ladas=[0, 1], days=3)).tolist() == [14, 0, 4]


class TestTheNetwork:
    def test_without_moves_between_days_only_the_unplaced_change_a_total(self):
        snapshot = random_instances.of(
            [[10, 10]], planned([[10, 0]], ladas=[0]), planned([[0]], ladas=[0], unplaced=4)
        )

        within, between = (
            DayTotalsNetwork(snapshot, between_days=moves) for moves in (False, True)
        )

        assert within.network.value(within.network.max_flow(4)) == 0
        flow = between.network.min_cost_flow(4)
        assert {n: days.tolist() for n, (_, days) in between.totals(flow).items()} == {
            0: [6, 4],
            1: [4],
        }
        assert between.unplaced(flow).tolist() == [0, 0]
        assert within.unplaced(within.network.max_flow(4)).tolist() == [0, 4]


class TestLargeCounts:
    """Results are exact at any size: more than 31 bits are sent in parts."""

    def test_a_whole_day_of_the_nation_moves(self):
        half = NATION // 2
        snapshot = random_instances.of(
            [[half], [half]],
            planned([[half // 2], [0]], ladas=[0, 1], tops=[NATION]),
            planned([[half // 2], [0]], ladas=[0, 1], tops=[NATION]),
        )

        placed = plan.admit(snapshot, request(half, ladas=[0], cap=half))

        assert quantities(placed) == {0: [[0], [half // 2]], 1: [[0], [half // 2]], 2: [[half]]}
        assert plan.available(snapshot, request(1, ladas=[0])).tolist() == [half]

    def test_the_largest_reservation_of_all_is_spread_exactly(self):
        snapshot = random_instances.of([[CELLS] * 120] * 10)
        everything = request(120 * NATION - 7, ladas=list(range(10)), days=120)
        half = replace(everything, quantity=60 * NATION + 1)

        for wanted in (everything, half):
            placed = plan.admit(snapshot, wanted)

            oracle.verify(oracle.with_request(snapshot, wanted), placed)

    @pytest.mark.parametrize("days", [4, 5, 12])
    def test_more_than_31_bits_that_move_are_counted(self, days):
        half = NATION // 2
        given = planned([[half] * days, [0] * days], ladas=[0, 1], tops=[half] * days)
        snapshot = random_instances.of([[half] * days] * 2, given)

        found = plan.available(snapshot, request(1, ladas=[0], days=days))

        assert found.tolist() == [half] * days

    def test_31_bits_that_must_move_are_placed(self):
        half = NATION // 2
        given = planned([[half] * 4, [0] * 4], ladas=[0, 1], tops=[half] * 4)
        snapshot = random_instances.of([[half] * 4] * 2, given)

        placed = plan.admit(snapshot, request(2 * NATION, ladas=[0], days=4, cap=half))

        assert quantities(placed) == {0: [[0] * 4, [half] * 4], 1: [[half] * 4]}

    def test_more_than_31_bits_that_must_move_are_placed(self):
        half = NATION // 2
        given = planned([[half] * 5, [0] * 5], ladas=[0, 1], tops=[half] * 5)
        snapshot = random_instances.of([[half] * 5] * 2, given)

        placed = plan.admit(snapshot, request(5 * half, ladas=[0], days=5, cap=half))

        assert quantities(placed) == {0: [[0] * 5, [half] * 5], 1: [[half] * 5]}

    def test_a_cell_beyond_31_bits_moves(self):
        given = planned([[2**31], [0]], ladas=[0, 1], tops=[2**32])
        snapshot = random_instances.of([[2**31], [2**31]], given)

        placed = plan.admit(snapshot, request(2**31, ladas=[0], cap=2**31))

        assert quantities(placed) == {0: [[0], [2**31]], 1: [[2**31]]}

    @pytest.mark.parametrize("cell", [2**31 - 1, 2**31, 2**32, 2**40])
    def test_cells_beyond_31_bits_move_to_a_small_reservation(self, cell):
        given = planned([[cell, 0], [0, 0]], ladas=[0, 1], tops=[cell, cell])
        snapshot = random_instances.of([[cell, cell], [3, 0]], given)

        placed = plan.admit(snapshot, request(5, ladas=[0], cap=5))

        assert quantities(placed) == {0: [[cell - 5, 2], [3, 0]], 1: [[5]]}

    @pytest.mark.parametrize("quantity", [2**31 - 1, 2**31, 2**32, 2**33])
    def test_free_cells_beyond_31_bits_are_spread_exactly(self, quantity):
        snapshot = random_instances.of([[2**33, 2**33]])
        wanted = request(quantity, ladas=[0], days=2)

        oracle.verify(oracle.with_request(snapshot, wanted), plan.admit(snapshot, wanted))
