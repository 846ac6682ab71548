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
    """Hold a key in another session of the test database."""
    acquired, released = Event(), Event()

    def hold() -> None:
        with advisory_locks.session_lock(key) as is_held:
            assert is_held
            acquired.set()
            released.wait(30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert acquired.wait(30)
    yield
    released.set()
    thread.join(30)


def test_keys_are_unique():
    assert len({int(key) for key in Key}) == len(Key.__members__)


def test_no_other_module_uses_advisory_locks():
    modules_with_locks = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "_advisory_" in node.value
    }

    assert modules_with_locks == {"core.advisory_locks"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", Key)
@pytest.mark.parametrize("key", Key)
def test_a_held_key_does_not_block_the_others(key, other):
    with held_elsewhere(other):
        with transaction.atomic():
            in_transaction = advisory_locks.try_acquire(key)
        with advisory_locks.session_lock(key) as in_session:
            pass

    assert in_transaction is in_session is (key != other)


@pytest.mark.django_db(transaction=True)
def test_a_named_lock_is_independent_of_the_keys():
    with held_elsewhere(Key.INVENTORY), transaction.atomic():
        assert advisory_locks.try_acquire_named("idempotency:1:a")
