"""Problems of a submitted file or change, collected so that all are reported at once."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import ngettext

MAX_QUOTED = 40  # characters of a value that a message repeats


class Problem(NamedTuple):
    """A problem of a submitted file or change. The message explains in Spanish how to fix it."""

    message: str
    line: int = 0  # of a file; 0 where there is none
    column: str = ""
    day: date | None = None
    lada: str = ""


@dataclass
class Problems:
    """All problems: the first `MAX_LISTED` in full, and the total count."""

    listed: list[Problem] = field(default_factory=list)
    count: int = 0

    MAX_LISTED = 100

    def add(self, problem: Problem) -> None:
        """Count a problem, and list it while there is room."""
        if self.has_room:
            self.listed.append(problem)
        self.count += 1

    @property
    def has_room(self) -> bool:
        """Whether one more would be listed; if not, its message need not be built."""
        return len(self.listed) < self.MAX_LISTED

    @property
    def more(self) -> int:
        """The number of problems that are not listed."""
        return self.count - len(self.listed)

    def summary(self) -> str:
        """Return one sentence with the number of problems and the first of them."""
        return ngettext(
            "Hay {n} error y nada cambió: {first}",
            "Hay {n} errores y nada cambió. El primero: {first}",
            self.count,
        ).format(n=self.count, first=self.listed[0].message)


class BadValue(Exception):
    """A value that cannot be read. `{value}` in the message is replaced by the value."""

    def __init__(self, message: str | Promise, value: str = "") -> None:
        self._message, self._value = message, value
        super().__init__(message, value)

    def format_message(self) -> str:
        return str(self._message).format(value=shorten(self._value))


def shorten(value: str) -> str:
    """Return at most `MAX_QUOTED` characters of a value, to quote it in a message."""
    return value if len(value) <= MAX_QUOTED else f"{value[: MAX_QUOTED - 1]}…"
