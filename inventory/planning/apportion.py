"""Apportionment of whole numbers by largest remainders."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def apportion(total: int, *, weights: Counts, limits: Counts | None = None) -> Counts:
    """Split `total` in proportion to weights, no share above its limit; return the shares.

    `weights` and `limits` are (N,). What a limited share cannot take is split among the
    others in proportion. The caller guarantees that the limits admit the total, and that
    every share with a limit above 0 has a weight.
    """
    shares = np.zeros(weights.shape, dtype=np.int64)
    largest_factor = max(total, int(limits.max(initial=0)) if limits is not None else 0)
    weights = _exact(weights, largest_factor)
    is_open = weights > 0
    rest = total
    limits = limits if limits is None else limits.astype(weights.dtype)
    while limits is not None:
        at_limit = is_open & (rest * weights >= limits * weights[is_open].sum())
        if not at_limit.any():
            break
        shares[at_limit] = limits[at_limit]
        is_open &= ~at_limit
        rest = total - int(shares.sum())
    if rest and is_open.any():
        shares[is_open] = columns(np.array([rest]), weights=weights[is_open][:, None])[:, 0]
    return shares


def columns(totals: Counts, *, weights: Counts) -> Counts:
    """Split each of D totals over its column of weights (L, D); return the shares (L, D).

    No share exceeds the proportional one rounded up. So a column whose total is at most
    the sum of its weights never exceeds a weight.
    """
    weights = _exact(weights, int(totals.max(initial=0)))
    sums = np.maximum(weights.sum(axis=0), 1)
    shares = weights * totals // sums
    remainders = weights * totals - shares * sums
    missing = totals - shares.sum(axis=0)
    rank = np.argsort(np.argsort(-remainders, axis=0, kind="stable"), axis=0, kind="stable")
    return (shares + (rank < missing)).astype(np.int64)


def _exact(weights: Counts, factor: int) -> Counts:
    """Return weights whose products with `factor` are exact: Python integers where 64 bits fail."""
    if int(weights.sum()) * factor < 2**63:
        return weights
    return weights.astype(object)
