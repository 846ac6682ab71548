"""Results of the plan against linear programmes, on hundreds of random instances."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from inventory.planning import plan
from inventory.planning.between_days import Bound, DayTotalsNetwork
from inventory.planning.flow import Counts, Network
from inventory.planning.plan import Placement, Request
from inventory.planning.snapshot import PlannedReservation, Snapshot
from tests.inventory import oracle, random_instances
from tests.inventory.oracle import Programme
from tests.inventory.random_instances import LARGE, MEDIUM, SMALL, Size, of, planned
from tests.sizes import pick


class Block(NamedTuple):
    size: Size
    seeds: range


SMALL_BLOCKS = [Block(SMALL, range(at, at + 100)) for at in range(0, pick(100, 2_500), 100)]
MEDIUM_BLOCKS = [Block(MEDIUM, range(at, at + 10)) for at in range(0, pick(10, 200), 10)]
LARGE_SEEDS = pick([13], [13, 17, 51, 65, 88, 104])
LARGE_BLOCKS = [Block(LARGE, range(seed, seed + 1)) for seed in LARGE_SEEDS]
ALL_BLOCKS = [*SMALL_BLOCKS, *MEDIUM_BLOCKS, *LARGE_BLOCKS]
SOME_BLOCKS = [*SMALL_BLOCKS[: pick(1, 5)], *MEDIUM_BLOCKS[:1], *LARGE_BLOCKS[:1]]
LACKING_BLOCKS = [*SMALL_BLOCKS[: pick(1, 9)], *MEDIUM_BLOCKS[: pick(1, 2)]]
CONTROL = Block(SMALL, range(200))  # enough to notice what is broken on purpose


class Result(NamedTuple):
    """The plan's result for a request."""

    snapshot: Snapshot  # before it
    request: Request
    fits: int  # what was admitted: all of the request, or as much as the refusal reports
    bound: Bound | None  # of the refusal
    with_request: Snapshot  # with what fits as its last reservation, planned nowhere
    placed: Placement


def admit(snapshot: Snapshot, request: Request) -> Result:
    """Admit a request or, where it is refused, the quantity that is reported to fit."""
    fits, bound = request.quantity, None
    try:
        placed = plan.admit(snapshot, request)
    except plan.Short as short:
        fits, bound = short.fits, short.bound
        assert fits < request.quantity
        placed = plan.admit(snapshot, replace(request, quantity=fits))
    return Result(
        snapshot, request, fits, bound, oracle.with_request(snapshot, request, fits), placed
    )


@cache
def result(size: Size, seed: int) -> Result:
    return admit(*random_instances.draw(seed, size))


def results(block: Block) -> Iterator[Result]:
    return (result(block.size, seed) for seed in block.seeds)


def fresh_results(block: Block) -> Iterator[Result]:
    """Results that are not cached, for plans that are broken on purpose."""
    return (admit(*random_instances.draw(seed, block.size)) for seed in block.seeds)


@cache
def repaired(block: Block) -> list[tuple[Snapshot, Placement]]:
    """Snapshots with unplaced quantities, each with as much of them placed as possible."""
    lacking = [random_instances.lacking(seed, block.size) for seed in block.seeds]
    return [(snapshot, plan.place(snapshot, partly=True)) for snapshot in lacking]


def name(block: Block) -> str:
    kind = {SMALL: "small", MEDIUM: "medium", LARGE: "large"}[block.size]
    return f"{kind}-{block.seeds.start}"


def each(blocks: list[Block]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks, ids=name)


def assert_as_much_fits_as_can(found: Result) -> None:
    assert found.fits == oracle.largest(found.snapshot, found.request)


def assert_rules_kept(found: Result) -> None:
    oracle.verify(found.with_request, found.placed)
    assert found.placed.unplaced.tolist() == [0] * len(found.with_request.reservations)
    assert found.placed.quantities[len(found.snapshot.reservations)].sum() == found.fits


def assert_fewest_change_day(found: Result) -> None:
    least = Programme(found.with_request).least_changing_day(found.fits)
    assert oracle.changed_day(found.with_request, found.placed) == least


def assert_fewest_leave_cell(found: Result) -> None:
    after = oracle.plan_of(found.with_request, found.placed)
    least = Programme(found.with_request).least_leaving_cell(after)
    assert oracle.left_cell(found.with_request, found.placed) == least


@each(ALL_BLOCKS)
def test_a_request_is_admitted_if_it_fits_else_the_refusal_has_the_quantity_that_would(block):
    for found in results(block):
        assert_as_much_fits_as_can(found)


@each(ALL_BLOCKS)
def test_what_is_admitted_keeps_every_rule_and_every_other_reservation(block):
    for found in results(block):
        assert_rules_kept(found)


@each(ALL_BLOCKS)
def test_as_few_notifications_as_possible_change_day(block):
    for found in results(block):
        assert_fewest_change_day(found)


@each(ALL_BLOCKS)
def test_as_few_notifications_as_possible_leave_their_cell_for_the_days_chosen(block):
    for found in results(block):
        assert_fewest_leave_cell(found)


@each(SOME_BLOCKS)
def test_where_moves_within_days_suffice_no_reservation_changes_a_days_total(block):
    for found in results(block):
        if Programme(found.with_request).most_within_days() < found.fits:
            continue

        for reservation, new in zip(
            found.snapshot.reservations,
            oracle.plan_of(found.with_request, found.placed),
            strict=False,
        ):
            assert new.sum(axis=0).tolist() == reservation.quantities.sum(axis=0).tolist()


def test_the_instances_contain_every_case_often():
    found = [one for block in SMALL_BLOCKS[: pick(1, 10)] for one in results(block)]
    moved = [oracle.left_cell(one.with_request, one.placed) for one in found]
    to_other_days = [oracle.changed_day(one.with_request, one.placed) for one in found]
    at_ceiling = [
        (one.placed.quantities[len(one.snapshot.reservations)].sum(axis=0) == tops).any()
        for one in found
        if (tops := one.with_request.reservations[-1].ceilings).any()
    ]

    count = len(found)
    assert count == pick(100, 1_000)
    assert sum(one.bound is not None for one in found) > 0.30 * count
    assert sum(one.bound is not None and one.fits > 0 for one in found) > 0.15 * count
    assert np.count_nonzero(moved) > 0.15 * count
    assert np.count_nonzero(to_other_days) > 0.08 * count
    assert sum(m > 0 and d == 0 for m, d in zip(moved, to_other_days, strict=True)) > 0.05 * count
    assert sum(at_ceiling) > 0.30 * count
    assert (
        sum(one.snapshot.frozen > 0 and m > 0 for one, m in zip(found, moved, strict=True))
        > 0.02 * count
    )
    assert sum(one.request.daily_cap is not None for one in found) > 0.30 * count


def test_the_largest_quantity_of_the_oracle_is_that_of_a_search_one_by_one():
    for seed in range(100):
        snapshot, request = random_instances.draw(seed)
        quantities = range(min(25, request.quantity), 76)

        one_by_one = [q for q in quantities if fits_under_own_ceilings(snapshot, request, q)]

        asked = replace(request, quantity=quantities.start)
        fits = oracle.largest(snapshot, asked)
        assert not one_by_one or fits == asked.quantity
        found = oracle.largest_of_all(snapshot, request)
        assert fits_under_own_ceilings(snapshot, request, found)
        assert found > 75 or found == max(one_by_one, default=found)


@each([*SMALL_BLOCKS[: pick(1, 25)], *MEDIUM_BLOCKS[: pick(1, 10)]])
def test_where_a_quantity_fits_every_smaller_one_fits(block):
    for found in results(block):
        assert_all_smaller_fit(found.snapshot, found.request, found.fits)


def assert_all_smaller_fit(snapshot: Snapshot, request: Request, fits: int) -> None:
    """Assert it of a dozen quantities, and that each is planned within the rules."""
    for quantity in sorted({*range(max(fits - 5, 1), fits + 1), *range(1, fits, fits // 6 + 1)}):
        asked = replace(request, quantity=quantity)
        assert plan.fits(snapshot, asked), quantity
        placed = plan.admit(snapshot, asked)
        assert (placed.ceilings <= own_ceilings(snapshot, asked) + 1).all()
        oracle.verify(oracle.with_request(snapshot, asked), placed)


def own_ceilings(snapshot: Snapshot, request: Request) -> Counts:
    return oracle.with_own_ceilings(snapshot, request, request.quantity).reservations[-1].ceilings


def fits_under_own_ceilings(snapshot: Snapshot, request: Request, quantity: int) -> bool:
    whole = oracle.with_own_ceilings(snapshot, request, quantity)
    return Programme(whole).most() == quantity


def uneven() -> tuple[Snapshot, Request]:
    """Return five small free days and a large full one: of the sixth, nothing is left."""
    capacity = [[12, 12, 12, 12, 12, 40]]
    full = planned([[40]], ladas=[0], first=5)
    return of(capacity, full), Request(np.array([0]), 0, 6, 1)


def test_the_ceilings_alone_would_admit_more_and_refuse_less():
    snapshot, request = uneven()
    own = [q for q in range(1, 61) if fits_under_own_ceilings(snapshot, request, q)]

    assert max(own) == 45
    gaps = [11, 16, 21, 22, 26, 27, 31, 32, 33, 36, 37, 38, 41, 42, 43, 44]
    assert [q for q in range(1, 45) if q not in own] == gaps
    for quantity in range(1, 61):
        asked = replace(request, quantity=quantity)
        assert plan.fits(snapshot, asked) is (quantity <= 45)
        assert _fit(snapshot, asked)[0] == min(quantity, 45)


def test_a_quantity_that_needs_it_has_one_more_on_its_days_and_no_other_has():
    snapshot, request = uneven()
    for quantity in range(1, 46):
        asked = replace(request, quantity=quantity)
        own = own_ceilings(snapshot, asked)
        placed = plan.admit(snapshot, asked)

        needs_more = not fits_under_own_ceilings(snapshot, asked, quantity)
        assert (placed.ceilings != own).any() == needs_more
        assert (placed.ceilings <= own + needs_more).all()
        oracle.verify(oracle.with_request(snapshot, asked), placed)


@each(SOME_BLOCKS)
def test_require_fit_raises_as_admit_does(block):
    for found in results(block):
        assert _fit(found.snapshot, found.request) == (found.fits, found.bound)


@each(SOME_BLOCKS)
def test_results_do_not_depend_on_groups(block):
    for seed, found in zip(block.seeds, results(block), strict=True):
        for other in (
            random_instances.without_groups(found.snapshot),
            random_instances.regrouped(found.snapshot, seed),
        ):
            again = admit(other, found.request)

            assert (again.fits, again.bound) == (found.fits, found.bound)
            assert oracle.changed_day(again.with_request, again.placed) == oracle.changed_day(
                found.with_request, found.placed
            )


@each(SOME_BLOCKS)
def test_what_is_available_fits_together_and_nothing_more(block):
    for seed in block.seeds:
        snapshot, request = random_instances.draw(seed, block.size)

        found = plan.available(snapshot, request)

        whole = oracle.with_everything(snapshot, request)
        assert found.sum() == Programme(whole).most()
        assert (found >= 0).all()
        assert (found <= whole.reservations[-1].ceilings).all()
        just_this = replace(whole.reservations[-1], ceilings=found, unplaced=int(found.sum()))
        together = replace(snapshot, reservations=[*snapshot.reservations, just_this])
        assert Programme(together).most() == found.sum()


@each(LACKING_BLOCKS)
def test_as_much_as_possible_of_the_unplaced_is_placed(block):
    for snapshot, placed in repaired(block):
        oracle.verify(snapshot, placed)
        assert _missing(snapshot) - placed.unplaced.sum() == Programme(snapshot).most()


@each(LACKING_BLOCKS)
def test_the_unplaced_are_placed_with_as_few_moves_as_possible(block):
    for snapshot, placed in repaired(block):
        programme = Programme(snapshot)
        found = _missing(snapshot) - int(placed.unplaced.sum())
        assert oracle.changed_day(snapshot, placed) == programme.least_changing_day(found)
        least = programme.least_leaving_cell(oracle.plan_of(snapshot, placed))
        assert oracle.left_cell(snapshot, placed) == least


@each(SMALL_BLOCKS[: pick(1, 3)])
def test_all_or_nothing_is_placed_unless_partly(block):
    for seed in block.seeds:
        snapshot = random_instances.lacking(seed, block.size)
        if Programme(snapshot).most() == _missing(snapshot):
            placed = plan.place(snapshot)

            oracle.verify(snapshot, placed)
            assert placed.unplaced.sum() == 0
        else:
            with pytest.raises(plan.Short):
                plan.place(snapshot)


def _fit(snapshot: Snapshot, request: Request) -> tuple[int, Bound | None]:
    try:
        plan.require_fit(snapshot, request)
    except plan.Short as short:
        return short.fits, short.bound
    return request.quantity, None


def _missing(snapshot: Snapshot) -> int:
    return sum(reservation.unplaced for reservation in snapshot.reservations)


class TestTheseTestsCanFail:
    """Each test breaks one rule of the plan and asserts that a property fails."""

    def test_without_moves_between_days(self, monkeypatch):
        def within_days(snapshot: Snapshot, *, between_days: bool) -> DayTotalsNetwork:
            return DayTotalsNetwork(snapshot, between_days=False)

        monkeypatch.setattr(plan, "DayTotalsNetwork", within_days)

        with pytest.raises(AssertionError):
            for found in fresh_results(CONTROL):
                assert_as_much_fits_as_can(found)

    def test_with_any_flow_in_place_of_the_cheapest(self, monkeypatch):
        def any_flow(network: Network, wanted: int, **_: object) -> Counts:
            return network.max_flow(wanted)

        monkeypatch.setattr(Network, "min_cost_flow", any_flow)

        with pytest.raises(AssertionError):
            for found in fresh_results(MEDIUM_BLOCKS[0]):
                assert_fewest_change_day(found)
        with pytest.raises(AssertionError):
            for found in fresh_results(MEDIUM_BLOCKS[0]):
                assert_fewest_leave_cell(found)

    def test_with_a_search_below_the_request_alone(self, monkeypatch):
        largest = plan._largest_fit

        def below(
            snapshot: Snapshot, request: Request, short: plan.Short, *, least: int = 0
        ) -> int:
            return min(largest(snapshot, request, short), request.quantity - 1)

        monkeypatch.setattr(plan, "_largest_fit", below)

        snapshot, request = uneven()
        with pytest.raises(AssertionError):
            assert_all_smaller_fit(snapshot, request, 45)

    def test_with_other_ceilings(self, monkeypatch):
        monkeypatch.setattr(plan, "EVEN_PACING", (8, 5))

        with pytest.raises(AssertionError):
            for found in fresh_results(CONTROL):
                assert_as_much_fits_as_can(found)

    def test_with_frozen_days_that_move(self, monkeypatch):
        def any_day(snapshot: Snapshot, reservation: PlannedReservation) -> range:
            return range(reservation.first, reservation.stop)

        monkeypatch.setattr(Snapshot, "movable_columns", any_day)

        with pytest.raises(AssertionError):
            for found in fresh_results(CONTROL):
                assert_rules_kept(found)
