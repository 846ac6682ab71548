"""Which LADA carries how much of each promise on one channel day, when totals change.

Pure: arrays in, arrays out. What has to find a cell takes what is free, in
proportion; then what others leave anyway; and only then is somebody moved, as
few notifications as can be.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inventory.apportion import apportion
from inventory.flow import Counts, Network
from inventory.groups import Rows


class Part(NamedTuple):
    """What one promise has on the day, and what it shall have."""

    ladas: Rows  # (K,) rows of the book
    lines: Counts  # (K,)
    total: int
    new: bool = False  # its lines may change for nothing


def settle(capacity: Counts, parts: Sequence[Part]) -> list[Counts]:
    """Give each promise its lines (K,), which add up to its total, no cell above its capacity.

    `capacity` is (L,). The caller knows that the totals fit.
    """
    lines = [part.lines.copy() for part in parts]
    wanted = np.array([part.total - int(part.lines.sum()) for part in parts])
    free = capacity.copy()
    for part in parts:
        free[part.ladas] -= part.lines
    for number, part in enumerate(parts):
        if not part.new or wanted[number] <= 0:
            continue
        ladas = part.ladas
        fits = min(int(wanted[number]), int(free[ladas].sum()))
        taken = apportion(fits, weights=free[ladas], limits=free[ladas])
        lines[number] += taken
        free[ladas] -= taken
        wanted[number] -= fits
    if (wanted > 0).any():
        _make_room(parts, lines, free, wanted)
    for number in np.flatnonzero(wanted < 0):
        lines[number] -= apportion(
            -int(wanted[number]), weights=lines[number], limits=lines[number]
        )
    return lines


def _make_room(parts: Sequence[Part], lines: list[Counts], free: Counts, wanted: Counts) -> None:
    """Change lines so that those who want more have it, and note how much others left for it."""
    cells, promises = len(free), len(parts)
    source, sink = cells + promises, cells + promises + 1
    join, leave = np.flatnonzero(wanted > 0), np.flatnonzero(wanted < 0)
    ladas = np.concatenate([part.ladas for part in parts])
    owner = np.repeat(np.arange(promises), [len(part.ladas) for part in parts])
    prices = np.array([0 if part.new else 1 for part in parts])
    more = int(wanted[join].sum())
    edges = [  # tail, head, up, down, price
        (ladas, cells + owner, np.concatenate(lines), np.full(len(ladas), more), prices[owner]),
        _one_way(np.arange(cells), np.full(cells, sink), free),
        _one_way(cells + leave, np.full(len(leave), sink), -wanted[leave]),
        _one_way(np.full(len(join), source), cells + join, wanted[join]),
    ]
    columns = (np.concatenate(column) for column in zip(*edges, strict=True))
    network = Network(sink + 1, source, sink, *columns)
    flow = network.cheapest(more)
    ends = np.cumsum([len(part.ladas) for part in parts])
    for number, change in enumerate(np.split(flow[: len(ladas)], ends[:-1])):
        lines[number] -= change
    wanted[join] = 0
    wanted[leave] += flow[len(ladas) + cells :][: len(leave)]


def _one_way(tail: Rows, head: Rows, up: Counts) -> tuple[Counts, ...]:
    return tail, head, up, np.zeros_like(up), np.zeros_like(up)
