"""What is wrong with a file or a change that a person sent, found all at once."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils.translation import ngettext


class Problem(NamedTuple):
    """One thing that is wrong with what a person sent, and how to mend it."""

    told: str
    line: int = 0  # of a file; 0 where there is none
    column: str = ""
    day: date | None = None
    lada: str = ""


@dataclass
class Problems:
    """All that is wrong: the first hundred in full, and how many there are."""

    shown: list[Problem] = field(default_factory=list)
    count: int = 0

    MOST_SHOWN = 100

    def add(self, problem: Problem) -> None:
        """Count one more, and keep it while there is room."""
        if self.has_room:
            self.shown.append(problem)
        self.count += 1

    @property
    def has_room(self) -> bool:
        """Say whether one more would be shown; else nobody need put it in words."""
        return len(self.shown) < self.MOST_SHOWN

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)

    def summary(self) -> str:
        """Return one sentence with the number of problems and the first of them."""
        return ngettext(
            "Hay {n} error y nada cambió: {first}",
            "Hay {n} errores y nada cambió. El primero: {first}",
            self.count,
        ).format(n=self.count, first=self.shown[0].told)
