"""A long file with real workers: one is killed in the middle, and another one writes the whole."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.urls import reverse

from campaigns.exports import queue
from campaigns.exports.selection import Selection
from campaigns.models import Export, ExportChunk
from campaigns.results.blocks import Grain
from core.wake import wake
from tests.campaigns.exports.reading import counts, instant, read, sums
from tests.processes import Celery, Sandbox, wait_until
from tests.results import put_counts

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PATIENCE = 150  # seconds: the machine may be busy


@pytest.fixture
def start_worker(tmp_path):
    started = []
    with Sandbox(tmp_path / "gateway") as gateway:

        def start():
            worker = Celery("worker", gateway)
            started.append(worker)
            wait_until(lambda: " ready." in worker.output, timeout=PATIENCE)
            return worker

        yield start
        for worker in started:
            worker.kill()


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Hold a lock of a table in another session for the block."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table}")
        yield
    finally:
        other.rollback()
        other.close()


def is_waiting() -> bool:
    """Return whether a session waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() is not None


def test_a_worker_killed_in_the_middle_leaves_nothing_and_another_one_writes_it(
    approved, viewer, client, start_worker
):
    put_counts(
        approved,
        {(instant(approved, d, h), "55"): counts(100) for d in range(3) for h in range(24)},
    )
    chosen = Selection(approved.brand, approved, approved.starts_on, approved.ends_on)
    worker = start_worker()
    with locked("campaigns_hourcount"):  # the middle of a file waits for it
        queue.request(chosen, Grain.HOUR_LADA, "csv", by=viewer)
        wait_until(is_waiting, timeout=PATIENCE)
        worker.kill()

    export = Export.objects.get()
    assert (export.state, export.attempts) == ("working", 1)
    assert not ExportChunk.objects.exists()
    client.force_login(viewer)
    file = reverse("portal:export_file", args=[approved.brand.slug, export.pk])
    assert client.get(file).status_code == 404

    start_worker()
    wake("campaigns.tasks.write_exports")  # as beat does every ten seconds
    wait_until(lambda: Export.objects.get().finished_at, timeout=PATIENCE, interval=0.1)

    export = Export.objects.get()
    assert (export.state, export.attempts, export.rows) == ("ready", 2, 72)
    data = b"".join(client.get(file).streaming_content)
    assert len(data) == export.size
    assert sums(read(data, "csv"))[0] == 7_200
