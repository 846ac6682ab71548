"""Long files: queued, written by one worker at a time, given up, replaced and deleted."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from campaigns.exports import files, queue
from campaigns.exports.errors import TooManyExports
from campaigns.exports.selection import Selection
from campaigns.models import DayCount, Export, ExportChunk
from campaigns.results.blocks import Grain
from core.advisory_locks import Key
from tests.campaigns.exports.reading import counts, instant, read, sums
from tests.core.test_advisory_locks import held_elsewhere
from tests.results import put_counts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chosen(campaign) -> Selection:
    put_counts(campaign, {(instant(campaign, 0, hour), "55"): counts(100) for hour in range(5)})
    return Selection(campaign.brand, campaign, campaign.starts_on, campaign.ends_on)


@pytest.fixture
def export(chosen, viewer) -> Export:
    return queue.request(chosen, Grain.HOUR_LADA, "csv", by=viewer)


def test_a_file_is_written_in_chunks_and_read_back_whole(export, chosen, monkeypatch):
    monkeypatch.setattr(queue, "CHUNK", 100)
    assert export.state == "waiting"

    assert queue.write_due() == 1

    export.refresh_from_db()
    data = b"".join(queue.read(export))
    assert (export.state, export.percent, export.rows) == ("ready", 100, 5)
    assert export.size == len(data) > 300
    assert export.chunks.count() == -(-len(data) // 100)
    assert sums(read(data, "csv"))[0] == 500
    assert queue.write_due() == 0


def test_its_progress_is_seen_while_it_is_written(export, chosen, monkeypatch):
    seen = []
    monkeypatch.setattr(queue, "TELL_AFTER", 0)
    real = files.write

    def watched(file, selection, grain, file_format, tell):
        def tell_and_look(share):
            tell(0.42)
            seen.append(Export.objects.using("default").get(pk=export.pk).state)

        rows = real(file, selection, grain, file_format, tell_and_look)
        seen.append(Export.objects.get(pk=export.pk).percent)
        return rows

    monkeypatch.setattr(files, "write", watched)
    queue.write_due()

    assert seen == ["working", 42]


def test_no_other_worker_writes_meanwhile(export):
    with held_elsewhere(Key.EXPORTS):
        assert queue.write_due() == 0
    export.refresh_from_db()
    assert (export.attempts, export.state) == (0, "waiting")

    assert queue.write_due() == 1


def failing(monkeypatch, error):
    def fail(*_args):
        raise error

    monkeypatch.setattr(files, "write", fail)


def test_a_file_that_cannot_be_written_is_tried_three_times_after_the_others(
    export, chosen, viewer, monkeypatch
):
    real = files.write
    failing(monkeypatch, OSError("No space left on device"))
    with pytest.raises(OSError, match="No space"):
        queue.write_due()
    other = queue.request(chosen, Grain.DAY, "csv", by=viewer)
    with monkeypatch.context() as patch:
        patch.setattr(files, "write", real)
        patch.setattr(queue, "ROUND", 0.001)
        while not Export.objects.get(pk=other.pk).finished_at:
            queue.write_due()
    export.refresh_from_db()
    assert export.state == "working"  # its turn comes again

    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            queue.write_due()
    assert queue.write_due() == 0

    export.refresh_from_db()
    assert (export.state, export.attempts) == ("failed", 3)
    assert "Prueba con menos días" in export.error
    assert not ExportChunk.objects.filter(export=export).exists()


def test_one_that_failed_is_written_once_it_is_asked_again(export, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, OSError("No space left on device"))
        for _ in range(3):
            with pytest.raises(OSError, match="No space"):
                queue.write_due()
        queue.write_due()

    queue.retry(export.pk)
    queue.write_due()

    export.refresh_from_db()
    assert (export.state, export.error) == ("ready", "")


def test_one_that_is_ready_is_not_written_again(export):
    queue.write_due()
    export.refresh_from_db()
    before = export.finished_at

    queue.retry(export.pk)
    queue.write_due()

    export.refresh_from_db()
    assert export.finished_at == before


def test_a_refusal_is_told_and_not_tried_again(export, monkeypatch):
    monkeypatch.setattr(files, "EXCEL_ROWS", 1)
    Export.objects.update(file_format="xlsx")

    queue.write_due()

    export.refresh_from_db()
    assert (export.state, export.attempts) == ("failed", 1)
    assert "elige CSV" in export.error


@pytest.mark.parametrize(
    ("when", "state", "chunks"),
    [("before", "working", 0), ("after", "working", 0), ("", "ready", 1)],
)
def test_a_worker_that_lost_its_file_stores_nothing(export, monkeypatch, when, state, chunks):
    """Another attempt has begun while this one wrote, as after a pause of the whole machine."""
    monkeypatch.setattr(queue, "TELL_AFTER", 0)
    real = files.write

    def overtaken(*args):
        if when == "before":
            Export.objects.update(attempts=2)
        rows = real(*args)
        if when == "after":
            Export.objects.update(attempts=2)
        return rows

    monkeypatch.setattr(files, "write", overtaken)
    queue._write(queue._begin())

    export.refresh_from_db()
    assert export.state == state
    assert ExportChunk.objects.count() == chunks


def test_a_brand_has_three_files_in_the_queue_at_most(export, chosen, viewer):
    for _ in range(2):
        queue.request(chosen, Grain.DAY, "csv", by=viewer)

    with pytest.raises(TooManyExports, match="3 archivos en preparación"):
        queue.request(chosen, Grain.DAY, "csv", by=viewer)

    assert Export.objects.count() == 3
    queue.write_due()
    queue.request(chosen, Grain.DAY, "csv", by=viewer)


def test_the_oldest_files_give_way_and_all_are_deleted_after_a_week(
    export, chosen, viewer, monkeypatch
):
    monkeypatch.setattr(queue, "KEPT", 2)
    queue.write_due()
    made = [export]
    for _ in range(2):
        made.append(queue.request(chosen, Grain.DAY, "csv", by=viewer))
        queue.write_due()
    assert list(Export.objects.order_by("pk")) == made[1:]

    now = timezone.now()
    with time_machine.travel(now + queue.KEPT_FOR - timedelta(minutes=1), tick=False):
        queue.delete_old()
    assert Export.objects.count() == 2
    with time_machine.travel(now + queue.KEPT_FOR + timedelta(minutes=1), tick=False):
        queue.delete_old()
    assert not Export.objects.exists()
    assert not ExportChunk.objects.exists()
    assert DayCount.objects.exists()


def test_a_file_that_is_deleted_while_it_is_sent_ends_with_an_error(export, monkeypatch):
    monkeypatch.setattr(queue, "CHUNK", 100)
    queue.write_due()
    export.refresh_from_db()
    sent = queue.read(export)
    next(sent)
    Export.objects.all().delete()

    with pytest.raises(ExportChunk.DoesNotExist):
        next(sent)
