"""How much the tests with many random cases try: little by default, much with LARGE=1."""

import os


def pick(quick: int, large: int) -> int:
    """Return `large` where the environment has LARGE=1, otherwise `quick`."""
    return large if os.environ.get("LARGE") == "1" else quick
