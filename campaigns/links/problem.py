"""The type of a problem with a destination or a short link."""

from typing import NamedTuple


class LinkProblem(NamedTuple):
    """A problem with a destination or a link; `message` explains in Spanish how to fix it."""

    code: str
    message: str
