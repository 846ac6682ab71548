from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong with a destination or a link, and how to mend it, in words."""

    code: str
    message: str
