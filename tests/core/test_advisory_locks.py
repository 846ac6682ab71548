import ast
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from core import advisory_locks
from core.advisory_locks import Key
from tests.test_architecture import modules


@contextmanager
def held_elsewhere(key: Key) -> Iterator[None]:
    """Hold a key in another session of the test's database."""
    taken, over = Event(), Event()

    def hold() -> None:
        with advisory_locks.session_lock(key) as mine:
            assert mine
            taken.set()
            over.wait(30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert taken.wait(30)
    yield
    over.set()
    thread.join(30)


def test_every_key_is_another():
    assert len({int(key) for key in Key}) == len(Key.__members__)


def test_no_other_module_takes_advisory_locks():
    named = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "_advisory_" in node.value
    }

    assert named == {"core.advisory_locks"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", Key)
@pytest.mark.parametrize("key", Key)
def test_a_key_that_is_held_elsewhere_keeps_nobody_from_the_others(key, other):
    with held_elsewhere(other):
        with transaction.atomic():
            taken = advisory_locks.try_acquire(key)
        with advisory_locks.session_lock(key) as held:
            pass

    assert taken is held is (key != other)


@pytest.mark.django_db(transaction=True)
def test_a_named_lock_is_another_than_every_key():
    with held_elsewhere(Key.INVENTORY), transaction.atomic():
        assert advisory_locks.try_acquire_named("idempotency:1:a")
