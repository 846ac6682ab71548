"""Promises in cells that shrink: as little as can be is left without a place."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.planning.book import Book, Promise
from inventory.planning.groups import Groups
from inventory.planning.squeeze import squeeze
from tests.inventory import books, oracle


def shrunk(seed):
    """A book whose cells carry less than is planned there, who is held, and what is missing."""
    rng = np.random.default_rng([seed, 9])
    book = books.lacking(seed)
    promises = [replace(promise, new=False) for promise in book.promises]
    missing = np.array([promise.missing for promise in promises], dtype=np.int64)
    capacity = book.capacity.copy()
    capacity[rng.random(capacity.shape) < 0.4] //= 2
    capacity[:, rng.random(capacity.shape[1]) < 0.2] = 0
    capacity[:, : book.frozen] = book.capacity[:, : book.frozen]
    held = rng.random(len(promises)) < 0.5
    return (
        replace(book, capacity=capacity, promises=[replace(p, missing=0) for p in promises]),
        held,
        missing,
    )


def lifted(book, missing):
    """The same book with every line that may move taken off and missing."""
    promises = []
    for promise, lacking in zip(book.promises, missing, strict=True):
        past = max(book.frozen - promise.first, 0)
        lines = promise.lines.copy()
        lines[:, past:] = 0
        lost = int(promise.lines[:, past:].sum() + lacking)
        promises.append(replace(promise, lines=lines, missing=lost))
    return replace(book, promises=promises)


@pytest.mark.parametrize("block", range(8))
def test_what_finds_no_place_is_what_no_plan_could_place(block):
    for seed in range(block * 40, block * 40 + 40):
        book, held, missing = shrunk(seed)
        free = lifted(book, missing)
        wanted = sum(promise.missing for promise in free.promises)

        fitted = squeeze(book, held, missing)

        assert fitted.missing.sum() == wanted - oracle.Programme(free).most(), seed
        lines = [fitted.lines.get(n, p.lines) for n, p in enumerate(book.promises)]
        assert (oracle.planned(book, lines) <= book.capacity).all(), seed
        for number, (promise, new) in enumerate(zip(book.promises, lines, strict=True)):
            past = max(book.frozen - promise.first, 0)
            assert (new[:, :past] == promise.lines[:, :past]).all()
            assert (new >= 0).all()
            assert (new.sum(axis=0) <= promise.ceilings).all()
            total = promise.lines.sum() + missing[number]
            assert new.sum() + fitted.missing[number] == total
            assert number not in fitted.lines or (new != promise.lines).any()


def one_cell(*quantities):
    """Promises, the oldest first, that share one cell which carries 10."""
    promises = [
        Promise(np.array([0]), 0, np.array([99]), np.array([[quantity]])) for quantity in quantities
    ]
    return Book(np.array([[10]]), promises, Groups(1))


@pytest.mark.parametrize(
    ("held", "left"),
    [
        ([False, False, False], [0, 2, 6]),
        ([True, False, False], [6, 0, 2]),
        ([True, True, True], [0, 2, 6]),
        ([True, True, False], [2, 6, 0]),
    ],
)
def test_the_youngest_lose_their_place_first_and_held_ones_before_booked_ones(held, left):
    fitted = squeeze(one_cell(6, 6, 6), np.array(held), np.zeros(3, dtype=np.int64))

    assert fitted.missing.tolist() == left


def test_a_promise_that_was_booked_takes_the_place_that_is_left_before_one_that_is_held():
    both = np.array([0, 1])
    lines = np.array([[6], [0]])
    promises = [Promise(both, 0, np.array([99]), lines) for _ in range(2)]
    book = Book(np.array([[0], [7]]), promises, Groups(2))

    fitted = squeeze(book, np.array([True, False]), np.zeros(2, dtype=np.int64))

    assert fitted.missing.tolist() == [5, 0]


def test_nothing_moves_where_everything_fits():
    fitted = squeeze(one_cell(3, 3), np.array([True, False]), np.zeros(2, dtype=np.int64))

    assert fitted.lines == {}
    assert fitted.missing.tolist() == [0, 0]


def test_an_empty_book_has_nothing_to_move():
    empty = np.zeros(0, dtype=np.int64)

    assert squeeze(one_cell(), empty.astype(bool), empty).missing.tolist() == []
