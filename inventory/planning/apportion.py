"""Split whole numbers in proportion, with largest remainders. Pure."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def apportion(total: int, *, weights: Counts, limits: Counts | None = None) -> Counts:
    """Split an integer by weights, no part above its limit.

    `weights` and `limits` are (N,). What a limited part cannot take goes to the
    others in proportion. The caller sees to it that the limits have room, and
    that a part with room has a weight.
    """
    parts = np.zeros(weights.shape, dtype=np.int64)
    most = max(total, int(limits.max(initial=0)) if limits is not None else 0)
    weights = _wide_enough(weights, most)
    open_ = weights > 0
    rest = total
    limits = limits if limits is None else limits.astype(weights.dtype)
    while limits is not None:
        full = open_ & (rest * weights >= limits * weights[open_].sum())
        if not full.any():
            break
        parts[full] = limits[full]
        open_ &= ~full
        rest = total - int(parts.sum())
    if rest and open_.any():
        parts[open_] = columns(np.array([rest]), weights=weights[open_][:, None])[:, 0]
    return parts


def columns(totals: Counts, *, weights: Counts) -> Counts:
    """Split each of D totals over its column of weights (L, D).

    No part exceeds the proportional share rounded up, so a column whose total is
    at most the sum of its weights never exceeds a weight.
    """
    weights = _wide_enough(weights, int(totals.max(initial=0)))
    sums = np.maximum(weights.sum(axis=0), 1)
    parts = weights * totals // sums
    remainders = weights * totals - parts * sums
    missing = totals - parts.sum(axis=0)
    rank = np.argsort(np.argsort(-remainders, axis=0, kind="stable"), axis=0, kind="stable")
    return (parts + (rank < missing)).astype(np.int64)


def _wide_enough(weights: Counts, factor: int) -> Counts:
    """Give weights whose products with a factor are exact: as Python's numbers where they must."""
    if int(weights.sum()) * factor < 2**63:
        return weights
    return weights.astype(object)
