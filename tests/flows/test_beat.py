"""Beat while Redis is unreachable: beat waits, continues, and can be stopped."""

import signal

import pytest
import redis

from portal.local.launcher.data_folder import ThrowawayDataFolder
from portal.local.launcher.readiness import Patience
from portal.local.launcher.valkey import Valkey
from tests.processes import Celery, Sandbox, wait_until

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PATIENCE = 60  # seconds: the machine may be busy
DISPATCHED = "Sending due task"


@pytest.fixture
def server():
    data_folder = ThrowawayDataFolder()
    valkey = Valkey(data_folder, patience=Patience(60, str))
    valkey.start()
    yield valkey
    valkey.stop()
    data_folder.remove()


@pytest.fixture
def beat(server, tmp_path):
    with Sandbox(tmp_path / "gateway") as sandbox:
        process = Celery("beat", sandbox, REDIS_URL=server.url)
        yield process
        process.kill()


def wait_for_log(beat, text, times=1):
    wait_until(lambda: beat.output.count(text) >= times, timeout=PATIENCE)


def test_beat_waits_for_an_unreachable_redis_and_continues(server, beat):
    wait_for_log(beat, DISPATCHED)
    server.stop()
    wait_for_log(beat, "Redis does not respond")
    before = beat.output.count(DISPATCHED)

    server.restart()

    wait_for_log(beat, "Redis is back")
    wait_for_log(beat, DISPATCHED, before + 1)
    assert beat.is_running


def test_beat_starts_without_redis(server, tmp_path):
    url = server.url
    server.stop()
    with Sandbox(tmp_path / "gateway") as sandbox:
        beat = Celery("beat", sandbox, REDIS_URL=url)
        try:
            wait_for_log(beat, "Redis does not respond")
            server.restart()
            wait_for_log(beat, DISPATCHED)
        finally:
            beat.kill()


def test_the_schedule_is_written_again_to_a_redis_that_lost_everything(server, beat):
    """Its lock is lost as well: a beat that held it would have nothing to send."""
    wait_for_log(beat, DISPATCHED)
    with redis.Redis.from_url(server.url) as client:
        client.flushdb()

        wait_for_log(beat, "The lock was lost")
        before = beat.output.count(DISPATCHED)
        wait_for_log(beat, DISPATCHED, before + 1)
        assert client.exists("redbeat::lock", "redbeat::schedule") == 2
    assert beat.is_running


def test_beat_can_be_stopped_while_redis_is_unreachable(server, beat):
    wait_for_log(beat, DISPATCHED)
    server.stop()
    wait_for_log(beat, "Redis does not respond")

    assert beat.stop_with(signal.SIGTERM, timeout=10) == 0


def test_a_second_beat_waits_for_the_first(server, beat, tmp_path):
    wait_for_log(beat, DISPATCHED)
    with Sandbox(tmp_path / "second") as sandbox:
        second = Celery("beat", sandbox, REDIS_URL=server.url)
        try:
            wait_for_log(second, "beat: Starting")
            wait_for_log(beat, DISPATCHED, beat.output.count(DISPATCHED) + 1)
            assert DISPATCHED not in second.output
            beat.kill()
            wait_for_log(second, DISPATCHED)  # once the lock has run out
        finally:
            second.kill()
