"""The embedded servers keep their data, recover, and leave nothing behind."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from portal.local.launcher import ports, state_files
from portal.local.launcher.data_folder import CHECKOUT, ThrowawayDataFolder, is_reachable_by_all
from portal.local.launcher.readiness import Patience
from portal.local.launcher.servers import Postgres, Servers, Valkey
from tests.servers import is_gone

pytestmark = pytest.mark.flow

PATIENCE = Patience(300, lambda text: None)

START = """
import sys, time
from pathlib import Path
from portal.local.launcher.data_folder import DataFolder
from portal.local.launcher.servers import Servers
servers = Servers(DataFolder(Path(sys.argv[1])), {}, durable=False)
servers.start()
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def data_folder():
    data_folder = ThrowawayDataFolder()
    yield data_folder
    data_folder.remove()


@pytest.fixture(scope="module")
def shared():
    """One data folder with two running servers, for tests that do not end them."""
    data_folder = ThrowawayDataFolder()
    reports: list[str] = []
    servers = Servers(data_folder, {}, report=reports.append)
    try:
        servers.start()
        yield data_folder, servers, reports
    finally:
        servers.stop()
        data_folder.remove()


def postmaster(data_folder) -> int:
    return int((data_folder.postgres / "data/postmaster.pid").read_text().split("\n")[0])


def query(url: str, statement: str):
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone() if cursor.description else None


def test_postgres_is_set_up_as_production_expects(shared):
    _, servers, _ = shared

    found = query(
        servers.urls["DATABASE_URL"],
        """select current_database(), datcollate, datlocprovider, getdatabaseencoding(),
        current_setting('data_checksums'), current_setting('max_connections')::int >= 200,
        (select rolpassword like 'SCRAM%' from pg_authid where rolname = current_user)
        from pg_database where datname = current_database()""",
    )

    assert found == ("llamada_perdida", "C.UTF-8", "b", "UTF8", "on", True, True)


def test_postgres_never_runs_as_root(shared):
    data_folder, _, _ = shared
    owner = (data_folder.postgres / "data").stat().st_uid
    runs_as = Path(f"/proc/{postmaster(data_folder)}").stat().st_uid

    assert runs_as == owner != 0
    if os.geteuid() == 0:
        assert is_reachable_by_all(data_folder.postgres / "data")
        assert (
            data_folder.postgres / "postgresql-18.6.3"
        ).is_dir()  # a copy that the user nobody can reach
    else:
        assert owner == os.geteuid()
        assert not list(data_folder.postgres.glob("postgresql-*"))  # the wheel in place


def test_a_wrong_password_is_refused(shared):
    _, servers, _ = shared
    database, broker = servers.urls.values()
    notes = state_files.read(shared[0].postgres / "state.json")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        query(database.replace(notes["password"], "wrong"), "select 1")
    with (
        redis.Redis.from_url(broker.replace(":", ":x", 2).replace("redis:x", "redis:")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_state_files_are_unreadable_to_others(shared):
    data_folder, _, _ = shared

    for path in (
        data_folder.postgres / "state.json",
        data_folder.valkey / "state.json",
        data_folder.valkey / "valkey.conf",
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_valkey_refuses_writes_rather_than_evicting_keys(shared):
    _, servers, _ = shared

    with redis.Redis.from_url(servers.urls["REDIS_URL"], decode_responses=True) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_killed_servers_restart_with_their_data_at_the_same_address(shared):
    data_folder, servers, _ = shared
    urls = servers.urls
    query(urls["DATABASE_URL"], "create table killed as select 41 + 1 as answer")
    os.kill(postmaster(data_folder), signal.SIGKILL)
    os.kill(int((data_folder.valkey / "valkey.pid").read_text()), signal.SIGKILL)
    for server in servers.by_variable.values():
        assert server.child.wait(10) == 128 + signal.SIGKILL
        server.stop()

    for server in servers.by_variable.values():
        server.restart()

    assert servers.urls == urls
    assert query(urls["DATABASE_URL"], "select answer from killed") == (42,)
    with redis.Redis.from_url(urls["REDIS_URL"]) as client:
        assert client.ping()


def test_servers_of_an_earlier_run_are_ended_before_a_new_start(shared):
    data_folder, servers, _ = shared
    before = postmaster(data_folder)
    reports: list[str] = []
    anew = Servers(data_folder, {}, report=reports.append, durable=False)

    anew.start()

    assert reports == [
        "PostgreSQL of an earlier run was still there: ended it.",
        "Valkey of an earlier run was still there: ended it.",
    ]
    assert is_gone(before)
    assert query(anew.urls["DATABASE_URL"], "select 1") == (1,)
    anew.stop()
    servers.stop()
    servers.start()


def test_a_stop_and_a_start_keep_the_data(data_folder):
    first = Servers(data_folder, {}, report=pytest.fail)
    first.start()
    query(first.urls["DATABASE_URL"], "create table kept as select 'ñandú' as word")
    with redis.Redis.from_url(first.urls["REDIS_URL"]) as client:
        client.set("kept", "sí")
    pid = postmaster(data_folder)
    first.stop()
    assert is_gone(pid)

    second = Servers(data_folder, {}, report=pytest.fail)
    second.start()

    try:
        assert second.urls == first.urls
        assert query(second.urls["DATABASE_URL"], "select word from kept") == ("ñandú",)
        with redis.Redis.from_url(second.urls["REDIS_URL"], decode_responses=True) as client:
            assert client.get("kept") == "sí"
    finally:
        second.stop()


def test_a_taken_port_is_replaced_by_another(data_folder):
    first = Valkey(data_folder, patience=PATIENCE)
    first.start()
    url = first.url
    first.stop()
    port = state_files.read(data_folder.valkey / "state.json")["port"]

    with socket.create_server(("127.0.0.1", port)):
        second = Valkey(data_folder, patience=PATIENCE)
        second.start()

        assert second.url != url
        with redis.Redis.from_url(second.url) as client:
            assert client.ping()
        second.stop()


def test_an_interrupted_first_start_is_repeated(data_folder):
    starter = subprocess.Popen([sys.executable, "-c", START, data_folder.path], cwd=CHECKOUT)
    deadline = time.monotonic() + 10
    while not list(data_folder.postgres.glob("*/data/base")) and time.monotonic() < deadline:
        time.sleep(0.005)

    starter.kill()
    starter.wait()

    assert not (data_folder.postgres / "data").exists()
    server = Postgres(data_folder, patience=PATIENCE, durable=False)
    server.start()
    assert query(server.url, "select 1") == (1,)
    assert not list(data_folder.postgres.glob("*.new*"))
    server.stop()


def test_kill_9_of_the_holder_leaves_no_server_behind(data_folder):
    holder = subprocess.Popen(
        [sys.executable, "-c", START, data_folder.path],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout.readline() == "started\n"
        pids = [postmaster(data_folder), int((data_folder.valkey / "valkey.pid").read_text())]

        holder.kill()

    assert [is_gone(pid) for pid in pids] == [True, True]
    assert not (data_folder.postgres / "data/postmaster.pid").exists()  # it shut down in order
    assert ports.is_free(state_files.read(data_folder.postgres / "state.json")["port"])


def test_variables_that_are_set_are_not_embedded(data_folder):
    assert list(Servers(data_folder, {"DATABASE_URL": "postgres://x"}).by_variable) == ["REDIS_URL"]
    assert not Servers(data_folder, {"DATABASE_URL": "postgres://x", "REDIS_URL": "y"}).by_variable


def test_the_throwaway_folder_of_a_killed_process_is_deleted():
    script = "import os; from portal.local.launcher import data_folder; "
    script += "print(data_folder.ThrowawayDataFolder().path); os.kill(os.getpid(), 9)"
    left = subprocess.run(
        [sys.executable, "-u", "-c", script],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    assert Path(left).is_dir()

    own = ThrowawayDataFolder()
    other = ThrowawayDataFolder()

    assert not Path(left).exists()
    assert own.path.is_dir()
    own.remove()
    other.remove()
