"""Files of results: rows written as CSV or XLSX, all of one moment of the database."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from campaigns.exports import about, columns
from campaigns.exports.columns import Kind
from campaigns.exports.errors import TooManyRows
from campaigns.exports.rows import Rows
from campaigns.exports.selection import EXCEL_ROWS, Selection
from campaigns.models import Export
from campaigns.results.blocks import Grain
from core import sheets
from core.snapshot import one_snapshot

CONTENT_TYPES = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STEP = 1_000  # rows after which the progress is told

# Text stays text, whatever it begins with; and no more than a row of a sheet is in memory.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 (a sheet has no zones)
_MOMENT, _DAY, _COUNT = "yyyy-mm-dd hh:mm", "yyyy-mm-dd", "#,##0"

Told = Callable[[float], None]


def name(selection: Selection, grain: Grain, file_format: str) -> str:
    """Return the name of a file."""
    whose = selection.campaign.folio if selection.campaign else selection.brand.slug
    return f"resultados-{whose}-{selection.first}-{selection.last}-{grain}.{file_format}"


def write(
    file: BinaryIO,
    selection: Selection,
    grain: Grain,
    file_format: str,
    tell: Told = lambda _share: None,
) -> int:
    """Write a file; return its number of rows. `tell` gets its progress, from 0 to 1.

    To be called outside of transactions. Raises TooManyRows where a sheet has no room.
    """
    if file_format == Export.Format.XLSX:
        return _write_xlsx(file, selection, grain, tell)
    with one_snapshot():
        return _write_csv(file, Rows(selection, grain), tell)


def _write_csv(file: BinaryIO, rows: Rows, tell: Told) -> int:
    chosen = columns.of(rows.grain)
    lines = _told(map(columns.picker(chosen), rows), rows, tell)
    for text in sheets.write([str(column.name) for column in chosen], lines):
        file.write(text.encode())
    return rows.number


def _write_xlsx(file: BinaryIO, selection: Selection, grain: Grain, tell: Told) -> int:
    workbook = Workbook(file, _OPTIONS)
    try:
        sheet = workbook.add_worksheet(_("Resultados"))
        with one_snapshot():
            rows = Rows(selection, grain)
            _write_rows(workbook, sheet, rows, tell)
        _write_about(workbook, about.lines(selection, rows))
    finally:
        workbook.close()  # which compresses for seconds: not inside the transaction
    return rows.number


def _write_rows(workbook: Workbook, sheet: Worksheet, rows: Rows, tell: Told) -> None:
    """Write the head, the rows and their totals."""
    chosen = columns.of(rows.grain)
    bold = workbook.add_format({"bold": True})
    bold_count = workbook.add_format({"bold": True, "num_format": _COUNT})
    for index, column in enumerate(chosen):
        sheet.set_column(index, index, column.kind.value)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(chosen):
        sheet.write_string(0, index, str(column.name), bold)
    writers = [_cell_writer(workbook, sheet, index, c.kind) for index, c in enumerate(chosen)]
    number = 0
    for number, cells in enumerate(_told(map(columns.picker(chosen), rows), rows, tell), 1):
        if number > EXCEL_ROWS:
            raise TooManyRows(number, EXCEL_ROWS, excel=True)
        for writer, cell in zip(writers, cells, strict=True):
            writer(number, cell)
    sheet.write_string(number + 1, 0, _("Total"), bold)
    totals = rows.total._asdict() | {"pending": rows.total.pending, "clicks": rows.clicks}
    for index, column in enumerate(chosen):
        if column.field in totals:
            sheet.write_number(number + 1, index, totals[column.field], bold_count)
    sheet.autofilter(0, 0, number, len(chosen) - 1)


def _cell_writer(
    workbook: Workbook, sheet: Worksheet, index: int, kind: Kind
) -> Callable[[int, Any], None]:
    """Return a function that writes a cell of a column, given its row."""
    if kind == Kind.COUNT:
        style = workbook.add_format({"num_format": _COUNT})
        return lambda row, cell: sheet.write_number(row, index, cell, style)
    if kind in (Kind.DAY, Kind.MOMENT):
        style = workbook.add_format({"num_format": _DAY if kind == Kind.DAY else _MOMENT})
        return lambda row, cell: cell and sheet.write_number(row, index, _serial(cell), style)
    return lambda row, cell: cell and sheet.write_string(row, index, cell)


@lru_cache(5_000)
def _serial(moment: date) -> float:
    """Return a day or moment as sheets count them: days from the end of 1899."""
    if isinstance(moment, datetime):
        return (moment - _BEGIN) / timedelta(1)
    return (moment - _BEGIN.date()).days


def _write_about(workbook: Workbook, lines: list[tuple[str, str]]) -> None:
    sheet = workbook.add_worksheet(_("Acerca"))
    sheet.set_column(0, 0, Kind.TEXT.value)
    sheet.set_column(1, 1, 100)
    bold, wrapped = workbook.add_format({"bold": True}), workbook.add_format({"text_wrap": True})
    for row, (label, text) in enumerate(lines):
        sheet.write_string(row, 0, label, bold)
        sheet.write_string(row, 1, text, wrapped)


def _told(cells: Iterator[Any], rows: Rows, tell: Told) -> Iterator[Any]:
    """Yield cells and tell the progress now and then."""
    for number, each in enumerate(cells):
        if number % STEP == 0:
            tell(rows.share)
        yield each
