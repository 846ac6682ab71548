"""The breaker of the gateway: when it opens, what passes, and how it closes; in a real Redis."""

import os
import signal

import pytest
from redis import Redis

from campaigns import breaker
from campaigns.gateway.errors import (
    Aborted,
    NoResponse,
    RequestRejected,
    TooManyRequests,
    Unavailable,
)
from core import redis_connection
from portal.local.launcher.data_folder import ThrowawayDataFolder
from portal.local.launcher.readiness import Patience
from portal.local.launcher.valkey import Valkey
from tests.processes import wait_until

FAILURE = Unavailable("503")


@pytest.fixture
def quick(monkeypatch):
    """Shorten the pauses, which Redis measures by its own clock."""
    monkeypatch.setattr(breaker, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 0.5)


def fail(times=1, error=FAILURE):
    for _ in range(times):
        breaker.record(error)


@pytest.mark.parametrize("error", [FAILURE, NoResponse("ConnectError")])
def test_it_opens_after_five_failures_in_a_row(error):
    fail(4, error)
    assert breaker.allows()
    assert not breaker.state().is_open

    fail(1, error)

    assert not breaker.allows()
    state = breaker.state()
    assert (state.is_open, state.failures) == (True, 5)
    assert (state.until - state.since).total_seconds() == breaker.FIRST_PAUSE


@pytest.mark.parametrize(
    "answer", [None, Aborted("409"), RequestRejected("400"), TooManyRequests("429")]
)
def test_any_answer_breaks_the_row_and_closes_it(answer):
    fail(4)
    breaker.record(answer)
    fail(4)
    assert breaker.allows()
    fail(1)
    assert not breaker.allows()

    breaker.record(answer)

    assert breaker.allows()
    assert breaker.state() == breaker.State(is_open=False)


def test_a_refusal_never_opens_it():
    fail(20, RequestRejected("400"))
    fail(20, TooManyRequests("429"))

    assert breaker.allows()


def test_after_the_pause_one_call_is_let_through(quick):
    fail(5)
    assert not breaker.allows()

    wait_until(breaker.allows)

    assert [breaker.allows() for _ in range(5)] == [False] * 5


def test_a_call_that_never_ends_is_followed_by_another_after_its_lease(quick, settings):
    settings.GATEWAY_LEASE = 1
    fail(5)
    wait_until(breaker.allows)
    assert not breaker.allows()

    wait_until(breaker.allows)


def test_the_pause_grows_to_its_cap(quick):
    fail(5)
    pauses = []
    for _ in range(3):
        wait_until(breaker.allows)
        since = breaker.state().until
        fail()
        pauses.append((breaker.state().until - since).total_seconds())

    assert pauses[0] >= 0.4
    assert all(pause >= 0.5 for pause in pauses[1:])
    assert not breaker.allows()


def test_failures_during_a_pause_do_not_make_it_longer():
    fail(5)
    until = breaker.state().until

    fail(20)

    assert breaker.state().until == until


# ── without Redis ────────────────────────────────────────────────────────────


@pytest.fixture
def own_redis(monkeypatch, settings):
    """Use a Redis of this test alone, which it may freeze or stop."""
    folder = ThrowawayDataFolder()
    redis = Valkey(folder, patience=Patience(60, str))
    redis.start()
    settings.REDIS_URL = redis.url
    monkeypatch.setattr(redis_connection, "_client", redis_connection._client.__wrapped__)
    monkeypatch.setattr(redis_connection.attempt, "_paused_until", 0.0)
    monkeypatch.setattr(redis_connection, "PAUSE", 0.0)
    yield redis
    redis.stop()
    folder.remove()


@pytest.mark.flow
def test_while_redis_is_stopped_calls_go_on(own_redis):
    fail(5)
    assert not breaker.allows()

    own_redis.stop()

    assert breaker.allows()
    assert breaker.state() == breaker.State(is_open=False)
    fail(5)
    breaker.record(None)


@pytest.mark.flow
def test_while_redis_is_frozen_calls_go_on_and_then_it_is_open_again(own_redis, monkeypatch):
    fail(5)
    pid = Redis.from_url(own_redis.url).info()["process_id"]
    monkeypatch.setattr(redis_connection, "TIMEOUT", 0.2)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert breaker.allows()
        assert not breaker.state().is_open
    finally:
        os.kill(pid, signal.SIGCONT)

    wait_until(lambda: breaker.state().is_open)
    assert not breaker.allows()
