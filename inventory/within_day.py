"""Which LADA carries how much of each promise on one channel day, when totals change.

Pure: arrays in, arrays out. What has to find a cell takes what is free, in
proportion; then cells that others leave anyway; and only then is somebody moved,
as few notifications as can be.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.apportion import apportion
from inventory.flow import Counts, Network
from inventory.groups import Rows


class Part(NamedTuple):
    """What one promise has on the day, and how many more or fewer it shall have."""

    ladas: Rows  # (K,) rows of the book
    lines: Counts  # (K,)
    change: int
    new: bool = False  # its lines may change for nothing


def settle(free: Counts, parts: Sequence[Part]) -> list[Counts]:
    """Give each promise its lines (K,) with its change; the same array where nothing changes.

    `free` is (L,): what each LADA can carry beyond the lines of the parts. The caller
    knows that the totals fit.
    """
    lines = [part.lines for part in parts]
    changes = np.array([part.change for part in parts])
    free = free.copy()
    for number, part in enumerate(parts):
        if part.new and part.change > 0:
            room = free[part.ladas]
            taken = apportion(min(part.change, int(room.sum())), weights=room, limits=room)
            lines[number] = part.lines + taken
            free[part.ladas] -= taken
            changes[number] -= taken.sum()
    if (changes > 0).any():
        _make_room(parts, lines, free, changes)
    for number in np.flatnonzero(changes < 0).tolist():
        left = lines[number]
        lines[number] = left - apportion(-int(changes[number]), weights=left, limits=left)
    return lines


def _make_room(parts: Sequence[Part], lines: list[Counts], free: Counts, changes: Counts) -> None:
    """Give more to those that shall have it, and note how much others left on the way."""
    cells, promises = len(free), len(parts)
    source, sink = cells + promises, cells + promises + 1
    join, leave = np.flatnonzero(changes > 0), np.flatnonzero(changes < 0)
    sizes = [len(part.ladas) for part in parts]
    ladas = np.concatenate([part.ladas for part in parts])
    owner = np.repeat(np.arange(promises), sizes)
    prices = np.array([0 if part.new else 1 for part in parts])
    more = int(changes[join].sum())
    edges = [  # tail, head, up, down, price
        (ladas, cells + owner, np.concatenate(lines), np.full(len(ladas), more), prices[owner]),
        _one_way(np.arange(cells), np.full(cells, sink), free),
        _one_way(cells + leave, np.full(len(leave), sink), -changes[leave]),
        _one_way(np.full(len(join), source), cells + join, changes[join]),
    ]
    columns = (np.concatenate(column) for column in zip(*edges, strict=True))
    flow = Network(sink + 1, source, sink, *columns).cheapest(more)
    ends = np.cumsum(sizes)
    for number in np.unique(owner[flow[: len(ladas)] != 0]).tolist():
        part = slice(ends[number] - sizes[number], ends[number])
        lines[number] = lines[number] - flow[part]
    changes[join] = 0
    changes[leave] += flow[len(ladas) + cells :][: len(leave)]


def _one_way(tail: Rows, head: Rows, up: Counts) -> tuple[Counts, ...]:
    return tail, head, up, np.zeros_like(up), np.zeros_like(up)
