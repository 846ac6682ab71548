"""Cells with few notifications are merged with others, so that none can be worked out.

A cell of fewer than LEAST notifications with the ad is never given alone, and neither is the only
other one of its row, from which it would follow. Every view adds up the same cells, so that the
difference of two views is a sum of such cells again (ADR 37). Counts are those of `inserted`.
"""

import numpy as np

from inventory.planning.flow import Counts as Numbers

LEAST = 10  # notifications

Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def merged(values: Numbers) -> Mask:
    """Return which cells of each row of (R, N) are merged into one: none, or LEAST together.

    Where a row has less than LEAST in all, its cells are merged although they stay below.
    """
    small = (values > 0) & (values < LEAST)
    return small | _complement(values, small)


def merged_both_ways(grid: Numbers) -> Mask:
    """Return which cells of (R, C) are merged, so that neither row nor column gives them away.

    In each row and in each column none are merged, or at least two, with LEAST together: unless
    it has no more.
    """
    mask: Mask = (grid > 0) & (grid < LEAST)
    while True:
        more = _complement(grid, mask) | _complement(grid.T, mask.T).T
        if not (more & ~mask).any():
            return mask
        mask = mask | more


def _complement(values: Numbers, mask: Mask) -> Mask:
    """Return the smallest cell that each row has to merge as well, where it has to."""
    together = np.where(mask, values, 0).sum(axis=1)
    number = (mask & (values > 0)).sum(axis=1)
    too_few = (number > 0) & ((together < LEAST) | (number < 2))
    rest = np.where(mask | (values == 0), np.iinfo(np.int64).max, values)
    smallest = rest.argmin(axis=1)
    rows = np.flatnonzero(too_few & (rest.min(axis=1) < np.iinfo(np.int64).max))
    complement = np.zeros_like(mask)
    complement[rows, smallest[rows]] = True
    return complement
