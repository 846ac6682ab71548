"""Files of results that a worker writes: the rows are the queue (ADR 41).

One worker at a time writes one file. It holds a lock of its session, so that the next one takes
over when it dies, and writes from the beginning: the bytes are stored together, or not at all.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import IO, NamedTuple

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import AbstractUser as User
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns.exports import files
from campaigns.exports.errors import ExportError, TooManyExports
from campaigns.exports.selection import Selection
from campaigns.models import Brand, Export, ExportChunk
from campaigns.results.blocks import Grain
from core import advisory_locks
from core.advisory_locks import Key
from core.wake import wake

log = structlog.get_logger(__name__)

MAX_UNFINISHED = 3  # of a brand
KEPT = 20  # finished ones of a brand: the oldest give way
KEPT_FOR = timedelta(days=7)
MAX_ATTEMPTS = 3
CHUNK = 256 * 1024  # bytes
ROUND = 20.0  # seconds after which a worker begins no other file
TELL_AFTER = 1.0  # seconds between two notes of progress


class Superseded(Exception):
    """The file is not this worker's any more: it was deleted, or another one writes it."""


class Attempt(NamedTuple):
    """One worker's right to write a file: while no other attempt has begun."""

    export: int
    number: int


@transaction.atomic
def request(selection: Selection, grain: Grain, file_format: str, *, by: User) -> Export:
    """Queue a file. The oldest files of the brand beyond KEPT are deleted.

    Raises TooManyExports while MAX_UNFINISHED of the brand are not written.
    """
    brand = Brand.objects.select_for_update(no_key=True).get(pk=selection.brand.pk)
    own = Export.objects.filter(brand=brand)
    if (unfinished := own.unfinished().count()) >= MAX_UNFINISHED:
        raise TooManyExports(unfinished)
    export = Export.objects.create(
        brand=brand,
        campaign=selection.campaign,
        first_day=selection.first,
        last_day=selection.last,
        grain=grain,
        file_format=file_format,
        requested_by_id=by.pk,
    )
    kept = list(own.order_by("-id").values_list("pk", flat=True)[:KEPT])
    own.exclude(pk__in=kept).delete()
    wake("campaigns.tasks.write_exports")
    return export


@transaction.atomic
def retry(export_id: int) -> None:
    """Queue a file that failed once more. Raises TooManyExports as `request` does."""
    export = Export.objects.select_related("brand").get(pk=export_id)
    Brand.objects.select_for_update(no_key=True).get(pk=export.brand_id)
    unfinished = Export.objects.filter(brand=export.brand).unfinished().count()
    if unfinished >= MAX_UNFINISHED:
        raise TooManyExports(unfinished)
    Export.objects.filter(pk=export_id, failed_at__isnull=False).update(
        failed_at=None, error="", attempts=0, percent=0, requested_at=timezone.now()
    )
    wake("campaigns.tasks.write_exports")


def write_due() -> int:
    """Write what is due; return how many. Return 0 at once where another worker does."""
    with advisory_locks.session_lock(Key.EXPORTS) as acquired:
        number, until = 0, time.monotonic() + ROUND
        while acquired and time.monotonic() < until and (attempt := _begin()):
            _write(attempt)
            number += 1
        return number


def selection_of(export: Export) -> Selection:
    return Selection(export.brand, export.campaign, export.first_day, export.last_day)


def read(export: Export) -> Iterator[bytes]:
    """Yield the bytes of a finished file, by one query a chunk.

    Raises ExportChunk.DoesNotExist where it is deleted meanwhile: half a file ends with an error.
    """
    number = read_bytes = 0
    while read_bytes < export.size:
        data = bytes(ExportChunk.objects.get(export_id=export.pk, number=number).data)
        yield data
        number, read_bytes = number + 1, read_bytes + len(data)


def delete_old() -> None:
    """Delete files that were finished, or failed, before KEPT_FOR."""
    oldest = timezone.now() - KEPT_FOR
    Export.objects.filter(finished_at__lt=oldest).delete()
    Export.objects.filter(failed_at__lt=oldest).delete()


@transaction.atomic
def _begin() -> Attempt | None:
    """Begin an attempt at the next file, first at one not tried yet; give up after MAX_ATTEMPTS.

    Only the holder of the lock calls this: whoever began one that is not finished has died.
    """
    due = Export.objects.unfinished().select_for_update(no_key=True)
    for export in due.order_by("attempts", "requested_at", "id"):
        if export.attempts < MAX_ATTEMPTS:
            export.attempts += 1
            export.percent = 0
            export.save(update_fields=["attempts", "percent"])
            return Attempt(export.pk, export.attempts)
        _fail(export.pk, _("No se pudo preparar tras varios intentos. Prueba con menos días."))
    return None


def _write(attempt: Attempt) -> None:
    export = Export.objects.select_related("brand", "campaign", "requested_by").get(
        pk=attempt.export
    )
    try:
        with tempfile.TemporaryFile() as file, override(export.requested_by.language):
            with closing(_Progress(attempt)) as progress:
                grain, file_format = Grain(export.grain), export.file_format
                rows = files.write(file, selection_of(export), grain, file_format, progress.note)
            _store(attempt, file, rows)
    except Superseded:
        log.info("export_superseded", export=export.pk, attempt=attempt.number)
    except ExportError as error:
        _fail(export.pk, error.message)
    except SoftTimeLimitExceeded:
        _fail(export.pk, _("Tardó demasiado. Prueba con menos días o con un detalle menor."))
        raise
    else:
        log.info("export_finished", export=export.pk, rows=rows)


@transaction.atomic
def _store(attempt: Attempt, file: IO[bytes], rows: int) -> None:
    """Store the bytes of a file and that it is finished. Raises Superseded."""
    own = Export.objects.unfinished().filter(pk=attempt.export, attempts=attempt.number)
    if own.select_for_update(no_key=True).first() is None:
        raise Superseded
    size = file.seek(0, 2)
    file.seek(0)
    for number, data in enumerate(iter(lambda: file.read(CHUNK), b"")):
        ExportChunk.objects.create(export_id=attempt.export, number=number, data=data)
    own.update(finished_at=timezone.now(), rows=rows, size=size, percent=100)


def _fail(export_id: int, message: str) -> None:
    log.warning("export_given_up", export=export_id)
    Export.objects.unfinished().filter(pk=export_id).update(failed_at=timezone.now(), error=message)


class _Progress:
    """Notes how much is written, on a connection of its own: the other one reads one moment."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._connection = connections.create_connection(DEFAULT_DB_ALIAS)
        self._noted_at = 0.0

    def note(self, share: float) -> None:
        """Note a share from 0 to 1, at most every TELL_AFTER seconds. Raises Superseded."""
        if time.monotonic() - self._noted_at < TELL_AFTER:
            return
        self._noted_at = time.monotonic()
        with self._connection.cursor() as cursor:
            cursor.execute(_NOTE, [int(100 * share), *self._attempt])
            if not cursor.rowcount:
                raise Superseded

    def close(self) -> None:
        self._connection.close()


_NOTE = """
    UPDATE campaigns_export SET percent = %s
    WHERE id = %s AND attempts = %s AND finished_at IS NULL AND failed_at IS NULL
"""
