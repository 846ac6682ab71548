"""Files of campaigns: stored, previewed row by row, and turned into drafts in one step."""

import hashlib
import json
from collections.abc import Collection
from datetime import timedelta
from typing import Any, BinaryIO, NamedTuple

import structlog
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle, rights
from campaigns.bulk_rows import COLUMNS, INFORMATIVE_COLUMNS, RowPreview, RowReader
from campaigns.errors import CampaignError
from campaigns.models import Brand, BulkFile
from core import sheets
from core.problems import shorten
from core.sheets import SheetFormat

log = structlog.get_logger(__name__)

MAX_ROWS = 500
MAX_BYTES = 1024 * 1024
KEPT_FOR = timedelta(days=1)  # an unused file

SHAPE = SheetFormat(
    columns=tuple(COLUMNS.values())[:-1],
    max_rows=MAX_ROWS,
    max_bytes=MAX_BYTES,
    advice="",
    optional=frozenset(COLUMNS.values()) - {"nombre"},
    additional=[COLUMNS["destination"]],  # a draft has its short link later, so few files have one
    ignored_columns=INFORMATIVE_COLUMNS,
    separators=",;\t",
    any_encoding=True,
)


class DraftsMade(NamedTuple):
    """The drafts that a file was turned into: folios, and the lines that failed."""

    folios: list[str]
    failed: list[int]


def store(brand: Brand, file: BinaryIO, name: str, *, by: User) -> BulkFile:
    """Store the rows of a file, to be previewed and used later.

    Delete files of the brand that were not used within KEPT_FOR. Raises NotAllowed, and
    BadSheet where the file cannot be read or has too many rows.
    """
    rights.require_editor(brand, by)
    advice = _("divídelo, caben hasta {most} campañas en cada uno.").format(most=MAX_ROWS)
    rows: list[dict[str, Any]] = [
        {"line": row.line, "values": row.values, "error": "" if row.fits else row.width_error()}
        for row in sheets.read(file, SHAPE._replace(advice=advice))
    ]
    unused = BulkFile.objects.filter(brand=brand, used_at__isnull=True)
    unused.filter(sent_at__lt=timezone.now() - KEPT_FOR).delete()
    return BulkFile.objects.create(
        brand=brand,
        sent_by_id=by.pk,
        name=shorten(name.replace("\0", "")) or "archivo.csv",
        digest=hashlib.sha256(json.dumps([row["values"] for row in rows]).encode()).hexdigest(),
        rows=[_storable(row) for row in rows],
    )


def preview(file: BulkFile) -> list[RowPreview]:
    """Return what each row would create now, in the order of the file."""
    reader = RowReader(file.brand.now())
    return [reader.preview(row["line"], row["values"], row["error"]) for row in file.rows]


def previous_use(file: BulkFile) -> BulkFile | None:
    """Return a file of the same rows that the brand has used before, or None."""
    same = BulkFile.objects.filter(brand=file.brand_id, digest=file.digest, used_at__isnull=False)
    return same.exclude(pk=file.pk).first()


@transaction.atomic
def make_drafts(file_id: int, *, fix_lines: Collection[int], by: User) -> DraftsMade:
    """Create a draft of each row that is not wrong; a row's draft is created whole or not at all.

    The texts of `fix_lines` are fixed, all others are kept as they are written.
    The file is locked and used once: a second call returns what the first one created.
    Raises NotAllowed.
    """
    file = BulkFile.objects.select_for_update(of=("self",)).select_related("brand").get(pk=file_id)
    rights.require_editor(file.brand, by)
    if file.used_at:
        return DraftsMade(file.folios, [])
    failed = []
    for row in preview(file):
        if not row.makes_draft:
            continue
        terms = row.terms | ({"text": row.fixed} if row.fixed and row.line in fix_lines else {})
        try:
            with transaction.atomic():
                draft = lifecycle.draft(file.brand_id, terms, by=by)
        except CampaignError as error:
            log.warning("bulk_row_failed", file=file.pk, line=row.line, code=error.code)
            failed.append(row.line)
            continue
        file.folios.append(draft.folio)
    file.used_at = timezone.now()
    file.save(update_fields=["used_at", "folios"])
    return DraftsMade(file.folios, failed)


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without NUL characters, which PostgreSQL's JSON cannot hold."""
    return row | {"values": [value.replace("\0", "\ufffd") for value in row["values"]]}
