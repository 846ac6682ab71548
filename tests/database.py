"""The test database: made once a run, copied for each worker, emptied after tests that commit.

The role in DATABASE_URL has to be a superuser, as it is in the embedded server: only such a
role can delete rows past the triggers that keep the journal.
"""

import time

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Reason
from inventory import capacity
from inventory.models import Capacity, CapacityVersion
from segments import catalogue

START_WAIT = 300.0  # seconds that a worker waits for the template
TEMPLATE = f"test_{connection.settings_dict['NAME']}"
UNFINISHED = f"{TEMPLATE}_unfinished"
DAYS_ON_SALE = 10
CELLS = Capacity._meta.db_table
OPENED = "tests_days_on_sale"  # a table of no model: a copy of the cells of a new database
NEW_CAPACITY_VERSION = (  # what the trigger of the capacity does
    f"UPDATE {CapacityVersion._meta.db_table} SET written_at = clock_timestamp(),"
    f" last_day = (SELECT max(day) FROM {Capacity._meta.db_table})"
)

_constant_rows: dict[str, tuple[int, int]] = {}
_last_ids: dict[str, int] = {}  # of reasons, once the migrations have run


class ConstantRowsChanged(Exception):
    """A test committed changes to rows that all tests share."""


def create() -> str:
    """Create the test database with every migration applied and the catalogue loaded.

    The connection uses it from then on. Return its name.
    """
    drop(TEMPLATE)  # what a killed run has left, with its sessions
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    catalogue.load()
    _open_days()
    _begin()
    return name


def _open_days() -> None:
    """Put days on sale as the product does, and keep a copy of their cells."""
    capacity.open_days(DAYS_ON_SALE)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {OPENED} AS TABLE {CELLS}")


@transaction.atomic
def set_on_sale(*, wanted: bool) -> None:
    """Put days on sale from today, or take all off, unless the database is like that already.

    A new database has days on sale. What is put back are copies of them: with triggers and foreign
    keys off, so the version of the capacity is written by hand.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(day) FROM {CELLS}")
        (first,) = cursor.fetchone()
        if first == (timezone.localdate() if wanted else None):
            return
        cursor.execute(f"DELETE FROM {CELLS}")
        cursor.execute("UPDATE inventory_capacityversion SET last_day = NULL")
        if not wanted:
            return
        cursor.execute(f"SELECT min(day) FROM {OPENED}")
        if cursor.fetchone() != (timezone.localdate(),):  # the test has a clock of its own
            capacity.open_days(DAYS_ON_SALE)
            return
        cursor.execute(
            "SET LOCAL session_replication_role = replica;"
            f"INSERT INTO {CELLS} SELECT * FROM {OPENED};"
            "SET LOCAL session_replication_role = origin"
        )
        cursor.execute(NEW_CAPACITY_VERSION)


def reuse() -> str:
    """Use the database that an earlier run with `--reuse-db` has left, or create it."""
    if not _exists(TEMPLATE):
        return create()
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = TEMPLATE
    _begin()
    return TEMPLATE


def create_template() -> None:
    """Create the database that workers copy. It has its name only when it is complete."""
    connection.settings_dict["TEST"]["NAME"] = UNFINISHED
    create()
    connection.close()
    _execute_outside(f'ALTER DATABASE "{UNFINISHED}" RENAME TO "{TEMPLATE}"')


def copy_template(worker: str) -> str:
    """Copy the template, once it is there, for a worker of pytest-xdist. Return the copy's name.

    The connection uses the copy from then on.
    """
    deadline = time.monotonic() + START_WAIT
    while not _exists(TEMPLATE):
        assert time.monotonic() < deadline, f"no database {TEMPLATE} to copy"
        time.sleep(0.1)
    copy = f"{TEMPLATE}_{worker}"
    drop(copy)
    _execute_outside(f'CREATE DATABASE "{copy}" TEMPLATE "{TEMPLATE}"')
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = copy
    _begin()
    return copy


def drop(*names: str) -> None:
    """Drop databases, also where a killed process has left its session open."""
    connection.close()
    for name in names:
        _execute_outside(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _exists(name: str) -> bool:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _execute_outside(sql: str) -> None:
    """Execute a statement in the server's own database."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


def constant_tables() -> set[str]:
    """Return the tables whose rows come from migrations and files, and stay for all tests."""
    models = [ContentType, Permission, Reason, *apps.get_app_config("segments").get_models()]
    return {model._meta.db_table for model in models}


def changing_tables() -> list[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    version = CapacityVersion._meta.db_table  # a row that is written again, never deleted
    return sorted(set(tables) - constant_tables() - {version})


def empty_tables(*_args: object) -> None:
    """Delete the rows that a test committed, and keep those that never change.

    The locks wait for processes of the test that still write. Only tables with rows are
    touched, by DELETE: TRUNCATE makes new files for a table and each of its indexes, which
    takes about 50 times as long here. Triggers and foreign keys are off meanwhile, so the
    version of the capacity is written by hand.

    Raises ConstantRowsChanged.
    """
    tables = changing_tables()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica;"
            f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"
        )
        cursor.execute(
            " UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables)
        )
        deletions = [f"DELETE FROM {table};" for (table,) in cursor.fetchall()]
        reasons = Reason._meta.db_table  # a test may add some to those of the migration
        deletions += [f"DELETE FROM {reasons} WHERE id > {_last_ids[reasons]};"]
        cursor.execute("".join(deletions) + NEW_CAPACITY_VERSION)
    before, after = _constant_rows.copy(), remember_constant_rows()
    changed = [table for table, state in after.items() if before.get(table, state) != state]
    if changed:
        raise ConstantRowsChanged(f"a test left other rows than before in {', '.join(changed)}")


def _begin() -> None:
    remember_constant_rows()
    _last_ids[Reason._meta.db_table] = Reason.objects.latest("id").pk


def remember_constant_rows() -> dict[str, tuple[int, int]]:
    """Return {table: (rows, sum of the transactions that wrote them)} of constant tables."""
    query = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM {table}"
        for table in sorted(constant_tables())
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        _constant_rows.update({table: (rows, sum_) for table, rows, sum_ in cursor.fetchall()})
    return _constant_rows.copy()
