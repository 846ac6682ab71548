"""Capacity as a CSV file: read with what is wrong named by line and column, and written.

Pure: bytes in, cells out, and back. It judges the shape alone; whether a LADA exists
or a day may change is for `inventory.capacity_preview` to say.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import sheets
from core.problems import Problem, Problems
from core.sheets import BadSheet, BadValue, SheetFormat
from inventory.errors import BadChange

COLUMNS = ("dia", "lada", "capacidad")
FOR_READING = ("ciudad", "a_la_venta", "apartadas")  # written for people, passed over when read
MOST_ROWS = 413 * 730  # every LADA on every day that can ever be open
MOST_BYTES = 20 * 1024 * 1024


class Cell(NamedTuple):
    """What a LADA shall be able to carry on a day, in notifications."""

    day: date
    lada: str
    gross: int


class Exported(NamedTuple):
    """A cell as it is written: the three columns that are read, and three for people."""

    day: date
    lada: str
    city: str
    gross: int
    on_sale: int
    planned: int


@dataclass
class Sheet:
    """The cells that could be read, the line of each, and what is wrong with the others."""

    cells: list[Cell] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)

    def places(self) -> dict[tuple[date | None, str], int]:
        """Give the line of each (day, LADA), and of each (day, "") the first of that day."""
        lines: dict[tuple[date | None, str], int] = {}
        for cell, line in zip(self.cells, self.lines, strict=True):
            lines[cell.day, cell.lada] = line
            lines.setdefault((cell.day, ""), line)
        return lines


def read(file: BinaryIO) -> Sheet:
    """Read a whole file. Raises BadChange where no row of it can be made out.

    Comma or semicolon, with or without a byte-order mark, columns in any order,
    days as 2026-12-05 or 05/12/2026, counts with or without thousands separators.
    """
    shape = SheetFormat(
        columns=COLUMNS,
        max_rows=MOST_ROWS,
        max_bytes=MOST_BYTES,
        advice=_("divídelo por fechas."),
        ignored_columns=FOR_READING,
    )
    sheet = Sheet()
    reader = _Reader(sheet)
    try:
        for row in sheets.read(file, shape):
            reader.take(row)
    except BadSheet as error:
        raise BadChange(error.problems) from error
    return sheet


def write(rows: Iterable[Exported]) -> Iterator[str]:
    """Write cells as `read` takes them, a thousand lines at a time; no text is a formula."""
    columns = ("dia", "lada", "ciudad", "capacidad", "a_la_venta", "apartadas")
    return sheets.write(columns, rows, byte_order_mark=False)


class _Reader:
    """Takes rows into a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._seen: dict[date, dict[str, int]] = {}  # the line of each cell
        self._days: dict[str, date] = {}  # a day is written in few ways and in many rows

    def take(self, row: sheets.SheetRow) -> None:
        if row.fits:
            self._read_row(row.values, row.line)
        else:
            self._tell(row.width_error, row.line)

    def _read_row(self, values: Sequence[str], line: int) -> None:
        readers: tuple[Callable[[str], object], ...] = (self._day, _lada, _count)
        read: list[object] = []
        for column, value, reader in zip(COLUMNS, values, readers, strict=True):
            try:
                read.append(reader(value))
            except BadValue as error:
                self._tell(error.format_message, line, column)
        if len(read) == len(COLUMNS):
            self._keep(Cell(*read), line)  # type: ignore[arg-type]

    def _keep(self, cell: Cell, line: int) -> None:
        of_day = self._seen.setdefault(cell.day, {})
        before = of_day.setdefault(cell.lada, line)
        if before == line:
            self._sheet.cells.append(cell)
            self._sheet.lines.append(line)
            return
        self._tell(lambda: self._twice(cell, before), line, "lada")

    def _tell(self, told: Callable[[], str], line: int, column: str = "") -> None:
        """Count what is wrong; it is put in words only if it is shown."""
        problems = self._sheet.problems
        if problems.has_room:
            problems.add(Problem(told(), line, column))
        else:
            problems.count += 1

    def _day(self, value: str) -> date:
        if value not in self._days:
            self._days[value] = sheets.parse_date(value)
        return self._days[value]

    def _twice(self, cell: Cell, before: int) -> str:
        told = _("La LADA {lada} del {day:%d/%m/%Y} ya está en la línea {before}: deja una.")
        return told.format(lada=cell.lada, day=cell.day, before=before)


def _lada(value: str) -> str:
    if not value:
        raise BadValue(gettext_lazy("Falta la LADA: escribe su clave, por ejemplo 55."))
    return sheets.shorten(value)


def _count(value: str) -> int:
    if not value:
        raise BadValue(gettext_lazy("Falta la capacidad: escribe 0 si la LADA no lleva nada."))
    return sheets.parse_count(value)
