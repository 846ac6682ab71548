from typing import NamedTuple


class LinkProblem(NamedTuple):
    """One thing that is wrong with a destination or a link, and how to mend it, in words."""

    code: str
    message: str
