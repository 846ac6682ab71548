"""CSV files of spreadsheets: read into rows of texts, with problems by line, and written.

It checks the form of a file only; what a row means is for the caller to check.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import BinaryIO, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.problems import Problem, Problems

MAX_HEADER = 10_000  # bytes
MAX_DIGITS = 12  # of a count
MAX_QUOTED = 40  # characters of a value that a message repeats
CHUNK = 1_000  # lines that are written at a time

_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_LATIN = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
_COUNT = re.compile(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}( [0-9]{3})+|[0-9]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class SheetFormat(NamedTuple):
    """The format of files of one kind."""

    columns: Sequence[str]  # names in the first line, in any order
    most_rows: int
    most_bytes: int
    too_long_hint: str  # what to do with a file that is too long
    optional: frozenset[str] = frozenset()  # columns that may be missing
    ignored: Sequence[str] = ()  # columns for people
    separators: str = ",;"
    any_encoding: bool = False  # also Excel's: Windows-1252, and UTF-16 with a byte-order mark


class SheetRow(NamedTuple):
    """A row: its last line in the file, and its values in the order of the format's columns."""

    line: int
    values: list[str]
    width: int  # number of values in the file
    header_width: int

    @property
    def fits(self) -> bool:
        """Whether it is as wide as the header."""
        return self.width == self.header_width

    def width_message(self) -> str:
        """Return how its width is wrong, and how to correct it."""
        message = ngettext(
            "La fila tiene {n} dato y el encabezado {width}.",
            "La fila tiene {n} datos y el encabezado {width}.",
            self.width,
        ).format(n=self.width, width=self.header_width)
        if self.width < self.header_width:
            return message + " " + _("Completa la fila o quítala.")
        return message + " " + _('Una cantidad con comas va entre comillas: "1,200".')


class BadSheet(Exception):
    """The file cannot be read at all."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__(problems.summary())


class BadValue(Exception):
    """A value cannot be parsed. `template` may name it as {value}."""

    def __init__(self, template: str | Promise, value: str = "") -> None:
        self._template, self._value = template, value

    @property
    def message(self) -> str:
        """The message for people, in the active language."""
        return str(self)

    def __str__(self) -> str:
        return str(self._template).format(value=shorten(self._value))


def rows(file: BinaryIO, sheet_format: SheetFormat) -> Iterator[SheetRow]:
    """Yield the rows of a file that are not blank.

    Raises BadSheet where it cannot be read, or has too many rows or none.
    """
    data = file.read(sheet_format.most_bytes + 1)
    text = _decode(data, sheet_format)
    numbered = _numbered_rows(text, _separator(text, sheet_format.separators))
    count, (line, header) = 0, next(numbered, (0, []))
    positions = _positions(header, line, sheet_format) if header else []
    for line, row in numbered:
        count += 1
        if count > sheet_format.most_rows:
            raise _too_long(sheet_format)
        has_extra = not is_blank(row[len(header) :])
        width = len(row) if len(row) < len(header) or has_extra else len(header)
        values = [row[at].strip() if 0 <= at < len(row) else "" for at in positions]
        yield SheetRow(line, values, width, len(header))
    if not count:
        raise bad_sheet(_("El archivo no tiene filas con datos: agrega al menos una."))


def write(
    columns: Sequence[str], lines: Iterable[Sequence[object]], *, mark: bool = True
) -> Iterator[str]:
    """Yield the lines of a CSV file, a thousand at a time; no text in it is a formula.

    Without the byte-order mark Excel does not recognise UTF-8.
    """
    buffer = io.StringIO()
    buffer.write(codecs.BOM_UTF8.decode() if mark else "")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for number, line in enumerate(lines, start=1):
        writer.writerow(
            [escape_formula(value) if isinstance(value, str) else value for value in line]
        )
        if number % CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def parse_day(value: str) -> date:
    """Parse a day as 2026-12-05 or 05/12/2026. Raises BadValue."""
    if not value:
        raise BadValue(gettext_lazy("Falta el día: escribe uno como 2026-12-05."))
    try:
        if _ISO.fullmatch(value):
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
        if _LATIN.fullmatch(value):
            return datetime.strptime(value, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        raise BadValue(
            gettext_lazy("«{value}» no existe en el calendario: corrige el día."), value
        ) from None
    raise BadValue(
        gettext_lazy("«{value}» no es un día: escríbelo como 2026-12-05 o 05/12/2026."), value
    )


def parse_count(value: str) -> int:
    """Parse a whole number, with or without thousands separators. Raises BadValue."""
    plain_value = value.replace("\xa0", " ").replace("\u202f", " ")
    if _COUNT.fullmatch(plain_value):
        digits = plain_value.replace(",", "").replace(" ", "").lstrip("0") or "0"
        if len(digits) > MAX_DIGITS:
            raise BadValue(gettext_lazy("«{value}» es demasiado: corrige la cantidad."), value)
        return int(digits)
    if plain_value.startswith(("-", "−")):
        raise BadValue(gettext_lazy("«{value}» es menos que cero: escribe 0 o más."), value)
    raise BadValue(
        gettext_lazy('«{value}» no es un número entero: escríbelo como 1200 o "1,200".'), value
    )


def normalize(name: str) -> str:
    """Return a name in lower case, without accents, spaces as underscores: "Día " is "dia"."""
    letters = unicodedata.normalize("NFD", name.strip().lower())
    return "".join(c for c in letters if not unicodedata.combining(c)).replace(" ", "_")


def escape_formula(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def shorten(value: str) -> str:
    """Return a value as messages quote it: its first 40 characters."""
    return value if len(value) <= MAX_QUOTED else f"{value[: MAX_QUOTED - 1]}…"


def is_blank(row: Sequence[str]) -> bool:
    """Return whether a row has no value but white space."""
    return not any(value and not value.isspace() for value in row)


def bad_sheet(message: str, *, line: int = 0) -> BadSheet:
    """Return a BadSheet with one problem."""
    problems = Problems()
    problems.add(Problem(message, line))
    return BadSheet(problems)


def _decode(data: bytes, sheet_format: SheetFormat) -> str:
    """Return the text of a file. Raises BadSheet where it is too long, empty, or no text."""
    if len(data) > sheet_format.most_bytes:
        message = _("El archivo pesa más de {most} MB: {mend}")
        raise bad_sheet(
            message.format(most=sheet_format.most_bytes // 1024**2, mend=sheet_format.too_long_hint)
        )
    if data.count(b"\n") > sheet_format.most_rows:
        filled = sum(1 for line in io.BytesIO(data) if line.strip(b' \t\r\n\0,;"'))
        if filled > sheet_format.most_rows + 1:
            raise _too_long(sheet_format)
    if not data.strip():
        raise bad_sheet(_("El archivo está vacío."))
    if data.startswith(b"PK\x03\x04"):
        raise bad_sheet(_("Es un libro de Excel, no un CSV: guárdalo como «CSV UTF-8»."))
    if sheet_format.any_encoding and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as("utf-16", data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not sheet_format.any_encoding:
            raise _encoding_error(data, error.start) from None
        text = _decode_as("cp1252", data)
    if (position := data.find(b"\0")) >= 0:
        raise _encoding_error(data, position)
    return text


def _decode_as(encoding: str, data: bytes) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _encoding_error(data, error.start) from None


def _encoding_error(data: bytes, position: int) -> BadSheet:
    line = data.count(b"\n", 0, position) + 1
    column = position - data.rfind(b"\n", 0, position)
    message = _("El byte {byte} de la línea no es UTF-8: guárdalo como «CSV UTF-8».")
    return bad_sheet(message.format(byte=column), line=line)


def _separator(text: str, known: str) -> str:
    """Return the separator of the values of the first line that has any."""
    lines = text[:MAX_HEADER].splitlines()
    header = next((line for line in lines if line.strip(" \t,;")), "")
    return max(known, key=header.count)


def _numbered_rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the number of its last line."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in lines:
            if not is_blank(row):
                yield lines.line_num, row
    except csv.Error:
        message = _("Hay unas comillas sin cerrar o sin abrir: quítalas o complétalas.")
        raise bad_sheet(message, line=lines.line_num) from None


def _positions(header: Sequence[str], line: int, sheet_format: SheetFormat) -> list[int]:
    """Return the position of each column, -1 for a missing optional one. Raises BadSheet."""
    names = [normalize(name) for name in header]
    while names and not names[-1]:
        names.pop()
    first_line = ",".join(sheet_format.columns)
    if not set(names) & set(sheet_format.columns):
        message = _("La primera línea debe nombrar las columnas: {columns}.")
        raise bad_sheet(message.format(columns=first_line), line=line)
    problems = Problems()
    for name, original in zip(names, header, strict=False):
        if name not in sheet_format.columns and name not in sheet_format.ignored:
            message = _("Esta columna no se usa: quítala. Se leen: {columns}.")
            problems.add(Problem(message.format(columns=first_line), line, shorten(original)))
    for name in sheet_format.columns:
        if name not in names and name not in sheet_format.optional:
            message = _("Falta esta columna. La primera línea dice: {columns}.")
            problems.add(Problem(message.format(columns=first_line), line, name))
        elif names.count(name) > 1:
            problems.add(Problem(_("Esta columna está dos veces: deja una."), line, name))
    if problems.count:
        raise BadSheet(problems)
    return [names.index(name) if name in names else -1 for name in sheet_format.columns]


def _too_long(sheet_format: SheetFormat) -> BadSheet:
    message = _("El archivo tiene más de {most:,} filas: {mend}")
    return bad_sheet(message.format(most=sheet_format.most_rows, mend=sheet_format.too_long_hint))
