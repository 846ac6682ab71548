"""Split promises over cells. Pure: arrays in, arrays out.

Shapes: L LADAs by D channel days. Units: notifications, as 64-bit integers.
"""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

EVEN_PACING = (3, 2)  # a day may carry 3/2 of its proportional share


class Short(Exception):
    """The promise does not fit; `fits` notifications would."""

    def __init__(self, fits: int) -> None:
        super().__init__(fits)
        self.fits = fits


def ceilings(quantity: int, capacity: Counts, daily_cap: int | None = None) -> Counts:
    """Give the most that each day may carry of a promise.

    `capacity` is (D,): all that the promise's LADAs can carry on each day. With
    even pacing a day's ceiling is 1.5 × its proportional share, rounded up; the
    brand's own `daily_cap` replaces it.
    """
    if daily_cap is not None:
        return np.full(capacity.shape, daily_cap, dtype=np.int64)
    total = int(capacity.sum())
    if total == 0:
        return np.zeros(capacity.shape, dtype=np.int64)
    times, over = EVEN_PACING
    share = [-(-times * quantity * int(day) // (over * total)) for day in capacity]
    return np.array(share, dtype=np.int64)


def spread(free: Counts, *, quantity: int, ceilings: Counts) -> Counts:
    """Split a promise over its cells in proportion to what is free in each.

    `free` is (L, D), `ceilings` (D,); the answer is (L, D) and adds up to
    `quantity` exactly: no cell above its free count, no day above its ceiling.

    Raises Short with the largest quantity that fits.
    """
    by_day = free.sum(axis=0)
    room = np.minimum(by_day, ceilings)
    fits = int(room.sum())
    if fits < quantity:
        raise Short(fits)
    days = apportion(quantity, weights=by_day, limits=room)
    return _columns(days, free)


def apportion(total: int, *, weights: Counts, limits: Counts | None = None) -> Counts:
    """Split an integer by weights with largest remainders, no part above its limit.

    `weights` and `limits` are (N,). What a limited part cannot take goes to the
    others in proportion. The caller sees to it that the limits have room, and
    that a part with room has a weight.
    """
    parts = np.zeros(weights.shape, dtype=np.int64)
    open_ = weights > 0
    rest = total
    while limits is not None:
        full = open_ & (rest * weights >= limits * weights[open_].sum())
        if not full.any():
            break
        parts[full] = limits[full]
        open_ &= ~full
        rest = total - int(parts.sum())
    if rest and open_.any():
        parts[open_] = _columns(np.array([rest]), weights[open_][:, None])[:, 0]
    return parts


def _columns(totals: Counts, weights: Counts) -> Counts:
    """Split each of D totals over its column of weights (L, D), largest remainders first.

    No part exceeds the proportional share rounded up, so a column whose total is
    at most the sum of its weights never exceeds a weight.
    """
    sums = np.maximum(weights.sum(axis=0), 1)
    parts, remainders = np.divmod(weights * totals, sums)
    missing = totals - parts.sum(axis=0)
    rank = np.argsort(np.argsort(-remainders, axis=0, kind="stable"), axis=0, kind="stable")
    return parts + (rank < missing)
