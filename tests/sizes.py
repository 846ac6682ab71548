"""The two sizes of slow tests: quick by default, large with LARGE=1 in the environment."""

import os
from typing import TypeVar

T = TypeVar("T")


def pick(quick: T, large: T) -> T:
    """Return `large` where the environment has LARGE=1, else `quick`."""
    return large if os.environ.get("LARGE") == "1" else quick
