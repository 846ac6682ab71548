"""Times in seconds, summed up by their quantiles."""

from collections.abc import Collection
from typing import NamedTuple, Self

import numpy as np


class Times(NamedTuple):
    """How many times there are, and below which half and nine in ten of them are, in seconds."""

    number: int
    median: float | None
    p90: float | None

    @classmethod
    def of(cls, seconds: Collection[float]) -> Self:
        """Return the quantiles of times, interpolated between the two beside them."""
        if not seconds:
            return cls(0, None, None)
        median, p90 = np.percentile(list(seconds), [50, 90]).tolist()
        return cls(len(seconds), median, p90)
