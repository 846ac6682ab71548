"""Capacity as a CSV file: read with what is wrong named by line and column, and written.

Pure: bytes in, cells out, and back. It judges the shape alone; whether a LADA exists
or a day may change is for `inventory.capacity_preview` to say.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import BinaryIO, NamedTuple, TextIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.errors import BadChange, Problem, Problems

COLUMNS = ("dia", "lada", "capacidad")
FOR_READING = ("ciudad", "a_la_venta", "apartadas")  # written for people, passed over when read
MOST_ROWS = 413 * 730  # every LADA on every day that can ever be open
MOST_BYTES = 20 * 1024 * 1024
LONGEST_HEADER = 10_000  # bytes
MOST_DIGITS = 12  # of a count; what is longer is nobody's capacity
QUOTED = 40  # characters of a value that a message repeats

_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_LATIN = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
_COUNT = re.compile(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}( [0-9]{3})+|[0-9]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


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
    data = file.read(MOST_BYTES + 1)
    _require_text(data)
    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    rows = _numbered(stream, _separator(data))
    sheet = Sheet()
    if first := next(rows, None):
        line, header = first
        _Rows(sheet, _places(header, line), len(header)).read(rows)
    if not sheet.cells and not sheet.problems.count:
        raise _refused(_("El archivo no tiene filas con datos: agrega al menos una."))
    return sheet


def write(rows: Iterable[Exported]) -> Iterator[str]:
    """Write cells as `read` takes them, a thousand lines at a time; no text is a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["dia", "lada", "ciudad", "capacidad", "a_la_venta", "apartadas"])
    for number, row in enumerate(rows, start=1):
        writer.writerow([row.day.isoformat(), row.lada, _as_text(row.city), *row[3:]])
        if number % 1_000 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


class _Wrong(Exception):
    """A value that cannot be read."""

    def __init__(self, words: Promise, value: str = "") -> None:
        self._words, self._value = words, value

    def told(self) -> str:
        return str(self._words).format(value=_short(self._value))


class _Rows:
    """Reads rows under a known header into a sheet."""

    def __init__(self, sheet: Sheet, places: Sequence[int], width: int) -> None:
        self._sheet, self._places, self._width = sheet, places, width
        self._seen: dict[date, dict[str, int]] = {}  # the line of each cell
        self._days: dict[str, date] = {}  # a day is written in few ways and in many rows
        self._count = 0

    def read(self, rows: Iterator[tuple[int, list[str]]]) -> None:
        for line, row in rows:
            self._count += 1
            if self._count > MOST_ROWS:
                raise _too_long()
            if len(row) < self._width or _has_something(row[self._width :]):
                self._tell(partial(self._other_width, row), line)
            else:
                self._read_row([row[place].strip() for place in self._places], line)

    def _read_row(self, values: Sequence[str], line: int) -> None:
        readers: tuple[Callable[[str], object], ...] = (self._day, _lada, _count)
        read: list[object] = []
        for column, value, reader in zip(COLUMNS, values, readers, strict=True):
            try:
                read.append(reader(value))
            except _Wrong as error:
                self._tell(error.told, line, column)
        if len(read) == len(COLUMNS):
            self._keep(Cell(*read), line)  # type: ignore[arg-type]

    def _keep(self, cell: Cell, line: int) -> None:
        of_day = self._seen.setdefault(cell.day, {})
        before = of_day.setdefault(cell.lada, line)
        if before == line:
            self._sheet.cells.append(cell)
            self._sheet.lines.append(line)
            return
        self._tell(partial(self._twice, cell, before), line, "lada")

    def _tell(self, told: Callable[[], str], line: int, column: str = "") -> None:
        """Count what is wrong; it is put in words only if it is shown."""
        problems = self._sheet.problems
        if problems.has_room:
            problems.add(Problem(told(), line, column))
        else:
            problems.count += 1

    def _day(self, value: str) -> date:
        if value not in self._days:
            self._days[value] = _day(value)
        return self._days[value]

    def _twice(self, cell: Cell, before: int) -> str:
        told = _("La LADA {lada} del {day:%d/%m/%Y} ya está en la línea {before}: deja una.")
        return told.format(lada=cell.lada, day=cell.day, before=before)

    def _other_width(self, row: Sequence[str]) -> str:
        told = ngettext(
            "La fila tiene {n} dato y el encabezado {width}.",
            "La fila tiene {n} datos y el encabezado {width}.",
            len(row),
        ).format(n=len(row), width=self._width)
        if len(row) < self._width:
            return told + " " + _("Completa la fila o quítala.")
        return told + " " + _('Una cantidad con comas va entre comillas: "1,200".')


def _require_text(data: bytes) -> None:
    """Refuse what is too long, empty, or not text in UTF-8. Raises BadChange."""
    if len(data) > MOST_BYTES:
        raise _refused(_("El archivo pesa más de 20 MB: divídelo por fechas."))
    if data.count(b"\n") > MOST_ROWS:
        filled = sum(1 for line in io.BytesIO(data) if line.strip(b' \t\r\n,;"'))
        if filled > MOST_ROWS + 1:
            raise _too_long()
    if not data.strip():
        raise _refused(_("El archivo está vacío."))
    if data.startswith(b"PK\x03\x04"):
        raise _refused(_("Es un libro de Excel, no un CSV: guárdalo como «CSV UTF-8»."))
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise _other_encoding(data, error.start) from None
    if (place := data.find(b"\0")) >= 0:
        raise _other_encoding(data, place)


def _other_encoding(data: bytes, place: int) -> BadChange:
    line = data.count(b"\n", 0, place) + 1
    column = place - data.rfind(b"\n", 0, place)
    told = _("El byte {byte} de la línea no es UTF-8: guárdalo como «CSV UTF-8».")
    return _refused(told.format(byte=column), line=line)


def _separator(data: bytes) -> str:
    lines = data[:LONGEST_HEADER].removeprefix(codecs.BOM_UTF8).splitlines()
    header = next((line for line in lines if line.strip(b" \t,;")), b"")
    return ";" if header.count(b";") > header.count(b",") else ","


def _numbered(stream: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not blank, each with the number of its last line."""
    rows = csv.reader(stream, delimiter=separator, strict=True)
    try:
        for row in rows:
            if _has_something(row):
                yield rows.line_num, row
    except csv.Error:
        told = _("Hay unas comillas sin cerrar o sin abrir: quítalas o complétalas.")
        raise _refused(told, line=rows.line_num) from None


def _places(header: Sequence[str], line: int) -> list[int]:
    """Give where each column stands. Raises BadChange, naming what is odd, twice or missing."""
    names = [_plain(name) for name in header]
    while names and not names[-1]:
        names.pop()
    if not set(names) & set(COLUMNS):
        told = _("La primera línea debe nombrar las columnas: dia,lada,capacidad.")
        raise _refused(told, line=line)
    problems = Problems()
    for name, shown in zip(names, header, strict=False):
        if name not in COLUMNS + FOR_READING:
            told = _("Esta columna no se usa: quítala. Se leen dia, lada y capacidad.")
            problems.add(Problem(told, line, _short(shown)))
    for name in COLUMNS:
        if name not in names:
            told = _("Falta esta columna. La primera línea dice: dia,lada,capacidad.")
            problems.add(Problem(told, line, name))
        elif names.count(name) > 1:
            problems.add(Problem(_("Esta columna está dos veces: deja una."), line, name))
    if problems.count:
        raise BadChange(problems)
    return [names.index(name) for name in COLUMNS]


def _plain(name: str) -> str:
    """Give a column's name without accents, capitals or spaces: "Día " is dia."""
    letters = unicodedata.normalize("NFD", name.strip().lower())
    return "".join(c for c in letters if not unicodedata.combining(c)).replace(" ", "_")


def _day(value: str) -> date:
    if not value:
        raise _Wrong(gettext_lazy("Falta el día: escribe uno como 2026-12-05."))
    try:
        if _ISO.fullmatch(value):
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
        if _LATIN.fullmatch(value):
            return datetime.strptime(value, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        raise _Wrong(
            gettext_lazy("«{value}» no existe en el calendario: corrige el día."), value
        ) from None
    raise _Wrong(
        gettext_lazy("«{value}» no es un día: escríbelo como 2026-12-05 o 05/12/2026."), value
    )


def _lada(value: str) -> str:
    if not value:
        raise _Wrong(gettext_lazy("Falta la LADA: escribe su clave, por ejemplo 55."))
    return _short(value)


def _count(value: str) -> int:
    plain = value.replace("\xa0", " ").replace("\u202f", " ")
    if _COUNT.fullmatch(plain):
        digits = plain.replace(",", "").replace(" ", "").lstrip("0") or "0"
        if len(digits) > MOST_DIGITS:
            raise _Wrong(gettext_lazy("«{value}» es demasiado: corrige la cantidad."), value)
        return int(digits)
    if not plain:
        raise _Wrong(gettext_lazy("Falta la capacidad: escribe 0 si la LADA no lleva nada."))
    if plain.startswith(("-", "−")):
        raise _Wrong(gettext_lazy("«{value}» es menos que cero: escribe 0 o más."), value)
    raise _Wrong(
        gettext_lazy('«{value}» no es un número entero: escríbelo como 1200 o "1,200".'), value
    )


def _has_something(row: Sequence[str]) -> bool:
    return any(value and not value.isspace() for value in row)


def _as_text(value: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _short(value: str) -> str:
    return value if len(value) <= QUOTED else f"{value[: QUOTED - 1]}…"


def _too_long() -> BadChange:
    told = _("El archivo tiene más de {most:,} filas: divídelo por fechas.")
    return _refused(told.format(most=MOST_ROWS))


def _refused(told: str, *, line: int = 0) -> BadChange:
    problems = Problems()
    problems.add(Problem(told, line))
    return BadChange(problems)
