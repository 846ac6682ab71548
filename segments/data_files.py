"""The files in `data/`: read, fingerprinted, taken apart into lines that know where they stand."""

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

Row = TypeVar("Row", bound=Model)


class CatalogueError(Exception):
    """A file of the catalogue cannot be believed. Says where (file, line, column) and why."""

    def __init__(
        self, why: str, *, file: str, line: int | None = None, column: str | None = None
    ) -> None:
        self.why, self.file, self.line, self.column = why, file, line, column
        place = [file]
        if line is not None:
            place.append(_("línea %(line)d") % {"line": line})
        if column is not None:
            place.append(_("columna «%(column)s»") % {"column": column})
        super().__init__(f"{', '.join(place)}: {why}")


def read(folder: Path) -> dict[str, bytes]:
    """Read every file. Raises CatalogueError for one that is not there or cannot be read."""
    contents = {}
    for name in FILES:
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError as error:
            why = _("no se puede leer (%(reason)s).") % {"reason": error.strerror}
            raise CatalogueError(why, file=name) from error
    return contents


def digest(contents: Mapping[str, bytes], *, layout: int) -> str:
    """Give the SHA-256 (hexadecimal) by which two sets of files load alike."""
    whole = hashlib.sha256(str(layout).encode())
    for name in FILES:
        whole.update(hashlib.sha256(contents[name]).digest())
    return whole.hexdigest()


@dataclass(frozen=True)
class FileLine:
    file: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def codes(self, column: str) -> list[str]:
        """Split a list inside a cell."""
        return self.cells[column].split("|") if self.cells[column] else []

    def refuse(self, column: str, why: str) -> CatalogueError:
        return CatalogueError(why, file=self.file, line=self.number, column=column)

    def check_known(self, column: str, known: Container[str]) -> None:
        for code in self.codes(column):
            if code not in known:
                raise self.refuse(column, _("«%(code)s» no existe.") % {"code": code})

    def build(self, model: type[Row], columns: Mapping[str, str], **worked_out: Any) -> Row:
        """Make an unsaved row. The model's own validators judge each cell.

        `columns` goes from field to column; a `worked_out` value stands in for the cell's.
        """
        cells = {field: self.cells[column] for field, column in columns.items()}
        row = model(**cells | worked_out)
        unjudged = worked_out.keys() - columns.keys()
        unjudged |= {field.name for field in model._meta.concrete_fields if field.is_relation}
        try:
            row.clean_fields(exclude=unjudged)
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise self.refuse(columns[field], " ".join(messages)) from error
        return row


def lines(contents: Mapping[str, bytes], file: str, needed: Iterable[str]) -> Iterator[FileLine]:
    """Take a file apart. Columns beyond the needed ones are carried along."""
    try:
        text = contents[file].decode()
    except UnicodeDecodeError as error:
        number = contents[file].count(b"\n", 0, error.start) + 1
        raise CatalogueError(_("no está en UTF-8."), file=file, line=number) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        for column in needed:
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
                    raise line.refuse(column, _("sobran espacios o signos invisibles."))
            yield line
    except csv.Error as error:
        why = _("no está bien formado (%(reason)s).") % {"reason": error}
        raise CatalogueError(why, file=file, line=reader.line_num) from error


def by_key(file_lines: Iterable[FileLine], column: str) -> dict[str, FileLine]:
    """Index lines by a code that may stand only once."""
    keyed: dict[str, FileLine] = {}
    for line in file_lines:
        if line[column] in keyed:
            raise line.refuse(column, _("«%(code)s» está repetida.") % {"code": line[column]})
        keyed[line[column]] = line
    return keyed
