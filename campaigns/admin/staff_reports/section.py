"""Sections of a report: a sentence, a chart and a table, and the same rows as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import charts

MAX_ROWS = 100  # on a page; a file has all

MINUTE, HOUR, DAY = 60, 3_600, 86_400  # seconds


class Kind(StrEnum):
    """What the values of a column are. All but bands may be None: not known."""

    TEXT = "text"
    LONG = "long"  # a text of several lines
    DAY = "day"
    COUNT = "count"
    PERCENT = "percent"
    SECONDS = "seconds"
    BAND = "band"  # (whole, [(CSS class, part)]): drawn, and not in a file


class Column(NamedTuple):
    """A column, by its name in files and in words."""

    key: str
    label: str
    kind: Kind = Kind.COUNT

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.COUNT, Kind.PERCENT, Kind.SECONDS)

    @property
    def style(self) -> str:
        """Return the CSS class of its cells; empty without one."""
        if self.is_number:
            return "num"
        return {Kind.BAND: "drawn", Kind.LONG: "prose"}.get(self.kind, "")


class Link(NamedTuple):
    """A text that leads to a page; in a file, the text alone."""

    text: str
    url: str

    def __str__(self) -> str:
        return self.text


class Cell(NamedTuple):
    """A value as a template writes it."""

    column: Column
    text: str
    url: str = ""
    parts: Sequence[charts.Rectangle] = ()


Row = Sequence[Any]


@dataclass
class Section:
    """A part of a report. Its id names its file; without rows it shows `empty`."""

    id: str
    title: str
    sentence: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str
    chart: charts.Chart | None = None
    chart_title: str = ""
    legend: Sequence[tuple[str, str]] = field(default_factory=list)  # CSS class, label
    is_sortable: bool = False

    @property
    def is_cut(self) -> bool:
        return len(self.rows) > MAX_ROWS

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """Yield the rows of the page."""
        for row in self.rows[:MAX_ROWS]:
            yield [_cell(column, value) for column, value in zip(self.columns, row, strict=True)]

    @property
    def file_columns(self) -> list[str]:
        return [column.key for column in self.columns if column.kind != Kind.BAND]

    @property
    def file_rows(self) -> Iterator[list[object]]:
        """Yield the rows of the file."""
        for row in self.rows:
            pairs = zip(self.columns, row, strict=True)
            yield [_plain(c.kind, value) for c, value in pairs if c.kind != Kind.BAND]

    def sort(self, order: str) -> str:
        """Sort by a column's key, falling if "-" is before it; return what was understood of it."""
        keys = [column.key for column in self.columns if column.kind != Kind.BAND]
        key = order.removeprefix("-")
        if not self.is_sortable or key not in keys:
            return ""
        index = [column.key for column in self.columns].index(key)
        known = [row for row in self.rows if row[index] is not None]
        rest = [row for row in self.rows if row[index] is None]
        is_falling = order.startswith("-")
        known.sort(key=lambda row: _comparable(row[index]), reverse=is_falling)
        self.rows = [*known, *rest]
        return order


def _comparable(value: Any) -> Any:
    return str(value).casefold() if isinstance(value, str | Link) else value


def _cell(column: Column, value: Any) -> Cell:
    if column.kind == Kind.BAND:
        whole, parts = value
        return Cell(column, "", parts=charts.band(whole, parts))
    url = value.url if isinstance(value, Link) else ""
    return Cell(column, format_value(column.kind, value), url)


def format_value(kind: Kind, value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return "–"
    match kind:
        case Kind.DAY:
            return date_format(value, _("D j b Y"))
        case Kind.COUNT:
            return str(intcomma(value))
        case Kind.PERCENT:
            return f"{round(value, 1) or 0:,.1f}\N{NO-BREAK SPACE}%".replace("-", "−")
        case Kind.SECONDS:
            return format_seconds(value)
    return str(value)


def format_seconds(seconds: float) -> str:
    """Return a time in its two largest units: "40 s", "12 min", "3 h 20 min", "2 d 5 h"."""
    whole = round(seconds)
    if whole < MINUTE:
        return _("{n} s").format(n=whole)
    if whole < HOUR:
        return _("{n} min").format(n=round(whole / MINUTE))
    if whole < 2 * DAY:
        hours, minutes = divmod(round(whole / MINUTE), 60)
        return _("{h} h {m} min").format(h=hours, m=minutes) if minutes else f"{hours} h"
    days, hours = divmod(round(whole / HOUR), 24)
    return _("{d} d {h} h").format(d=days, h=hours) if hours else f"{days} d"


def _plain(kind: Kind, value: Any) -> object:
    """Return a value as a spreadsheet reads it: percents with a decimal, times in seconds."""
    if value is None:
        return ""
    match kind:
        case Kind.PERCENT:
            return round(value, 1)
        case Kind.SECONDS:
            return round(value)
        case Kind.TEXT | Kind.LONG:
            return str(value)
    return value


Stack = Sequence[tuple[str, int]]


def share(part: int, whole: int) -> tuple[int, Stack]:
    """Return a part of a whole as the value of a band, with the rest beside it."""
    return max(whole, part, 1), [("booked", part), ("free", max(whole - part, 0))]


def stacked(bars: Sequence[tuple[date, str, Stack]], *, signed: bool = False) -> charts.Chart:
    """Return a chart of days, each with its label and the parts stacked in its bar."""
    ends = [[max(value, 0) for _kind, value in stack] for _day, _label, stack in bars]
    lows = [sum(min(value, 0) for _kind, value in stack) for _day, _label, stack in bars]
    scale = charts.axis([*map(sum, ends), *lows], signed=signed)
    return charts.Chart(
        scale,
        len(bars),
        [
            charts.Bar(label, charts.stack(scale, column, stack))
            for column, (_day, label, stack) in enumerate(bars)
        ],
        ticks=charts.ticks([day for day, _label, _stack in bars]),
    )
