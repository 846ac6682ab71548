"""Rate limits: what each caller has used of its minute, with Redis and without."""

import uuid

import pytest

from core import redis_connection
from core.api import throttles


@pytest.fixture
def caller():
    return f"prueba-{uuid.uuid4()}"


@pytest.fixture
def away(settings, monkeypatch):
    """Let no Redis respond."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(redis_connection, "_client", redis_connection._client.__wrapped__)
    monkeypatch.setattr(redis_connection.attempt, "_paused_until", 0.0)


@pytest.fixture(autouse=True)
def _one_minute(time_machine):
    time_machine.move_to(1_800_000_000, tick=False)


def use(caller, times, limit=3):
    return [throttles.count_request(caller, limit).exceeded for _turn in range(times)]


def test_requests_above_the_limit_exceed_it(caller):
    assert use(caller, 5) == [False, False, False, True, True]


def test_while_redis_is_away_each_process_counts_its_own(caller, away):
    assert use(caller, 5) == [False, False, False, True, True]


@pytest.mark.parametrize("stopped", [False, True])
def test_the_next_minute_begins_anew(caller, stopped, time_machine, request):
    if stopped:
        request.getfixturevalue("away")
    use(caller, 5)

    time_machine.shift(throttles.WINDOW)

    assert use(caller, 1) == [False]


def test_the_memory_of_a_process_holds_one_minute(away, time_machine):
    for number in range(50):
        throttles.count_request(f"programa-{number}", 3)
    time_machine.shift(throttles.WINDOW)

    throttles.count_request("otro", 3)

    assert dict(throttles._own_counts._counts) == {"otro": 1}


def test_a_costly_request_uses_as_much_as_it_costs(caller):
    used = [throttles.count_request(caller, 100, cost).used for cost in (1, 20, 60)]

    assert used == [1, 21, 81]
