"""Random snapshots by seed, with little free capacity, so that reservations compete everywhere.

Every reservation in them is planned within cells and ceilings, by code that shares nothing with
`inventory`. `of` and `planned` make small ones by hand.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.planning.groups import Groups
from inventory.planning.plan import Request
from inventory.planning.snapshot import PlannedReservation, Snapshot
from tests.inventory.oracle import even_ceilings

Range = tuple[int, int]  # both ends included


class Size(NamedTuple):
    """The size of snapshots: the ranges from which their counts are drawn."""

    ladas: Range
    days: Range
    reservations: Range
    chosen: int  # LADAs of a reservation, at most
    longest: int  # days of a reservation, at most


SMALL = Size(ladas=(2, 8), days=(2, 8), reservations=(0, 10), chosen=8, longest=8)
MEDIUM = Size(ladas=(20, 60), days=(10, 30), reservations=(10, 60), chosen=12, longest=12)
LARGE = Size(ladas=(120, 413), days=(60, 120), reservations=(100, 200), chosen=20, longest=14)


def of(capacity: list[list[int]], *reservations: PlannedReservation, frozen: int = 0) -> Snapshot:
    """Return a snapshot of L LADAs by D days."""
    return Snapshot(np.array(capacity), reservations, Groups(len(capacity)), frozen)


def planned(
    lines: list[list[int]],
    *,
    ladas: list[int],
    first: int = 0,
    tops: list[int] | None = None,
    unplaced: int = 0,
    new: bool = False,
) -> PlannedReservation:
    """Return a reservation planned in K LADAs by N days, with very high ceilings by default."""
    ceilings = np.array(tops) if tops else np.full(len(lines[0]), 1_000_000)
    return PlannedReservation(np.array(ladas), first, ceilings, np.array(lines), unplaced, new)


def draw(seed: int, size: Size = SMALL) -> tuple[Snapshot, Request]:
    """Return a random snapshot, and a request that may or may not fit."""
    rng = np.random.default_rng([seed, *size.ladas])
    ladas, days = _within(rng, size.ladas), _within(rng, size.days)
    capacity = _capacity(rng, ladas, days)
    sets = _sets(rng, ladas)
    free = capacity.copy()
    reservations = []
    for _ in range(_within(rng, size.reservations)):
        chosen, first, stop = _choose(rng, sets, ladas, days, size)
        reservations.append(_reservation(rng, capacity, free, chosen, first, stop))
    frozen = int(rng.integers(1, days + 1)) if rng.random() < 0.35 else 0
    snapshot = Snapshot(capacity, reservations, Groups(ladas, sets), frozen)
    return snapshot, _request(rng, snapshot, _choose(rng, sets, ladas, days, size))


def without_groups(snapshot: Snapshot) -> Snapshot:
    """Return the same snapshot with no given groups."""
    return Snapshot(
        snapshot.capacity, snapshot.reservations, Groups(len(snapshot.capacity)), snapshot.frozen
    )


def regrouped(snapshot: Snapshot, seed: int) -> Snapshot:
    """Return the same snapshot with other groups."""
    ladas = len(snapshot.capacity)
    sets = _sets(np.random.default_rng(seed), ladas)
    return Snapshot(snapshot.capacity, snapshot.reservations, Groups(ladas, sets), snapshot.frozen)


def lacking(seed: int, size: Size = SMALL) -> Snapshot:
    """Return a random snapshot in which some reservations are partly unplaced, and some are new."""
    snapshot, _ = draw(seed, size)
    rng = np.random.default_rng([seed, 1])
    reservations = []
    for reservation in snapshot.reservations:
        lines, missing, new = reservation.quantities, 0, bool(rng.random() < 0.15)
        if rng.random() < 0.4:
            kept = rng.binomial(lines, rng.choice([0, 0.5, 0.9]))
            movable = np.arange(lines.shape[1]) >= (
                0 if new else snapshot.frozen - reservation.first
            )
            lost = (lines - kept) * movable
            missing, lines = int(lost.sum()) + int(rng.integers(0, 3)), lines - lost
        reservations.append(
            PlannedReservation(
                reservation.ladas, reservation.first, reservation.ceilings, lines, missing, new
            )
        )
    free = snapshot.capacity.copy()
    for reservation in reservations:
        free[reservation.ladas, reservation.first : reservation.stop] -= reservation.quantities
    for _ in range(int(rng.integers(0, 3))):  # others have taken what they lost
        chosen = _any_ladas(rng, len(free), size)
        reservations.append(
            _reservation(rng, snapshot.capacity, free, chosen, 0, min(free.shape[1], size.longest))
        )
    return Snapshot(snapshot.capacity, reservations, snapshot.groups, snapshot.frozen)


def _within(rng: np.random.Generator, ends: Range) -> int:
    return int(rng.integers(ends[0], ends[1] + 1))


def _capacity(rng: np.random.Generator, ladas: int, days: int) -> np.ndarray:
    """Return random capacities (L, D): LADAs of unlike sizes, empty cells, closed days."""
    most = int(rng.choice([3, 8, 30, 50_000]))
    capacity = rng.integers(0, most + 1, (ladas, days))
    if rng.random() < 0.3:
        capacity = capacity // rng.integers(1, most + 1, (ladas, 1))
    capacity[rng.random((ladas, days)) < rng.choice([0, 0.1, 0.3])] = 0
    capacity[:, rng.random(days) < rng.choice([0, 0, 0.2])] = 0
    return capacity


def _sets(rng: np.random.Generator, ladas: int) -> list[np.ndarray]:
    """Return random groups: parts of a partition, overlapping sets, single LADAs, duplicates."""
    sets = []
    if rng.random() < 0.6:
        part = rng.integers(0, max(ladas // 3, 2), ladas)
        sets += [np.flatnonzero(part == number) for number in np.unique(part)]
    for _ in range(int(rng.integers(0, 4))):
        sets.append(np.flatnonzero(rng.random(ladas) < rng.random()))
    if sets and rng.random() < 0.2:
        sets += [sets[0], rng.integers(0, ladas, 1)]
    return sets


def _choose(
    rng: np.random.Generator, sets: Sequence[np.ndarray], ladas: int, days: int, size: Size
) -> tuple[np.ndarray, int, int]:
    """Choose LADAs, often a group or two or all but one, and days in a row."""
    chosen = _any_ladas(rng, ladas, size)
    if sets and rng.random() < 0.5:
        chosen = np.unique(np.concatenate([sets[i] for i in rng.integers(0, len(sets), 2)]))
    if rng.random() < 0.1:
        chosen = np.setdiff1d(np.arange(ladas), chosen)
    if not len(chosen):
        chosen = _any_ladas(rng, ladas, size)
    length = int(rng.integers(1, min(days, size.longest) + 1, 2).max())
    first = int(rng.integers(0, days - length + 1))
    return chosen.astype(np.intp), first, first + length


def _any_ladas(rng: np.random.Generator, ladas: int, size: Size) -> np.ndarray:
    """Choose any LADAs; the last of the snapshot is never among them unless it is alone."""
    count = int(rng.integers(1, min(size.chosen, ladas) + 1))
    return np.sort(rng.choice(ladas, count, replace=False)).astype(np.intp)


def _reservation(
    rng: np.random.Generator,
    capacity: np.ndarray,
    free: np.ndarray,
    chosen: np.ndarray,
    first: int,
    stop: int,
) -> PlannedReservation:
    """Fill some of what is free, and choose ceilings that may be tight."""
    lines = rng.binomial(free[chosen, first:stop], rng.choice([0.3, 0.6, 1]))
    lines[rng.random(lines.shape) < rng.choice([0, 0.4, 0.8])] = 0
    free[chosen, first:stop] -= lines
    by_day, total = capacity[chosen, first:stop].sum(axis=0), lines.sum(axis=0)
    tops = [
        even_ceilings(int(lines.sum()), by_day),
        np.full(stop - first, total.max()),
        total + rng.integers(0, 3, stop - first),
        by_day,
    ][rng.choice(4, p=[0.3, 0.2, 0.1, 0.4])]
    return PlannedReservation(chosen, first, np.maximum(tops, total), lines)


def _request(
    rng: np.random.Generator, snapshot: Snapshot, choice: tuple[np.ndarray, int, int]
) -> Request:
    """Return a request for somewhat more or less than what is free, with or without a cap."""
    chosen, first, stop = choice
    whole = int(snapshot.capacity[chosen, first:stop].sum())
    free = whole - int(snapshot.planned[chosen, first:stop].sum())
    quantity = max(int(free + (whole - free) * rng.uniform(-0.3, 1) * rng.random()), 1)
    cap = None
    if rng.random() < 0.5:
        cap = max(int(quantity * rng.uniform(0.9, 4) / (stop - first)), 1)
    return Request(chosen, first, stop - first, quantity, cap)
