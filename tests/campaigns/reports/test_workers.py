"""Workers as real processes: two at once, and one that is killed wherever it may be."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from campaigns.models import DayCount, HourCount, InboxEvent, MarkedDay, StreamPosition
from campaigns.reports import apply
from tests.campaigns.reports.events import HOUR, hourly, receive, row
from tests.processes import ROOT, wait_until
from tests.servers import child_environment

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = """
import django
django.setup()
from campaigns.reports import apply
apply.MAX_EVENTS = 7
print(sum(apply.apply_due() for _ in range(20)))
"""


def start():
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env=child_environment() | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def totals():
    return sorted(DayCount.objects.values_list("lada", "inserted")), HourCount.objects.count()


def hours(order, count):
    return [
        hourly([row(order, "55", 3), row(order, "33", 5)], n, hour=HOUR + timedelta(hours=n))
        for n in range(1, count + 1)
    ]


def test_workers_that_apply_at_once_apply_each_event_once(order):
    receive(*hours(order, 20))
    workers = [start() for _ in range(3)]

    outputs = [worker.communicate(timeout=120)[0] for worker in workers]

    taken = [int(text.splitlines()[-1]) for text in outputs]
    apply.apply_due()  # what came while another had its turn
    assert sum(taken) <= 20
    assert not InboxEvent.objects.due().exists()
    assert HourCount.objects.count() == 40
    assert sum(DayCount.objects.values_list("inserted", flat=True)) == 20 * 8
    assert not MarkedDay.objects.exists()
    assert StreamPosition.objects.get().sequence == 20


@contextmanager
def blocked(statement: str) -> Iterator[None]:
    """Hold a lock for the block."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        yield


def is_waiting():
    """Return whether a session waits for a lock; unlike pg_stat_activity, always as it is now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() is not None


def kill_when_it_waits():
    """Start a worker and kill it, by SIGKILL, once it waits for a lock."""
    with start() as worker:
        try:
            wait_until(is_waiting, timeout=60)
        finally:
            worker.kill()


@pytest.mark.parametrize(
    "lock",
    [
        pytest.param("LOCK TABLE campaigns_hourcount", id="before it writes counts"),
        pytest.param("LOCK TABLE campaigns_reporthour", id="after it wrote counts"),
        pytest.param("SELECT 1 FROM campaigns_inboxevent FOR UPDATE", id="before its marks"),
        pytest.param("LOCK TABLE campaigns_streamposition", id="after its marks"),
    ],
)
def test_a_worker_that_is_killed_leaves_its_events_due(order, lock):
    receive(*hours(order, 3))
    with blocked(lock):
        kill_when_it_waits()
        assert InboxEvent.objects.due().count() == 3
    assert totals() == ([], 0)

    wait_until(lambda: apply.apply_due() == 3, timeout=20)

    assert HourCount.objects.count() == 6
    assert sum(DayCount.objects.values_list("inserted", flat=True)) == 24


def test_a_worker_that_is_killed_between_hours_and_days_leaves_the_marks(order):
    receive(*hours(order, 3))
    with blocked("LOCK TABLE campaigns_daycount"):
        kill_when_it_waits()
        assert not InboxEvent.objects.due().exists()
        assert MarkedDay.objects.exists()
        assert HourCount.objects.count() == 6

    def is_done():
        apply.apply_due()
        return not MarkedDay.objects.exists()

    wait_until(is_done, timeout=20)
    assert sum(DayCount.objects.values_list("inserted", flat=True)) == 24
