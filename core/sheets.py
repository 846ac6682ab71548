"""CSV files from spreadsheets: read with precise error messages, and written.

Pure functions: bytes in, rows of strings out, and back. The caller interprets the rows.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import encodings
from core.problems import Problem, Problems, shorten

MAX_HEADER = 10_000  # characters in which the header is searched
CHUNK = 1_000  # lines that are written at a time

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_HEAD_OF_COUNT = re.compile(r"\s*[0-9]{1,3}\s*")
_REST_OF_COUNT = re.compile(r"\s*[0-9]{3}\s*")


class SheetFormat(NamedTuple):
    """The columns and limits of one kind of file."""

    columns: Sequence[str]  # names in the first line, in any order
    max_rows: int
    max_bytes: int
    advice: str  # what to do with a file that is too long, in Spanish
    optional: frozenset[str] = frozenset()  # columns that may be missing
    additional: Sequence[str] = ()  # columns that may be added
    ignored_columns: Sequence[str] = ()  # read by people only
    separators: str = ",;"
    any_encoding: bool = False  # also UTF-16 with a byte-order mark, and those of `encodings`

    @property
    def known_columns(self) -> tuple[str, ...]:
        """The columns that are read: those of the format, then those that may be added."""
        return (*self.columns, *self.additional)


class SheetRow(NamedTuple):
    """One row of a file."""

    line: int  # the last of the row
    values: list[str]  # in the order of `SheetFormat.known_columns`
    cells: list[str]  # all of the row, as written
    header_width: int
    separator: str

    @property
    def fits(self) -> bool:
        """Whether the row is as wide as the header: if not, its values may have shifted."""
        return len(self.cells) == self.header_width

    def width_error(self) -> str:
        """Return a message, in Spanish, about a width that is wrong, with its likely cause."""
        message = ngettext(
            "La fila tiene {n} dato y el encabezado {width}.",
            "La fila tiene {n} datos y el encabezado {width}.",
            len(self.cells),
        ).format(n=len(self.cells), width=self.header_width)
        return f"{message} {self._width_advice()}"

    def _width_advice(self) -> str:
        if len(self.cells) < self.header_width:
            if any(sign in self.cells[0] for sign in ",;\t" if len(self.cells) == 1):
                return _("Sepárala como el encabezado, sin comillas alrededor de toda la fila.")
            return _("Completa la fila o quítala: lo que no lleva también tiene su celda, vacía.")
        if self.separator != ",":
            return _("Un dato con «{sign}» va entre comillas.").format(
                sign=_("tabulador") if self.separator == "\t" else self.separator
            )
        for first, second in pairwise(self.cells):
            if _HEAD_OF_COUNT.fullmatch(first) and _REST_OF_COUNT.fullmatch(second):
                count = f"{first.strip()},{second.strip()}"
                return _('Una cantidad con comas va entre comillas: "{count}".').format(count=count)
        return _(
            'Una cantidad con comas va entre comillas: "1,200". También un texto o una zona: '
            '"Jalisco, 55".'
        )


class BadSheet(Exception):
    """A file that cannot be used at all."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__(problems.summary())


def read(file: BinaryIO, sheet_format: SheetFormat) -> Iterator[SheetRow]:
    """Yield the rows of a file; blank rows are skipped.

    Raises BadSheet if the file cannot be decoded or parsed, lacks columns, or has no rows or
    too many.
    """
    data = file.read(sheet_format.max_bytes + 1)
    text = _decode(data, sheet_format)
    separator = _find_separator(text, sheet_format.separators)
    numbered = _parse_rows(text, separator)
    count, (line, header) = 0, next(numbered, (0, []))
    indexes = _column_indexes(header, line, sheet_format) if header else []
    named = len(_trimmed(header))
    last = normalise_name(header[named - 1]) if named else ""
    is_last_required = last in sheet_format.columns and last not in sheet_format.optional
    for line, row in numbered:
        count += 1
        if count > sheet_format.max_rows:
            raise _too_long(sheet_format)
        # Blank cells after a value that no row lacks: nothing can have shifted into its place.
        is_padded = len(row) == len(header) or (is_last_required and len(row) > named)
        is_padded = is_padded and not has_values(row[named:])
        cells = row[:named] if is_padded else row
        values = [_cell(row[index]) if 0 <= index < len(row) else "" for index in indexes]
        yield SheetRow(line, values, cells, named, separator)
    if not count:
        raise file_error(_("El archivo no tiene filas con datos: agrega al menos una."))


def write(
    columns: Sequence[str], lines: Iterable[Sequence[object]], *, byte_order_mark: bool = True
) -> Iterator[str]:
    """Yield a CSV file in chunks of a thousand lines. Strings are escaped so as not to be formulas.

    The byte-order mark makes Excel read the file as UTF-8.
    """
    buffer = io.StringIO()
    buffer.write(codecs.BOM_UTF8.decode() if byte_order_mark else "")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for number, line in enumerate(lines, start=1):
        writer.writerow([escape_formula(v) if isinstance(v, str) else v for v in line])
        if number % CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def normalise_name(name: str) -> str:
    """Return a column name in lower case, without accents, spaces as _: "Día " is dia."""
    letters = unicodedata.normalize("NFD", name.strip().lower())
    return "".join(c for c in letters if not unicodedata.combining(c)).replace(" ", "_")


def escape_formula(value: str) -> str:
    """Return the text with an apostrophe before it if a spreadsheet would run it as a formula.

    A text that begins with an apostrophe and such a sign has one more, so that `read` returns
    what was written.
    """
    return f"'{value}" if _FORMULA.match(value) else value


def has_values(row: Sequence[str]) -> bool:
    """Return whether any value of a row is not blank."""
    return any(value and not value.isspace() for value in row)


def file_error(message: str, *, line: int = 0) -> BadSheet:
    """Return the error of a file with one problem."""
    problems = Problems()
    problems.add(Problem(message, line))
    return BadSheet(problems)


def _decode(data: bytes, sheet_format: SheetFormat) -> str:
    """Decode a file. Raises BadSheet if it is too long, empty, or not text."""
    if len(data) > sheet_format.max_bytes:
        message = _("El archivo pesa más de {most} MB: {advice}")
        raise file_error(
            message.format(most=sheet_format.max_bytes // 1024**2, advice=sheet_format.advice)
        )
    if data.count(b"\n") > sheet_format.max_rows:
        filled = sum(1 for line in io.BytesIO(data) if line.strip(b' \t\r\n\0,;"'))
        if filled > sheet_format.max_rows + 1:
            raise _too_long(sheet_format)
    if not data.strip():
        raise file_error(_("El archivo está vacío."))
    if data.startswith(b"PK\x03\x04"):
        raise file_error(_("Es un libro de Excel, no un CSV: guárdalo como «CSV UTF-8»."))
    if sheet_format.any_encoding and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not sheet_format.any_encoding:
            raise _bad_encoding(data, error.start) from None
        text = encodings.decode(data)
    if (position := data.find(b"\0")) >= 0:
        raise _bad_encoding(data, position)
    return text


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _bad_encoding(data, error.start) from None


def _bad_encoding(data: bytes, position: int) -> BadSheet:
    line = data.count(b"\n", 0, position) + 1
    column = position - data.rfind(b"\n", 0, position)
    message = _("El byte {byte} de la línea no es UTF-8: guárdalo como «CSV UTF-8».")
    return file_error(message.format(byte=column), line=line)


def _find_separator(text: str, known: str) -> str:
    """Return the separator of the first line that is not blank."""
    lines = text[:MAX_HEADER].splitlines()
    header = next((line for line in lines if line.strip(" \t,;")), "")
    return max(known, key=header.count)


def _parse_rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the number of its last line."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in lines:
            if has_values(row):
                yield lines.line_num, row
    except csv.Error:
        message = _("Hay unas comillas sin cerrar o sin abrir: quítalas o complétalas.")
        raise file_error(message, line=lines.line_num) from None


def _column_indexes(header: Sequence[str], line: int, sheet_format: SheetFormat) -> list[int]:
    """Return the index of each column, -1 for a missing optional one. Raises BadSheet."""
    names = [normalise_name(name) for name in _trimmed(header)]
    first_line = ",".join(sheet_format.columns)
    if not set(names) & set(sheet_format.columns):
        message = _("La primera línea debe nombrar las columnas: {columns}.")
        raise file_error(message.format(columns=first_line), line=line)
    problems = Problems()
    for name, written in zip(names, header, strict=False):
        if name not in sheet_format.known_columns and name not in sheet_format.ignored_columns:
            message = _("Esta columna no se usa: quítala. Se leen: {columns}.")
            problems.add(Problem(message.format(columns=first_line), line, shorten(written)))
    may_miss = sheet_format.optional.union(sheet_format.additional)
    for name in sheet_format.known_columns:
        if name not in names and name not in may_miss:
            message = _("Falta esta columna. La primera línea dice: {columns}.")
            problems.add(Problem(message.format(columns=first_line), line, name))
        elif names.count(name) > 1:
            problems.add(Problem(_("Esta columna está dos veces: deja una."), line, name))
    if problems.count:
        raise BadSheet(problems)
    return [names.index(name) if name in names else -1 for name in sheet_format.known_columns]


def _trimmed(header: Sequence[str]) -> list[str]:
    """Return a header without the blank cells at its end."""
    names = list(header)
    while names and not names[-1].strip():
        names.pop()
    return names


def _cell(written: str) -> str:
    """Return a value without the spaces around it, and without the escape of `write`."""
    value = written.strip()
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value


def _too_long(sheet_format: SheetFormat) -> BadSheet:
    message = _("El archivo tiene más de {most:,} filas: {advice}")
    return file_error(message.format(most=sheet_format.max_rows, advice=sheet_format.advice))
