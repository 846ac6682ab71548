"""Charts as numbers that a template writes into SVG; they stretch, so words stand beside them.

A chart is 100 high, whatever it shows, and has ten of width for each of its columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

HEIGHT = 100
COLUMN = 10  # of which a bar leaves one free at each side
ROUND = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)  # what an axis may end at, times a power of ten


class Part(NamedTuple):
    """A rectangle; its class says what it stands for."""

    kind: str
    x: str
    y: str
    width: str
    height: str


class Bar(NamedTuple):
    told: str
    parts: list[Part]


class Axis(NamedTuple):
    """What the top and the bottom of a chart stand for, and the words beside, from the top."""

    top: int
    bottom: int
    labels: list[str]

    def y(self, value: float) -> float:
        return HEIGHT * (self.top - value) / (self.top - self.bottom)


class Chart(NamedTuple):
    """What a template writes into SVG, and the words around it."""

    axis: Axis
    columns: int
    bars: Sequence[Bar] = ()
    areas: Sequence[tuple[str, str]] = ()  # class and points
    ticks: Sequence[str] = ()  # under its left end, its middle and its right end

    @property
    def box(self) -> str:
        return f"0 0 {self.columns * COLUMN} {HEIGHT}"

    @property
    def zero(self) -> str:
        return f"{self.axis.y(0):.2f}"


def by_day(counts: Mapping[date, Sequence[tuple[str, int]]]) -> Chart:
    """Draw a bar a day, its kinds piled up; the days are in order and at least one."""
    scale = axis(sum(value for _kind, value in kinds) for kinds in counts.values())
    bars = [
        Bar(
            _("{day}: {count:,}").format(
                day=date_format(day, r"l j \d\e F"), count=sum(value for _kind, value in kinds)
            ),
            stack(scale, column, kinds),
        )
        for column, (day, kinds) in enumerate(counts.items())
    ]
    return Chart(scale, len(bars), bars, ticks=ticks(list(counts)))


def axis(values: Iterable[int], *, signed: bool = False) -> Axis:
    """Make room for all values, with round ends; a signed one has 0 in its middle."""
    most = max((abs(value) for value in values), default=0)
    power = 10 ** max(len(str(most)) - 1, 0)
    top = next(int(step * power) for step in ROUND if step * power >= most) if most else 1
    if signed:
        return Axis(top, -top, [f"+{compact(top)}", "0", f"−{compact(top)}"])
    return Axis(top, 0, [compact(top), compact(top / 2), "0"])


def stack(scale: Axis, column: int, values: Sequence[tuple[str, int]]) -> list[Part]:
    """Pile values up in a column, from 0 upward; a negative one hangs from 0."""
    parts, base = [], 0
    for kind, value in values:
        if not value:
            continue
        high, low = max(base, base + value), min(base, base + value)
        y, height = scale.y(high), scale.y(low) - scale.y(high)
        left = column * COLUMN + 1
        parts.append(Part(kind, str(left), _number(y), str(COLUMN - 2), _number(height)))
        base = base + value if value > 0 else base
    return parts


def band(whole: int, values: Sequence[tuple[str, int]]) -> list[Part]:
    """Lay parts of a whole side by side, in a strip that is 100 wide and 10 high."""
    parts, left = [], 0.0
    for kind, value in values:
        if value:
            width = 100 * value / whole
            parts.append(Part(kind, _number(left), "0", _number(width), "10"))
            left += width
    return parts


def area(scale: Axis, places: Sequence[float], lower: Sequence[int], upper: Sequence[int]) -> str:
    """Give the points of what lies between two lines; `places` go from 0 to 1."""
    width = COLUMN * COLUMN
    there = [(width * place, scale.y(value)) for place, value in zip(places, upper, strict=True)]
    back = [(width * place, scale.y(value)) for place, value in zip(places, lower, strict=True)]
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in [*there, *reversed(back)])


def ticks(days: Sequence[date]) -> list[str]:
    """Name the ends of a row of days, and its middle where there is one."""
    chosen = sorted({days[0], days[len(days) // 2], days[-1]}) if len(days) > 2 else days
    return [date_format(day, "j b") for day in chosen]


def compact(value: float) -> str:
    """Say a round number in few letters: 2.5 M, 40 mil."""
    if abs(value) >= 1_000_000:
        return _("{count:,g} M").format(count=value / 1_000_000)
    if abs(value) >= 1_000:
        return _("{count:,g} mil").format(count=value / 1_000)
    return f"{value:,g}"


def _number(value: float) -> str:
    return f"{value:.2f}"
