"""The files in `data/`: reading, digest, and lines that know their position for error messages."""

import csv
import hashlib
import io
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

STATES = "estados.csv"
LADAS = "lada.csv"
SHARES = "lada_municipio.csv"
STATE_MAP = "estados.topo.json"
ZONE_MAP = "lada_zonas.topo.json"
FILES = (STATES, LADAS, SHARES, STATE_MAP, ZONE_MAP)

ModelT = TypeVar("ModelT", bound=Model)


class CatalogueError(Exception):
    """A file of the catalogue is invalid. The message has its place (file, line, column)."""

    def __init__(
        self, why: str, *, file: str, line: int | None = None, column: str | None = None
    ) -> None:
        self.why, self.file, self.line, self.column = why, file, line, column
        position = [file]
        if line is not None:
            position.append(_("línea %(line)d") % {"line": line})
        if column is not None:
            position.append(_("columna «%(column)s»") % {"column": column})
        super().__init__(f"{', '.join(position)}: {why}")


def read(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files by name. Raises CatalogueError if one cannot be read."""
    contents = {}
    for name in FILES:
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError as error:
            why = _("no se puede leer (%(reason)s).") % {"reason": error.strerror}
            raise CatalogueError(why, file=name) from error
    return contents


def digest(contents: Mapping[str, bytes], *, layout: int) -> str:
    """Return the SHA-256 (hexadecimal) of a set of files. Equal digests load equal rows."""
    total = hashlib.sha256(str(layout).encode())
    for name in FILES:
        total.update(hashlib.sha256(contents[name]).digest())
    return total.hexdigest()


@dataclass(frozen=True)
class FileLine:
    """A line of a CSV file, with its cells by column."""

    file: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def codes(self, column: str) -> list[str]:
        """Return the codes of a cell, which are separated by |."""
        return self.cells[column].split("|") if self.cells[column] else []

    def error(self, column: str, why: str) -> CatalogueError:
        return CatalogueError(why, file=self.file, line=self.number, column=column)

    def check_known(self, column: str, known: Container[str]) -> None:
        """Raise CatalogueError unless all codes of a cell are known."""
        for code in self.codes(column):
            if code not in known:
                raise self.error(column, _("«%(code)s» no existe.") % {"code": code})

    def build(self, model: type[ModelT], columns: Mapping[str, str], **computed: Any) -> ModelT:
        """Return an unsaved row, validated by the model's own validators.

        `columns` goes from field to column; a `computed` value replaces that of the cell.
        Raises CatalogueError.
        """
        cells = {field: self.cells[column] for field, column in columns.items()}
        row = model(**cells | computed)
        excluded = computed.keys() - columns.keys()
        excluded |= {field.name for field in model._meta.concrete_fields if field.is_relation}
        try:
            row.clean_fields(exclude=excluded)
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise self.error(columns[field], " ".join(messages)) from error
        return row


def lines(contents: Mapping[str, bytes], file: str, required: Iterable[str]) -> Iterator[FileLine]:
    """Yield the lines of a CSV file. It may have other columns besides the required ones.

    Raises CatalogueError for a file that is not UTF-8 or not well formed, a missing or repeated
    column, and cells with surrounding spaces or invisible characters.
    """
    try:
        text = contents[file].decode()
    except UnicodeDecodeError as error:
        number = contents[file].count(b"\n", 0, error.start) + 1
        raise CatalogueError(_("no está en UTF-8."), file=file, line=number) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        for column in required:
            if header.count(column) != 1:
                why = _("debe estar en el encabezado una vez.")
                raise CatalogueError(why, file=file, line=1, column=column)
        for cells in reader:
            if len(cells) != len(header):
                why = _("hay %(found)d columnas y deben ser %(expected)d.")
                counts = {"found": len(cells), "expected": len(header)}
                raise CatalogueError(why % counts, file=file, line=reader.line_num)
            line = FileLine(file, reader.line_num, dict(zip(header, cells, strict=True)))
            for column, cell in line.cells.items():
                if cell != cell.strip() or not cell.isprintable():
                    raise line.error(column, _("sobran espacios o signos invisibles."))
            yield line
    except csv.Error as error:
        why = _("no está bien formado (%(reason)s).") % {"reason": error}
        raise CatalogueError(why, file=file, line=reader.line_num) from error


def by_key(file_lines: Iterable[FileLine], column: str) -> dict[str, FileLine]:
    """Return the lines by a column whose values are unique. Raises CatalogueError."""
    keyed: dict[str, FileLine] = {}
    for line in file_lines:
        if line[column] in keyed:
            raise line.error(column, _("«%(code)s» está repetida.") % {"code": line[column]})
        keyed[line[column]] = line
    return keyed
