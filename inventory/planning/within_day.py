"""Which LADA carries how much of each promise on one channel day, when its totals change.

Pure: arrays in, arrays out. What has to find a cell takes what is free, in
proportion; then cells that others leave anyway; and only then is somebody moved,
as few notifications as can be.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts, Network
from inventory.planning.groups import Rows


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
    _take_free(parts, lines, free, changes, new=True)
    if (changes > 0).any():
        tried = list(lines), free.copy(), changes.copy()
        _take_free(parts, *tried, new=False)
        if (tried[2] > 0).any():
            _make_room(parts, lines, free, changes)
        else:
            lines, free, changes = tried
    for number in np.flatnonzero(changes < 0).tolist():
        left = lines[number]
        lines[number] = left - apportion(-int(changes[number]), weights=left, limits=left)
    return lines


def _take_free(
    parts: Sequence[Part], lines: list[Counts], free: Counts, changes: Counts, *, new: bool
) -> None:
    """Let promises that shall have more take what is free, in proportion."""
    for number, part in enumerate(parts):
        if part.new == new and changes[number] > 0:
            room = free[part.ladas]
            taken = apportion(min(int(changes[number]), int(room.sum())), weights=room, limits=room)
            lines[number] = lines[number] + taken
            free[part.ladas] -= taken
            changes[number] -= taken.sum()


def _make_room(parts: Sequence[Part], lines: list[Counts], free: Counts, changes: Counts) -> None:
    """Give more to those that shall have it, and note how much others left on the way.

    First among those whose totals change or who move for nothing, then with their
    neighbours: as long as ways there are no dearer than one beyond could be, nothing is
    cheaper. Then with all.
    """
    more = int(changes[changes > 0].sum())
    ladas = np.concatenate([part.ladas for part in parts])
    present = np.concatenate(lines)
    owner = np.repeat(np.arange(len(parts)), [len(part.ladas) for part in parts])
    own = (changes[owner] != 0) | np.array([part.new for part in parts])[owner]
    joined, left = np.zeros(len(free), dtype=bool), free > 0
    joined[ladas[changes[owner] > 0]] = True
    left[ladas[(changes[owner] < 0) & (present > 0)]] = True
    near = own | (joined[ladas] & (present > 0)) | left[ladas]
    tries = [(own, 1), (near, 2), (np.ones_like(near), None)]
    for kept, dearest in tries if (changes < 0).any() else tries[1:]:
        network = _network(parts, free, changes, ladas[kept], owner[kept], present[kept])
        flow = network.cheapest(more, dearest=dearest)
        if network.value(flow) == more:
            break
    count = int(kept.sum())
    change = np.zeros_like(present)
    change[kept] = flow[:count]
    ends = np.cumsum([len(part.ladas) for part in parts])
    for number in np.unique(owner[change != 0]).tolist():
        lines[number] = lines[number] + change[ends[number] - len(lines[number]) : ends[number]]
    leave = np.flatnonzero(changes < 0)
    changes[leave] += flow[count + len(free) :][: len(leave)]
    changes[changes > 0] = 0


def _network(
    parts: Sequence[Part],
    free: Counts,
    changes: Counts,
    ladas: Rows,
    owner: Rows,
    present: Counts,
) -> Network:
    """Lay out the day: source → who shall have more → cells → who gives way → cells → sink.

    To come to a cell has a price, but for what is new; to leave one has none.
    """
    cells = len(free)
    source, sink = cells + len(parts), cells + len(parts) + 1
    join, leave = np.flatnonzero(changes > 0), np.flatnonzero(changes < 0)
    prices = np.array([0 if part.new else 1 for part in parts])
    more = np.full(len(ladas), int(changes[join].sum()))
    edges = [  # tail, head, up, down, price
        (cells + owner, ladas, more, present, prices[owner]),
        _one_way(np.arange(cells), np.full(cells, sink), free),
        _one_way(cells + leave, np.full(len(leave), sink), -changes[leave]),
        _one_way(np.full(len(join), source), cells + join, changes[join]),
    ]
    columns = (np.concatenate(column) for column in zip(*edges, strict=True))
    return Network(sink + 1, source, sink, *columns)


def _one_way(tail: Rows, head: Rows, up: Counts) -> tuple[Counts, ...]:
    return tail, head, up, np.zeros_like(up), np.zeros_like(up)
