"""Groups of LADAs, and how they cover sets of LADAs."""

import numpy as np
import pytest

from inventory.planning import groups
from inventory.planning.groups import Groups

STATES = [np.array([0, 1, 2]), np.array([3, 4]), np.array([2, 5, 6])]  # LADA 2 is in two


def members(of: Groups) -> list[list[int]]:
    return [np.flatnonzero(row).tolist() for row in of.member]


def random_groups(rng: np.random.Generator) -> tuple[Groups, int, list[np.ndarray]]:
    ladas = int(rng.integers(1, 25))
    given = [np.flatnonzero(rng.random(ladas) < rng.random()) for _ in range(rng.integers(0, 7))]
    return Groups(ladas, given), ladas, given


def test_the_set_of_all_ladas_and_the_atoms_are_added_to_the_given_groups():
    assert members(Groups(9, STATES)) == [
        [0, 1, 2, 3, 4, 5, 6, 7, 8],
        [2, 5, 6],
        [0, 1, 2],
        [7, 8],
        [5, 6],
        [3, 4],
        [0, 1],
    ]


def test_groups_of_one_lada_or_none_and_groups_given_twice_are_left_out():
    useless = [np.array([1]), np.array([], dtype=np.intp), np.array([0, 1, 2])]

    assert members(Groups(3, [*useless, np.array([0, 2]), np.array([2, 0])])) == [
        [0, 1, 2],
        [0, 2],
    ]


def test_without_given_groups_all_ladas_are_one():
    assert members(Groups(4)) == [[0, 1, 2, 3]]
    assert members(Groups(1)) == []


def test_a_set_is_covered_by_the_largest_groups_inside_it():
    some = Groups(9, STATES)

    assert some.cover(np.arange(9)).tolist() == [0] * 9
    assert some.cover(np.array([3, 4, 5, 6])).tolist() == [5, 5, 4, 4]
    assert some.cover(np.array([0, 1, 2, 5])).tolist() == [2, 2, 2, -1]
    assert some.cover(np.array([0, 3])).tolist() == [-1, -1]


def test_every_set_is_covered_exactly():
    rng = np.random.default_rng(1)
    for _ in range(300):
        some, ladas, _given = random_groups(rng)
        chosen = np.flatnonzero(rng.random(ladas) < rng.random())

        cover = some.cover(chosen)

        assert cover.shape == chosen.shape
        for lada, group in zip(chosen, cover, strict=True):
            inside = [row for row in some.member if row[lada] and row.sum() == row[chosen].sum()]
            assert (group >= 0) == bool(inside)  # a LADA itself only where no group will do
            if group >= 0:
                assert some.member[group, lada]
                assert set(np.flatnonzero(some.member[group])) <= set(chosen.tolist())


def test_a_union_of_groups_or_all_but_one_is_covered_by_groups_alone():
    rng = np.random.default_rng(2)
    for _ in range(300):
        some, ladas, given = random_groups(rng)
        chosen = np.zeros(ladas, dtype=bool)
        for rows in given:
            chosen[rows] |= rng.random() < 0.5
        chosen = ~chosen if rng.random() < 0.5 else chosen
        rows = np.flatnonzero(chosen)
        table = np.array([np.isin(np.arange(ladas), rows) for rows in given] or [[True] * ladas])

        for lada, group in zip(rows, some.cover(rows), strict=True):
            alike = (table == table[:, [lada]]).all(axis=0)
            assert group >= 0 or alike.sum() == 1


def test_a_group_has_smaller_groups_inside_it_as_children_and_ladas_as_leaves():
    rng = np.random.default_rng(3)
    for _ in range(300):
        some, ladas, _given = random_groups(rng)
        assert some.child.shape == some.member.shape == (len(some), ladas)
        for number, row in enumerate(some.member):
            for lada in np.flatnonzero(row):
                inner = some.child[number, lada]
                assert some.leaf[number, lada] == (inner < 0)
                if inner >= 0:
                    assert some.member[inner, lada]
                    assert some.member[inner].sum() < row.sum()
                    assert not (some.member[inner] & ~row).any()
            assert (some.child[number, ~row] == -1).all()
            assert not some.leaf[number, ~row].any()


def test_pairs_of_a_group_and_a_lada_in_it_have_numbers_of_their_own():
    some = Groups(9, STATES)

    assert sorted(some.pair[some.member].tolist()) == list(range(some.member.sum()))
    assert (some.pair[~some.member] == -1).all()


def test_cached_covers_are_those_of_the_set(monkeypatch):
    monkeypatch.setattr(groups, "MAX_CACHED_COVERS", 2)
    rng = np.random.default_rng(4)
    some = Groups(9, STATES)

    for _ in range(200):
        chosen = np.flatnonzero(rng.random(9) < 0.6)

        assert some.cover(chosen).tolist() == Groups(9, STATES).cover(chosen).tolist()
        assert len(some._covers) <= 2


@pytest.mark.parametrize("ladas", [1, 2, 5])
def test_an_empty_set_has_no_cover(ladas):
    assert Groups(ladas).cover(np.array([], dtype=np.intp)).tolist() == []
