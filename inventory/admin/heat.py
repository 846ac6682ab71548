"""The table of what is planned, by place and day or week: the darker, the fuller."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from inventory import occupancy
from inventory.admin.scope import Scope, Unit
from inventory.admin.window import Window, in_percent, in_words, span
from inventory.occupancy import Figures, Occupancy

FULL = 100
STEPS = (20, 40, 60, 80, FULL)  # percent planned from which the next colour begins


class Column(NamedTuple):
    """A day or a week at the head of the table."""

    first: date
    last: date
    told: str  # in full
    label: str
    month: str  # only where one begins
    weekday: str
    closed: str  # the reason, where nothing is sold on a day
    href: str


class Cell(NamedTuple):
    """What is planned of what is on sale: a step of colour, its percent and the figures."""

    step: str
    text: str
    told: str
    href: str


class Row(NamedTuple):
    name: str
    lada: str
    href: str
    whole: Cell  # over all columns
    cells: list[Cell]


class Table(NamedTuple):
    columns: list[Column]
    total: Row
    rows: list[Row]


def table(window: Window, scope: Scope, book: Occupancy, closed: Mapping[date, str]) -> Table:
    """Draw a window of all places, added up to the scope's rows and to the window's columns."""
    columns = list(_columns(window, scope, closed))
    book = scope.of(book).of_columns(window.slices())
    every = [range(len(scope.units))]
    pen = _Pen(window, columns)
    [total] = pen.rows([scope], book.of_rows(every))
    return Table(columns, total, list(pen.rows(scope.units, book)))


def _columns(window: Window, scope: Scope, closed: Mapping[date, str]) -> Iterator[Column]:
    month = 0
    for first, last in window.columns():
        begins, month = first.month != month, first.month
        yield Column(
            first,
            last,
            told=span(first, last) if window.by_week else in_words(first),
            label=str(first.day) if first == last else f"{first.day}–{last.day}",
            month=in_words(first, "b") if begins else "",
            weekday="" if window.by_week else in_words(first, "D"),
            closed="" if window.by_week else closed.get(first, ""),
            href=_href(window, scope, first, last),
        )


def _href(window: Window, of: Scope | Unit, first: date, last: date) -> str:
    """A day leads to its page, a week to its days."""
    if window.by_week:
        return of.over_days(Window.address(first, last))
    return of.on_day(first, window.query)


class _Pen:
    """Draws rows; looks its words up once for all the cells of a table."""

    def __init__(self, window: Window, columns: Sequence[Column]) -> None:
        self._window, self._columns = window, columns
        self._days = span(window.first, window.last)
        self._words, self._nothing = figures_form(), _("nada a la venta")

    def rows(self, lines: Sequence[Scope | Unit], book: Occupancy) -> Iterator[Row]:
        across = book.of_columns([slice(None)])
        for number, line in enumerate(lines):
            whole = self._cell(across.figures(number, 0), f"{line.whole}, {self._days}", "")
            cells = [
                self._cell(
                    book.figures(number, place),
                    f"{line.whole}, {column.told}",
                    _href(self._window, line, column.first, column.last),
                )
                for place, column in enumerate(self._columns)
            ]
            yield Row(line.whole, line.lada, line.over_days(self._window.query), whole, cells)

    def _cell(self, figures: Figures, where: str, href: str) -> Cell:
        if not figures.on_sale:
            return Cell("none", "–", f"{where}: {self._nothing}", href)
        told = f"{where}: {in_figures(figures, self._words)}"
        return Cell(f"step-{step(figures.percent)}", str(figures.percent), told, href)


def figures_form() -> str:
    """Give the words that `in_figures` fills."""
    return _(
        "{on_sale:,} a la venta, {held:,} apartadas, {booked:,} comprometidas, {free:,} libres"
    )


def in_figures(figures: Figures, form: str) -> str:
    return form.format(
        on_sale=figures.on_sale, held=figures.held, booked=figures.booked, free=figures.free
    )


def step(percent: int) -> int:
    """Give the step of colour, from 0 to 5; only what is full has the last."""
    return sum(percent >= limit for limit in STEPS)


def summary(window: Window, book: Occupancy) -> str:
    """Say in a sentence or two how much is on sale, sold and held, and which day is the fullest."""
    total = book.total
    when = (
        _("Los próximos {days} días").format(days=window.days)
        if window.first == window.today and window.days > 1
        else capfirst(span(window.first, window.last))
    )
    if not total.on_sale:
        return _("{when}: nada a la venta.").format(when=when)
    told = _("{when}: {on_sale:,} notificaciones a la venta").format(
        when=when, on_sale=total.on_sale
    )
    if not total.planned:
        return _("{told}, y todavía no se ha apartado ninguna.").format(told=told)
    told = _("{told}, {booked} vendido y {held} apartado en revisión.").format(
        told=told,
        booked=in_percent(occupancy.percent(total.booked, total.on_sale)),
        held=in_percent(occupancy.percent(total.held, total.on_sale)),
    )
    return f"{told} {_fullest(window, book)}" if window.days > 1 else told


def _fullest(window: Window, book: Occupancy) -> str:
    days = book.of_rows([range(book.counts.shape[1])])
    percents = [days.figures(0, column).percent for column in range(window.days)]
    most = max(percents)
    day = in_words(window.day(percents.index(most)))
    if most == FULL and percents.count(most) > 1:
        told = _("{count} días están llenos; el primero es el {day}.")
        return told.format(count=percents.count(most), day=day)
    told = _("El día más lleno es el {day}, con {most}.")
    return told.format(day=day, most=in_percent(most))
