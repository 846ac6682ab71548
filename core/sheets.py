"""Files that people keep in a spreadsheet: CSV read with what is odd named, and written.

Pure: bytes in, rows of texts out, and back. What a row means is for who asked to say.
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

LONGEST_HEADER = 10_000  # bytes
MOST_DIGITS = 12  # of a count; what is longer is nobody's
QUOTED = 40  # characters of a value that a message repeats
PART = 1_000  # lines that are written at a time

_ISO = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_LATIN = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
_COUNT = re.compile(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}( [0-9]{3})+|[0-9]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class Shape(NamedTuple):
    """What files of one kind look like."""

    columns: Sequence[str]  # as their first line names them, in any order
    most_rows: int
    most_bytes: int
    mend: str  # what to do with a file that is too long
    optional: frozenset[str] = frozenset()  # columns that may be missing
    passed_over: Sequence[str] = ()  # columns for people
    separators: str = ",;"
    any_encoding: bool = False  # what Excel writes too: Windows-1252, and UTF-16 with its mark


class Row(NamedTuple):
    """A row's last line in the file, its values in the order of the columns, and its width."""

    line: int
    values: list[str]
    width: int
    header: int

    @property
    def fits(self) -> bool:
        return self.width == self.header

    def told(self) -> str:
        """Say how its width is wrong, and how to mend it."""
        told = ngettext(
            "La fila tiene {n} dato y el encabezado {width}.",
            "La fila tiene {n} datos y el encabezado {width}.",
            self.width,
        ).format(n=self.width, width=self.header)
        if self.width < self.header:
            return told + " " + _("Completa la fila o quítala.")
        return told + " " + _('Una cantidad con comas va entre comillas: "1,200".')


class BadSheet(Exception):
    """A file of which no row can be read."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        super().__init__(problems.summary())


class Wrong(Exception):
    """A value that cannot be read."""

    def __init__(self, words: str | Promise, value: str = "") -> None:
        self._words, self._value = words, value

    def told(self) -> str:
        return str(self._words).format(value=short(self._value))


def rows(file: BinaryIO, shape: Shape) -> Iterator[Row]:
    """Read a file row by row, but those that are blank.

    Raises BadSheet where no row of it can be made out, or there are too many or none.
    """
    data = file.read(shape.most_bytes + 1)
    text = _text(data, shape)
    numbered = _numbered(text, _separator(text, shape.separators))
    count, (line, header) = 0, next(numbered, (0, []))
    places = _places(header, line, shape) if header else []
    for line, row in numbered:
        count += 1
        if count > shape.most_rows:
            raise _too_long(shape)
        spare = has_something(row[len(header) :])
        width = len(row) if len(row) < len(header) or spare else len(header)
        values = [row[at].strip() if 0 <= at < len(row) else "" for at in places]
        yield Row(line, values, width, len(header))
    if not count:
        raise refused(_("El archivo no tiene filas con datos: agrega al menos una."))


def write(
    columns: Sequence[str], lines: Iterable[Sequence[object]], *, mark: bool = True
) -> Iterator[str]:
    """Write lines, a thousand at a time; no text is a formula.

    The byte-order mark is what tells Excel that it is UTF-8.
    """
    buffer = io.StringIO()
    buffer.write(codecs.BOM_UTF8.decode() if mark else "")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for number, line in enumerate(lines, start=1):
        writer.writerow([as_text(value) if isinstance(value, str) else value for value in line])
        if number % PART == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def day(value: str) -> date:
    """Read a day as 2026-12-05 or 05/12/2026. Raises Wrong."""
    if not value:
        raise Wrong(gettext_lazy("Falta el día: escribe uno como 2026-12-05."))
    try:
        if _ISO.fullmatch(value):
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
        if _LATIN.fullmatch(value):
            return datetime.strptime(value, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError:
        raise Wrong(
            gettext_lazy("«{value}» no existe en el calendario: corrige el día."), value
        ) from None
    raise Wrong(
        gettext_lazy("«{value}» no es un día: escríbelo como 2026-12-05 o 05/12/2026."), value
    )


def count(value: str) -> int:
    """Read a whole number, with or without thousands separators. Raises Wrong."""
    plain_value = value.replace("\xa0", " ").replace("\u202f", " ")
    if _COUNT.fullmatch(plain_value):
        digits = plain_value.replace(",", "").replace(" ", "").lstrip("0") or "0"
        if len(digits) > MOST_DIGITS:
            raise Wrong(gettext_lazy("«{value}» es demasiado: corrige la cantidad."), value)
        return int(digits)
    if plain_value.startswith(("-", "−")):
        raise Wrong(gettext_lazy("«{value}» es menos que cero: escribe 0 o más."), value)
    raise Wrong(
        gettext_lazy('«{value}» no es un número entero: escríbelo como 1200 o "1,200".'), value
    )


def plain(name: str) -> str:
    """Give a name without accents, capitals or spaces: "Día " is dia."""
    letters = unicodedata.normalize("NFD", name.strip().lower())
    return "".join(c for c in letters if not unicodedata.combining(c)).replace(" ", "_")


def as_text(value: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def short(value: str) -> str:
    return value if len(value) <= QUOTED else f"{value[: QUOTED - 1]}…"


def has_something(row: Sequence[str]) -> bool:
    return any(value and not value.isspace() for value in row)


def refused(told: str, *, line: int = 0) -> BadSheet:
    """Make the error of a file that cannot be used at all."""
    problems = Problems()
    problems.add(Problem(told, line))
    return BadSheet(problems)


def _text(data: bytes, shape: Shape) -> str:
    """Refuse what is too long, empty, or no text; else decode it. Raises BadSheet."""
    if len(data) > shape.most_bytes:
        told = _("El archivo pesa más de {most} MB: {mend}")
        raise refused(told.format(most=shape.most_bytes // 1024**2, mend=shape.mend))
    if data.count(b"\n") > shape.most_rows:
        filled = sum(1 for line in io.BytesIO(data) if line.strip(b' \t\r\n\0,;"'))
        if filled > shape.most_rows + 1:
            raise _too_long(shape)
    if not data.strip():
        raise refused(_("El archivo está vacío."))
    if data.startswith(b"PK\x03\x04"):
        raise refused(_("Es un libro de Excel, no un CSV: guárdalo como «CSV UTF-8»."))
    if shape.any_encoding and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not shape.any_encoding:
            raise _other_encoding(data, error.start) from None
        text = _decoded(data, "cp1252")
    if (place := data.find(b"\0")) >= 0:
        raise _other_encoding(data, place)
    return text


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _other_encoding(data, error.start) from None


def _other_encoding(data: bytes, place: int) -> BadSheet:
    line = data.count(b"\n", 0, place) + 1
    column = place - data.rfind(b"\n", 0, place)
    told = _("El byte {byte} de la línea no es UTF-8: guárdalo como «CSV UTF-8».")
    return refused(told.format(byte=column), line=line)


def _separator(text: str, known: str) -> str:
    """Give what parts the values of the first line that has any."""
    lines = text[:LONGEST_HEADER].splitlines()
    header = next((line for line in lines if line.strip(" \t,;")), "")
    return max(known, key=header.count)


def _numbered(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not blank, each with the number of its last line."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in lines:
            if has_something(row):
                yield lines.line_num, row
    except csv.Error:
        told = _("Hay unas comillas sin cerrar o sin abrir: quítalas o complétalas.")
        raise refused(told, line=lines.line_num) from None


def _places(header: Sequence[str], line: int, shape: Shape) -> list[int]:
    """Give where each column stands, -1 where one that may is missing. Raises BadSheet."""
    names = [plain(name) for name in header]
    while names and not names[-1]:
        names.pop()
    first_line = ",".join(shape.columns)
    if not set(names) & set(shape.columns):
        told = _("La primera línea debe nombrar las columnas: {columns}.")
        raise refused(told.format(columns=first_line), line=line)
    problems = Problems()
    for name, shown in zip(names, header, strict=False):
        if name not in shape.columns and name not in shape.passed_over:
            told = _("Esta columna no se usa: quítala. Se leen: {columns}.")
            problems.add(Problem(told.format(columns=first_line), line, short(shown)))
    for name in shape.columns:
        if name not in names and name not in shape.optional:
            told = _("Falta esta columna. La primera línea dice: {columns}.")
            problems.add(Problem(told.format(columns=first_line), line, name))
        elif names.count(name) > 1:
            problems.add(Problem(_("Esta columna está dos veces: deja una."), line, name))
    if problems.count:
        raise BadSheet(problems)
    return [names.index(name) if name in names else -1 for name in shape.columns]


def _too_long(shape: Shape) -> BadSheet:
    told = _("El archivo tiene más de {most:,} filas: {mend}")
    return refused(told.format(most=shape.most_rows, mend=shape.mend))
