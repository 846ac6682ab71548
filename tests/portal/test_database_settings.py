"""What hangs or freezes with a lock in its hands is ended by PostgreSQL."""

from dataclasses import replace

import psycopg
import pytest
from django.db import connection

from core.advisory_locks import Key
from portal import database_settings
from portal.database_settings import COMMAND, WEB, WORKER

LOCK = f"SELECT pg_advisory_xact_lock({int(Key.INVENTORY)})"


@pytest.fixture
def connect(db):
    """Return a function that connects to the test's database in a role."""
    opened = []
    parameters = connection.get_connection_params()

    def connect_as(role):
        bounds = database_settings.options({}, role)["OPTIONS"]["options"]
        opened.append(psycopg.connect(**{**_plain(parameters), "options": bounds}))
        return opened[-1]

    yield connect_as
    for each in opened:
        each.close()


def _plain(parameters):
    names = ("dbname", "user", "password", "host", "port")
    return {name: parameters[name] for name in names if name in parameters}


def test_a_frozen_process_loses_its_lock(connect):
    """It holds the lock and sends nothing more; the other one goes on without its help."""
    frozen = connect(replace(WEB, idle=1))
    frozen.execute(LOCK)

    connect(WORKER).execute(LOCK)

    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        frozen.execute("SELECT 1")


def test_without_the_bound_the_lock_is_waited_for(connect):
    frozen = connect(replace(WEB, idle=0))
    frozen.execute(LOCK)

    with pytest.raises(psycopg.errors.LockNotAvailable):
        connect(replace(WORKER, lock=2)).execute(LOCK)


def test_a_statement_without_end_is_ended(connect):
    with pytest.raises(psycopg.errors.QueryCanceled):
        connect(replace(WEB, statement=1)).execute("SELECT pg_sleep(60)")


@pytest.mark.parametrize("role", [WEB, WORKER, COMMAND], ids=["web", "worker", "command"])
def test_every_role_has_its_bounds(connect, role):
    own = connect(role)

    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    shown = [
        own.execute(f"SELECT current_setting('{name}')::interval").fetchone() for name in names
    ]
    assert [each[0].total_seconds() for each in shown] == [role.statement, role.lock, role.idle]


@pytest.mark.parametrize("role", [WEB, WORKER], ids=["web", "worker"])
def test_a_lock_is_waited_for_longer_than_a_frozen_holder_keeps_it(role):
    assert role.lock > role.idle > 0
    assert role.idle <= 5
    assert role.connection["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize(
    ("script", "is_web", "expected"),
    [("celery", False, WORKER), ("gunicorn", True, WEB), ("manage.py", False, COMMAND)],
)
def test_a_process_knows_its_role(monkeypatch, script, is_web, expected):
    monkeypatch.setattr("sys.argv", [f"/srv/bin/{script}"])

    assert database_settings.role(is_web) is expected


def test_options_of_the_address_are_kept():
    database = {"OPTIONS": {"sslmode": "verify-full", "options": "-c search_path=portal"}}

    options = database_settings.options(database, WEB)["OPTIONS"]

    assert options["sslmode"] == "verify-full"
    assert options["options"].startswith("-c search_path=portal -c statement_timeout=15s")
    assert options["connect_timeout"] == 5
