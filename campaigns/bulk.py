"""Many campaigns at once: a file is kept, judged row by row, and made into drafts by one click."""

import hashlib
import json
from datetime import timedelta
from typing import Any, BinaryIO, NamedTuple

import structlog
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import lifecycle
from campaigns.bulk_rows import COLUMNS, Reader, Verdict
from campaigns.errors import CampaignError, NotAllowed
from campaigns.models import Brand, BulkFile
from core import sheets
from core.sheets import SheetFormat

log = structlog.get_logger(__name__)

MOST_ROWS = 500
MOST_BYTES = 1024 * 1024
KEPT = timedelta(days=1)  # a file that nobody used

SHAPE = SheetFormat(
    columns=tuple(COLUMNS.values()),
    max_rows=MOST_ROWS,
    max_bytes=MOST_BYTES,
    advice="",
    optional=frozenset(COLUMNS.values()) - {"nombre"},
    separators=",;\t",
    any_encoding=True,
)


class Made(NamedTuple):
    """What one click made: folios, and the lines of which no draft could be made."""

    folios: list[str]
    failed: list[int]


def keep(brand: Brand, file: BinaryIO, name: str, *, by: User) -> BulkFile:
    """Keep the rows of a file to be looked at and used later.

    Raises NotAllowed, and BadSheet where no row of the file can be made out or there
    are too many. Files of the brand that nobody used in a day are thrown away.
    """
    _require_editor(brand, by)
    mend = _("divídelo, caben hasta {most} campañas en cada uno.").format(most=MOST_ROWS)
    rows: list[dict[str, Any]] = [
        {"line": row.line, "values": row.values, "odd": "" if row.fits else row.width_error()}
        for row in sheets.read(file, SHAPE._replace(advice=mend))
    ]
    unused = BulkFile.objects.filter(brand=brand, used_at__isnull=True)
    unused.filter(sent_at__lt=timezone.now() - KEPT).delete()
    return BulkFile.objects.create(
        brand=brand,
        sent_by_id=by.pk,
        name=sheets.shorten(name.replace("\0", "")) or "archivo.csv",
        digest=hashlib.sha256(json.dumps([row["values"] for row in rows]).encode()).hexdigest(),
        rows=[_storable(row) for row in rows],
    )


def judge(file: BulkFile) -> list[Verdict]:
    """Say of each row what it would make now, in the order of the file."""
    reader = Reader()
    return [reader.judge(row["line"], row["values"], row["odd"]) for row in file.rows]


def used_before(file: BulkFile) -> BulkFile | None:
    """Give the file with the same rows that the brand has used already, if there is one."""
    same = BulkFile.objects.filter(brand=file.brand_id, digest=file.digest, used_at__isnull=False)
    return same.exclude(pk=file.pk).first()


@transaction.atomic
def make_drafts(file_id: int, *, fix_texts: bool, by: User) -> Made:
    """Make a draft of each good row; a row makes all of its draft or nothing.

    The file's row is locked, and a file is used once: the second click is told what the
    first one made. Raises NotAllowed.
    """
    file = BulkFile.objects.select_for_update(of=("self",)).select_related("brand").get(pk=file_id)
    _require_editor(file.brand, by)
    if file.used_at:
        return Made(file.folios, [])
    failed = []
    for verdict in judge(file):
        if not verdict.makes:
            continue
        terms = verdict.terms | ({"text": verdict.fixed} if fix_texts and verdict.fixed else {})
        try:
            with transaction.atomic():
                made = lifecycle.draft(file.brand_id, terms, by=by)
        except CampaignError as error:
            log.warning("bulk_row_not_made", file=file.pk, line=verdict.line, code=error.code)
            failed.append(verdict.line)
            continue
        file.folios.append(made.folio)
    file.used_at = timezone.now()
    file.save(update_fields=["used_at", "folios"])
    return Made(file.folios, failed)


def _require_editor(brand: Brand, by: User) -> None:
    if not (brand.active and brand.may_edit(by)):
        raise NotAllowed


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row as PostgreSQL can keep it: its JSON has no NUL."""
    return row | {"values": [value.replace("\0", "\ufffd") for value in row["values"]]}
