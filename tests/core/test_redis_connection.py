"""Redis that is away or hangs costs one short wait, not one for each request."""

import socket
from itertools import count

import pytest
from redis import Redis

from core import redis_connection, wake
from core.api import throttles


@pytest.fixture
def hung(monkeypatch, settings):
    """Return a server that accepts connections, as a frozen Redis does, and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        monkeypatch.setattr(redis_connection, "TIMEOUT", 0.05)
        monkeypatch.setattr(redis_connection, "_client", redis_connection._client.__wrapped__)
        monkeypatch.setattr(redis_connection.attempt, "_paused_until", 0.0)
        yield server


def connections(server: socket.socket) -> int:
    for number in count():
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return number
    raise AssertionError


def test_a_hung_redis_is_tried_once_and_left_alone_for_a_while(hung):
    for _ in range(3):
        with pytest.raises(redis_connection.RedisAway):
            redis_connection.attempt(Redis.ping)

    assert connections(hung) == 1


def test_after_the_pause_it_is_tried_again(hung, monkeypatch):
    monkeypatch.setattr(redis_connection, "PAUSE", 0.0)

    for _ in range(3):
        with pytest.raises(redis_connection.RedisAway):
            redis_connection.attempt(Redis.ping)

    assert connections(hung) == 3


def test_limits_and_wakes_share_what_is_known(hung, django_capture_on_commit_callbacks, db):
    usage = throttles.count_request("ana", 600)
    with django_capture_on_commit_callbacks(execute=True):
        wake.wake("campaigns.tasks.send_due")

    assert usage.used == 1
    assert connections(hung) == 1


def test_a_redis_that_responds_is_used_at_each_attempt():
    assert [redis_connection.attempt(Redis.ping) for _ in range(3)] == [True] * 3
