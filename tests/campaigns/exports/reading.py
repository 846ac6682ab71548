"""Files of results read back as spreadsheets read them, without a library of the product."""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

from django.utils import timezone

from campaigns.exports import files
from campaigns.exports.selection import Selection
from campaigns.models import Campaign, Export
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts

SUMS = ("con anuncio", "entregadas", "fallidas", "sin acuse", "pendientes")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def instant(campaign: Campaign, day: int, hour: int) -> datetime:
    """Return an hour of a campaign's day, counted from 0, by the channel's clock."""
    assert campaign.starts_on
    begin = timezone.make_aware(datetime.combine(campaign.starts_on, datetime.min.time()))
    return begin + timedelta(days=day, hours=hour)


def counts(inserted: int) -> Counts:
    delivered = inserted * 3 // 4
    return Counts(inserted, delivered, (inserted - delivered) // 2, (inserted - delivered) // 4)


def write(chosen: Selection, grain: Grain, file_format: str) -> bytes:
    file = io.BytesIO()
    files.write(file, chosen, grain, file_format)
    return file.getvalue()


def read(data: bytes, file_format: str) -> list[dict[str, Any]]:
    """Return the rows of a file by the names of their columns, without the totals of a sheet."""
    if file_format == Export.Format.XLSX:
        rows = read_xlsx(data)["Resultados"]
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:-1]]
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sums(rows: list[dict[str, Any]]) -> list[int]:
    return [sum(int(row[name]) for row in rows) for name in SUMS]


def read_xlsx(data: bytes) -> dict[str, list[list[Any]]]:
    """Return the cells of each sheet: text, numbers, and None where there is nothing.

    Fails where a cell has a formula.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = [
            str(sheet.get("name"))
            for sheet in _parse(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        ]
        return {
            name: _cells(book.read(f"xl/worksheets/sheet{number}.xml"))
            for number, name in enumerate(names, 1)
        }


def _cells(xml: bytes) -> list[list[Any]]:
    root = _parse(xml)
    assert root.find(f".//{_MAIN}f") is None, "a formula"
    rows = [
        {_column(str(cell.get("r"))): _value(cell) for cell in row.iter(f"{_MAIN}c")}
        for row in root.iter(f"{_MAIN}row")
    ]
    width = max(max(row) for row in rows) + 1
    return [[row.get(column) for column in range(width)] for row in rows]


def _column(reference: str) -> int:
    return ord(reference[0]) - ord("A")  # no file has more than 26


def _value(cell: ElementTree.Element) -> Any:
    if cell.get("t") == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))
    number = cell.findtext(f"{_MAIN}v")
    return None if number is None else float(number)


def as_day(number: float) -> date:
    """Return the day of a cell; sheets count from the end of 1899."""
    return date(1899, 12, 30) + timedelta(number)


def _parse(xml: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 (a file that the test has written)
