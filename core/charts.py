"""Coordinates of charts, which templates write into SVG.

A chart is 100 units high and 10 units wide for each of its columns. The drawing is stretched to
its box, so text is placed beside it and not inside.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

HEIGHT = 100
COLUMN = 10  # width; a bar leaves one unit free at each side
ROUND_STEPS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)  # ends of an axis, times a power of ten


class Rectangle(NamedTuple):
    """A rectangle of a bar; `kind` is its CSS class."""

    kind: str
    x: str
    y: str
    width: str
    height: str


class Bar(NamedTuple):
    """A bar with its tooltip and the rectangles stacked in it."""

    label: str
    parts: list[Rectangle]


class Axis(NamedTuple):
    """The values at the top and bottom of a chart, and its labels from top to bottom."""

    top: int
    bottom: int
    labels: list[str]

    def y(self, value: float) -> float:
        """Return the vertical position of a value, 0 at the top."""
        return HEIGHT * (self.top - value) / (self.top - self.bottom)


class Chart(NamedTuple):
    """Everything a template needs to draw a chart, with the labels around it."""

    axis: Axis
    columns: int
    bars: Sequence[Bar] = ()
    areas: Sequence[tuple[str, str]] = ()  # CSS class and points
    lines: Sequence[tuple[str, str]] = ()  # the same
    ticks: Sequence[str] = ()  # labels under the left end, the middle and the right end

    @property
    def box(self) -> str:
        """The `viewBox` of the SVG."""
        return f"0 0 {self.columns * COLUMN} {HEIGHT}"

    @property
    def zero(self) -> str:
        """The vertical position of the value 0."""
        return f"{self.axis.y(0):.2f}"


def daily_chart(
    counts: Mapping[date, Sequence[tuple[str, int]]], planned: Sequence[int] = ()
) -> Chart:
    """Return a chart with one bar a day and its kinds stacked. Days are sorted and not empty.

    Where `planned` has a value for each day, a line is drawn at it.
    """
    columns = {date_format(day, _(r"l j \d\e F")): kinds for day, kinds in counts.items()}
    return column_chart(columns, ticks(list(counts)), planned)


def column_chart(
    columns: Mapping[str, Sequence[tuple[str, int]]],
    labels: Sequence[str],
    planned: Sequence[int] = (),
) -> Chart:
    """Return a chart with a bar for each name and its kinds stacked, and labels under it."""
    sums = {name: sum(value for _kind, value in kinds) for name, kinds in columns.items()}
    scale = axis([*sums.values(), *planned])
    bars = [
        Bar(
            _("{day}: {count:,}").format(day=name, count=sums[name]),
            stack(scale, column, kinds),
        )
        for column, (name, kinds) in enumerate(columns.items())
    ]
    lines = [("planned-line", steps(scale, planned))] if any(planned) else []
    return Chart(scale, len(bars), bars, lines=lines, ticks=labels)


def axis(values: Iterable[int], *, signed: bool = False) -> Axis:
    """Return an axis that covers all values and ends at a round number.

    A signed axis has 0 in the middle.
    """
    most = max((abs(value) for value in values), default=0)
    power = 10 ** max(len(str(most)) - 1, 0)
    top = next(int(step * power) for step in ROUND_STEPS if step * power >= most) if most else 1
    if signed:
        return Axis(top, -top, [f"+{compact(top)}", "0", f"−{compact(top)}"])
    return Axis(top, 0, [compact(top), compact(top / 2), "0"])


def stack(scale: Axis, column: int, values: Sequence[tuple[str, int]]) -> list[Rectangle]:
    """Return the rectangles of a column, stacked upward from 0; negative values go below 0."""
    rectangles, base = [], 0
    for kind, value in values:
        if not value:
            continue
        high, low = max(base, base + value), min(base, base + value)
        y, height = scale.y(high), scale.y(low) - scale.y(high)
        left = column * COLUMN + 1
        rectangles.append(Rectangle(kind, str(left), _number(y), str(COLUMN - 2), _number(height)))
        base = base + value if value > 0 else base
    return rectangles


def band(whole: int, values: Sequence[tuple[str, int]]) -> list[Rectangle]:
    """Return parts of `whole` side by side, in a band that is 100 wide and 10 high."""
    rectangles, left = [], 0.0
    for kind, value in values:
        if value:
            width = 100 * value / whole
            rectangles.append(Rectangle(kind, _number(left), "0", _number(width), "10"))
            left += width
    return rectangles


def area(scale: Axis, places: Sequence[float], lower: Sequence[int], upper: Sequence[int]) -> str:
    """Return the SVG points of the area between two lines; `places` go from 0 to 1."""
    xs = [COLUMN * COLUMN * place for place in places]
    points = [(x, scale.y(value)) for x, value in zip(xs, upper, strict=True)]
    points += reversed([(x, scale.y(value)) for x, value in zip(xs, lower, strict=True)])
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def line(scale: Axis, places: Sequence[float], values: Sequence[int]) -> str:
    """Return the SVG points of a line; `places` go from 0 to 1."""
    pairs = zip(places, values, strict=True)
    return " ".join(
        f"{_number(COLUMN * COLUMN * x)},{_number(scale.y(value))}" for x, value in pairs
    )


def steps(scale: Axis, values: Sequence[int]) -> str:
    """Return the SVG points of a line that is level in each column."""
    points = (
        f"{COLUMN * edge},{_number(scale.y(value))}"
        for column, value in enumerate(values)
        for edge in (column, column + 1)
    )
    return " ".join(points)


def ticks(days: Sequence[date]) -> list[str]:
    """Return labels for the first, middle and last day."""
    chosen = sorted({days[0], days[len(days) // 2], days[-1]}) if len(days) > 2 else days
    return [date_format(day, _("j b")) for day in chosen]


def compact(value: float) -> str:
    """Return a round number in short form: 2.5 M, 40 mil."""
    if abs(value) >= 1_000_000:
        return _("{count:,g} M").format(count=value / 1_000_000)
    if abs(value) >= 1_000:
        return _("{count:,g} mil").format(count=value / 1_000)
    return f"{value:,g}"


def _number(value: float) -> str:
    return f"{value:.2f}"
