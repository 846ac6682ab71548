"""The heat map of planned notifications by place and day or week."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from inventory import occupancy
from inventory.admin.scope import Scope, ScopeRow
from inventory.admin.window import Window, format_day, format_percent, format_span
from inventory.occupancy import Figures, Occupancy

FULL = 100
STEPS = (20, 40, 60, 80, FULL)  # percent planned from which the next colour begins


class HeatColumn(NamedTuple):
    """The head of a column: a day or a week."""

    first: date
    last: date
    title: str  # in full
    label: str
    month: str  # only where a month begins
    weekday: str
    closed: str  # the reason, where nothing is sold on the day
    url: str


class HeatCell(NamedTuple):
    """The planned share of what is on sale: a CSS class, the percent, and all figures."""

    step: str
    text: str
    title: str
    url: str


class HeatRow(NamedTuple):
    """A state, a LADA or the total, with a cell for each column."""

    name: str
    lada: str
    url: str
    total: HeatCell  # of all columns
    cells: list[HeatCell]


class HeatTable(NamedTuple):
    """The heat map, with a row of totals."""

    columns: list[HeatColumn]
    total: HeatRow
    rows: list[HeatRow]


def table(
    window: Window, scope: Scope, of_places: Occupancy, closed: Mapping[date, str]
) -> HeatTable:
    """Return the occupancy of all places, added up to the scope's rows and window's columns."""
    columns = list(_columns(window, scope, closed))
    by_row = scope.sum_rows(of_places).sum_columns(window.slices())
    every_row = [range(len(scope.rows))]
    builder = _RowBuilder(window, columns)
    [total] = builder.rows([scope], by_row.sum_rows(every_row))
    return HeatTable(columns, total, list(builder.rows(scope.rows, by_row)))


def _columns(window: Window, scope: Scope, closed: Mapping[date, str]) -> Iterator[HeatColumn]:
    month = 0
    for first, last in window.columns():
        begins, month = first.month != month, first.month
        yield HeatColumn(
            first,
            last,
            title=format_span(first, last) if window.by_week else format_day(first),
            label=str(first.day) if first == last else f"{first.day}–{last.day}",
            month=format_day(first, "b") if begins else "",
            weekday="" if window.by_week else format_day(first, "D"),
            closed="" if window.by_week else closed.get(first, ""),
            url=_column_url(window, scope, first, last),
        )


def _column_url(window: Window, row: Scope | ScopeRow, first: date, last: date) -> str:
    """Return the page of a day, or of the days of a week."""
    if window.by_week:
        return row.url(Window.query_for(first, last))
    return row.day_url(first, window.query)


class _RowBuilder:
    """Builds rows. Its translations are looked up once for all the cells of a table."""

    def __init__(self, window: Window, columns: Sequence[HeatColumn]) -> None:
        self._window, self._columns = window, columns
        self._days = format_span(window.first, window.last)
        self._figures_template, self._nothing = figures_template(), _("nada a la venta")

    def rows(self, rows: Sequence[Scope | ScopeRow], by_row: Occupancy) -> Iterator[HeatRow]:
        totals = by_row.sum_columns([slice(None)])
        for number, row in enumerate(rows):
            total = self._cell(totals.figures(number, 0), f"{row.label}, {self._days}", "")
            cells = [
                self._cell(
                    by_row.figures(number, position),
                    f"{row.label}, {column.title}",
                    _column_url(self._window, row, column.first, column.last),
                )
                for position, column in enumerate(self._columns)
            ]
            yield HeatRow(row.label, row.lada, row.url(self._window.query), total, cells)

    def _cell(self, figures: Figures, place_and_time: str, url: str) -> HeatCell:
        if not figures.on_sale:
            return HeatCell("none", "–", f"{place_and_time}: {self._nothing}", url)
        title = f"{place_and_time}: {format_figures(figures, self._figures_template)}"
        return HeatCell(f"step-{step(figures.percent)}", str(figures.percent), title, url)


def figures_template() -> str:
    """Return the translated template of `format_figures`."""
    return _(
        "{on_sale:,} a la venta, {held:,} apartadas, {booked:,} comprometidas, {free:,} libres"
    )


def format_figures(figures: Figures, template: str) -> str:
    """Return figures as a sentence."""
    return template.format(
        on_sale=figures.on_sale, held=figures.held, booked=figures.booked, free=figures.free
    )


def step(percent: int) -> int:
    """Return the step of colour, from 0 to 5; only 100 % has the last."""
    return sum(percent >= limit for limit in STEPS)


def summary(window: Window, by_row: Occupancy) -> str:
    """Return in a sentence or two what is on sale, sold and held, and the fullest day."""
    total = by_row.total
    when = (
        _("Los próximos {days} días").format(days=window.days)
        if window.first == window.today and window.days > 1
        else capfirst(format_span(window.first, window.last))
    )
    if not total.on_sale:
        return _("{when}: nada a la venta.").format(when=when)
    on_sale = _("{when}: {on_sale:,} notificaciones a la venta").format(
        when=when, on_sale=total.on_sale
    )
    if not total.planned:
        return _("{on_sale}, y todavía no se ha apartado ninguna.").format(on_sale=on_sale)
    sold = _("{on_sale}, {booked} vendido y {held} apartado en revisión.").format(
        on_sale=on_sale,
        booked=format_percent(occupancy.percent(total.booked, total.on_sale)),
        held=format_percent(occupancy.percent(total.held, total.on_sale)),
    )
    return f"{sold} {_fullest_day(window, by_row)}" if window.days > 1 else sold


def _fullest_day(window: Window, by_row: Occupancy) -> str:
    days = by_row.sum_rows([range(by_row.counts.shape[1])])
    percents = [days.figures(0, column).percent for column in range(window.days)]
    highest = max(percents)
    day = format_day(window.day(percents.index(highest)))
    if highest == FULL and percents.count(highest) > 1:
        message = _("{count} días están llenos; el primero es el {day}.")
        return message.format(count=percents.count(highest), day=day)
    message = _("El día más lleno es el {day}, con {most}.")
    return message.format(day=day, most=format_percent(highest))
