"""Counts of notifications, and the places to which they belong."""

from collections.abc import Iterable
from typing import NamedTuple, Self


class Counts(NamedTuple):
    """Notifications with the ad, and what became of them; the rest awaits its receipt."""

    inserted: int = 0
    delivered: int = 0
    failed: int = 0
    no_receipt: int = 0

    @property
    def pending(self) -> int:
        return self.inserted - self.delivered - self.failed - self.no_receipt

    def plus(self, other: Iterable[int]) -> Self:
        return type(self)(*(a + b for a, b in zip(self, other, strict=True)))


class Place(NamedTuple):
    """A LADA; without one, several of its state; without a state, several LADAs of several states.

    A LADA counts in the state of its main city only, so that states add up.
    """

    state: str = ""  # its key
    lada: str = ""
