"""Capacity as a CSV file: read, with problems by line and column, and written.

Only the form is checked; whether a LADA exists or a day may change is checked by
`inventory.capacity_preview`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import counts, days, sheets
from core.problems import BadValue, Problem, Problems, shorten
from core.sheets import BadSheet, SheetFormat
from inventory.errors import BadChange

COLUMNS = ("dia", "lada", "capacidad")
INFORMATIVE_COLUMNS = ("ciudad", "a_la_venta", "apartadas")  # for people; ignored when read
MAX_ROWS = 413 * 730  # all LADAs on all days that can be open
MAX_BYTES = 20 * 1024 * 1024


class CellCapacity(NamedTuple):
    """The gross capacity that a cell shall have, in notifications."""

    day: date
    lada: str
    gross: int


class ExportedCell(NamedTuple):
    """A cell as it is written: COLUMNS and INFORMATIVE_COLUMNS."""

    day: date
    lada: str
    city: str
    gross: int
    on_sale: int
    planned: int


@dataclass
class CapacitySheet:
    """The cells that could be read, the line of each, and the problems of the others."""

    cells: list[CellCapacity] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)

    def line_numbers(self) -> dict[tuple[date | None, str], int]:
        """Return the line of each (day, LADA), and of each (day, "") the first of that day."""
        lines: dict[tuple[date | None, str], int] = {}
        for cell, line in zip(self.cells, self.lines, strict=True):
            lines[cell.day, cell.lada] = line
            lines.setdefault((cell.day, ""), line)
        return lines


def read(file: BinaryIO) -> CapacitySheet:
    """Read a whole file. Raises BadChange where it cannot be read at all.

    Comma or semicolon, with or without a byte-order mark, columns in any order,
    days as 2026-12-05 or 05/12/2026, counts with or without thousands separators.
    """
    sheet_format = SheetFormat(
        columns=COLUMNS,
        max_rows=MAX_ROWS,
        max_bytes=MAX_BYTES,
        advice=_("divídelo por fechas."),
        ignored_columns=INFORMATIVE_COLUMNS,
    )
    sheet = CapacitySheet()
    parser = _RowParser(sheet)
    try:
        for row in sheets.read(file, sheet_format):
            parser.parse(row)
    except BadSheet as error:
        raise BadChange(error.problems) from error
    return sheet


def write(rows: Iterable[ExportedCell]) -> Iterator[str]:
    """Yield the lines of a file that `read` accepts, a thousand at a time."""
    columns = ("dia", "lada", "ciudad", "capacidad", "a_la_venta", "apartadas")
    return sheets.write(columns, rows, byte_order_mark=False)


class _RowParser:
    """Parses rows into the cells and problems of a sheet."""

    def __init__(self, sheet: CapacitySheet) -> None:
        self._sheet = sheet
        self._seen: dict[date, dict[str, int]] = {}  # the line of each cell
        self._days: dict[str, date] = {}  # cache: a day has few spellings and many rows

    def parse(self, row: sheets.SheetRow) -> None:
        if row.fits:
            self._read_row(row.values, row.line)
        else:
            self._add_problem(row.width_error, row.line)

    def _read_row(self, values: Sequence[str], line: int) -> None:
        parsers: tuple[Callable[[str], object], ...] = (self._day, _lada, _count)
        parsed: list[object] = []
        for column, value, parser in zip(COLUMNS, values, parsers, strict=True):
            try:
                parsed.append(parser(value))
            except BadValue as error:
                self._add_problem(error.format_message, line, column)
        if len(parsed) == len(COLUMNS):
            self._add_cell(CellCapacity(*parsed), line)  # type: ignore[arg-type]

    def _add_cell(self, cell: CellCapacity, line: int) -> None:
        of_day = self._seen.setdefault(cell.day, {})
        before = of_day.setdefault(cell.lada, line)
        if before == line:
            self._sheet.cells.append(cell)
            self._sheet.lines.append(line)
            return
        self._add_problem(lambda: _duplicate_message(cell, before), line, "lada")

    def _add_problem(self, message: Callable[[], str], line: int, column: str = "") -> None:
        """Count a problem; its message is made only if it is listed."""
        problems = self._sheet.problems
        if problems.has_room:
            problems.add(Problem(message(), line, column))
        else:
            problems.count += 1

    def _day(self, value: str) -> date:
        if value not in self._days:
            self._days[value] = days.parse(value)
        return self._days[value]


def _duplicate_message(cell: CellCapacity, before: int) -> str:
    message = _("La LADA {lada} del {day:%d/%m/%Y} ya está en la línea {before}: deja una.")
    return message.format(lada=cell.lada, day=cell.day, before=before)


def _lada(value: str) -> str:
    if not value:
        raise BadValue(gettext_lazy("Falta la LADA: escribe su clave, por ejemplo 55."))
    return shorten(value)


def _count(value: str) -> int:
    if not value:
        raise BadValue(gettext_lazy("Falta la capacidad: escribe 0 si la LADA no lleva nada."))
    return counts.parse(value)
