"""Charts as coordinates for SVG templates.

A chart is 100 units high and 10 units wide a column. The SVG is stretched, so its labels
are outside of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

HEIGHT = 100
COLUMN_WIDTH = 10  # a bar leaves one unit free at each side
ROUND_STEPS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)  # times a power of ten: ends of an axis


class Rectangle(NamedTuple):
    """A rectangle; `kind` is its CSS class."""

    kind: str
    x: str
    y: str
    width: str
    height: str


class Bar(NamedTuple):
    """A bar of stacked rectangles, and its label."""

    label: str
    parts: list[Rectangle]


class Axis(NamedTuple):
    """The values at the top and the bottom of a chart, and its labels from the top."""

    top: int
    bottom: int
    labels: list[str]

    def y(self, value: float) -> float:
        """Return the vertical position of a value, from the top."""
        return HEIGHT * (self.top - value) / (self.top - self.bottom)


class Chart(NamedTuple):
    """The contents of one SVG, and the labels around it."""

    axis: Axis
    columns: int
    bars: Sequence[Bar] = ()
    areas: Sequence[tuple[str, str]] = ()  # class and points
    ticks: Sequence[str] = ()  # labels of its left end, its middle and its right end

    @property
    def box(self) -> str:
        """The view box of the SVG."""
        return f"0 0 {self.columns * COLUMN_WIDTH} {HEIGHT}"

    @property
    def zero(self) -> str:
        """The vertical position of 0."""
        return f"{self.axis.y(0):.2f}"


def by_day(counts: Mapping[date, Sequence[tuple[str, int]]]) -> Chart:
    """Return a chart with a stacked bar a day. The days are ordered, and at least one."""
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
    """Return an axis with round ends for all values; a signed one has 0 in its middle."""
    most = max((abs(value) for value in values), default=0)
    power = 10 ** max(len(str(most)) - 1, 0)
    top = next(int(step * power) for step in ROUND_STEPS if step * power >= most) if most else 1
    if signed:
        return Axis(top, -top, [f"+{compact(top)}", "0", f"−{compact(top)}"])
    return Axis(top, 0, [compact(top), compact(top / 2), "0"])


def stack(scale: Axis, column: int, values: Sequence[tuple[str, int]]) -> list[Rectangle]:
    """Return values stacked in a column from 0 upward; a negative one hangs from 0."""
    parts, base = [], 0
    for kind, value in values:
        if not value:
            continue
        high, low = max(base, base + value), min(base, base + value)
        y, height = scale.y(high), scale.y(low) - scale.y(high)
        left = column * COLUMN_WIDTH + 1
        parts.append(Rectangle(kind, str(left), _format(y), str(COLUMN_WIDTH - 2), _format(height)))
        base = base + value if value > 0 else base
    return parts


def band(whole: int, values: Sequence[tuple[str, int]]) -> list[Rectangle]:
    """Return parts of a whole side by side in a strip, 100 wide and 10 high."""
    parts, left = [], 0.0
    for kind, value in values:
        if value:
            width = 100 * value / whole
            parts.append(Rectangle(kind, _format(left), "0", _format(width), "10"))
            left += width
    return parts


def area(
    scale: Axis, positions: Sequence[float], lower: Sequence[int], upper: Sequence[int]
) -> str:
    """Return the points of the area between two lines; `positions` go from 0 to 1."""
    width = COLUMN_WIDTH * COLUMN_WIDTH
    forth = [(width * x, scale.y(value)) for x, value in zip(positions, upper, strict=True)]
    back = [(width * x, scale.y(value)) for x, value in zip(positions, lower, strict=True)]
    return " ".join(f"{_format(x)},{_format(y)}" for x, y in [*forth, *reversed(back)])


def ticks(days: Sequence[date]) -> list[str]:
    """Return labels of the first, the middle and the last of some days."""
    chosen = sorted({days[0], days[len(days) // 2], days[-1]}) if len(days) > 2 else days
    return [date_format(day, "j b") for day in chosen]


def compact(value: float) -> str:
    """Return a round number in short form: 2.5 M, 40 mil."""
    if abs(value) >= 1_000_000:
        return _("{count:,g} M").format(count=value / 1_000_000)
    if abs(value) >= 1_000:
        return _("{count:,g} mil").format(count=value / 1_000)
    return f"{value:,g}"


def _format(value: float) -> str:
    return f"{value:.2f}"
