"""Beat and a Redis that goes away: it waits, goes on where it was, and can be stopped."""

import signal

import pytest
import redis

from portal.local.launcher.home import ThrowawayHome
from portal.local.launcher.valkey import Valkey
from tests.processes import Celery, Sandbox, wait_until

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PATIENCE = 60  # seconds: the machine may be busy
SENT = "Sending due task"


@pytest.fixture
def server():
    home = ThrowawayHome()
    valkey = Valkey(home, say=str)
    valkey.start()
    yield valkey
    valkey.stop()
    home.remove()


@pytest.fixture
def beat(server, tmp_path):
    with Sandbox(tmp_path / "gateway") as sandbox:
        process = Celery("beat", sandbox, REDIS_URL=server.url)
        yield process
        process.kill()


def said(beat, words, times=1):
    wait_until(lambda: beat.output.count(words) >= times, timeout=PATIENCE)


def test_beat_waits_for_a_redis_that_is_away_and_goes_on(server, beat):
    said(beat, SENT)
    server.stop()
    said(beat, "Redis is away")
    before = beat.output.count(SENT)

    server.restart()

    said(beat, "Redis is back")
    said(beat, SENT, before + 1)
    assert beat.is_running


def test_beat_starts_without_redis(server, tmp_path):
    url = server.url
    server.stop()
    with Sandbox(tmp_path / "gateway") as sandbox:
        beat = Celery("beat", sandbox, REDIS_URL=url)
        try:
            said(beat, "Redis is away")
            server.restart()
            said(beat, SENT)
        finally:
            beat.kill()


def test_a_redis_that_forgot_everything_is_told_the_schedule_again(server, beat):
    """Its lock is gone as well: whoever holds it then would have nothing to send."""
    said(beat, SENT)
    with redis.Redis.from_url(server.url) as client:
        client.flushdb()
        before = beat.output.count(SENT)

        said(beat, "The lock was lost")
        said(beat, SENT, before + 1)
        assert client.exists("redbeat::lock", "redbeat::schedule") == 2
    assert beat.is_running


def test_beat_can_be_stopped_while_redis_is_away(server, beat):
    said(beat, SENT)
    server.stop()
    said(beat, "Redis is away")

    assert beat.stop_with(signal.SIGTERM, timeout=10) == 0


def test_a_second_beat_waits_for_the_first(server, beat, tmp_path):
    said(beat, SENT)
    with Sandbox(tmp_path / "second") as sandbox:
        second = Celery("beat", sandbox, REDIS_URL=server.url)
        try:
            said(second, "beat: Starting")
            said(beat, SENT, beat.output.count(SENT) + 1)
            assert SENT not in second.output
            beat.kill()
            said(second, SENT)  # once the lock has run out
        finally:
            second.kill()
