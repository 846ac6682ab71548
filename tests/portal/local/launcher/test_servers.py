"""The embedded servers keep their data, heal, and leave nothing behind."""

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

from portal.local.launcher.home import CHECKOUT, ThrowawayHome, is_free, may_be_reached, read_notes
from portal.local.launcher.servers import Postgres, Servers, Valkey
from tests.servers import is_gone

pytestmark = pytest.mark.flow

START = """
import sys, time
from pathlib import Path
from portal.local.launcher.home import Home
from portal.local.launcher.servers import Servers
servers = Servers(Home(Path(sys.argv[1])), {}, durable=False)
servers.start()
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def home():
    home = ThrowawayHome()
    yield home
    home.remove()


@pytest.fixture(scope="module")
def shared():
    """Give one home and its two running servers to the tests that only visit them."""
    home = ThrowawayHome()
    news: list[str] = []
    servers = Servers(home, {}, say=news.append)
    try:
        servers.start()
        yield home, servers, news
    finally:
        servers.stop()
        home.remove()


def postmaster(home) -> int:
    return int((home.postgres / "data/postmaster.pid").read_text().split("\n")[0])


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
    home, _, _ = shared
    owner = (home.postgres / "data").stat().st_uid
    runs_as = Path(f"/proc/{postmaster(home)}").stat().st_uid

    assert runs_as == owner != 0
    if os.geteuid() == 0:
        assert may_be_reached(home.postgres / "data")
        assert (home.postgres / "postgresql-18.6.3").is_dir()  # a copy nobody can reach
    else:
        assert owner == os.geteuid()
        assert not list(home.postgres.glob("postgresql-*"))  # the wheel in place


def test_a_wrong_password_is_refused(shared):
    _, servers, _ = shared
    database, broker = servers.urls.values()
    notes = read_notes(shared[0].postgres / "state.json")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        query(database.replace(notes["password"], "wrong"), "select 1")
    with (
        redis.Redis.from_url(broker.replace(":", ":x", 2).replace("redis:x", "redis:")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_what_is_remembered_is_closed_to_others(shared):
    home, _, _ = shared

    for path in (
        home.postgres / "state.json",
        home.valkey / "state.json",
        home.valkey / "valkey.conf",
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_valkey_refuses_rather_than_forgets(shared):
    _, servers, _ = shared

    with redis.Redis.from_url(servers.urls["REDIS_URL"], decode_responses=True) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_killed_servers_come_back_with_their_data_where_they_were(shared):
    home, servers, _ = shared
    urls = servers.urls
    query(urls["DATABASE_URL"], "create table killed as select 41 + 1 as answer")
    os.kill(postmaster(home), signal.SIGKILL)
    os.kill(int((home.valkey / "valkey.pid").read_text()), signal.SIGKILL)
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
    home, servers, _ = shared
    before = postmaster(home)
    news: list[str] = []
    anew = Servers(home, {}, say=news.append, durable=False)

    anew.start()

    assert news == [
        "PostgreSQL of an earlier run was still there: ended it.",
        "Valkey of an earlier run was still there: ended it.",
    ]
    assert is_gone(before)
    assert query(anew.urls["DATABASE_URL"], "select 1") == (1,)
    anew.stop()
    servers.stop()
    servers.start()


def test_a_stop_and_a_start_keep_the_data(home):
    first = Servers(home, {}, say=pytest.fail)
    first.start()
    query(first.urls["DATABASE_URL"], "create table kept as select 'ñandú' as word")
    with redis.Redis.from_url(first.urls["REDIS_URL"]) as client:
        client.set("kept", "sí")
    pid = postmaster(home)
    first.stop()
    assert is_gone(pid)

    second = Servers(home, {}, say=pytest.fail)
    second.start()

    try:
        assert second.urls == first.urls
        assert query(second.urls["DATABASE_URL"], "select word from kept") == ("ñandú",)
        with redis.Redis.from_url(second.urls["REDIS_URL"], decode_responses=True) as client:
            assert client.get("kept") == "sí"
    finally:
        second.stop()


def test_taken_port_is_changed_for_another(home):
    first = Valkey(home, say=pytest.fail)
    first.start()
    url = first.url
    first.stop()
    port = read_notes(home.valkey / "state.json")["port"]

    with socket.create_server(("127.0.0.1", port)):
        second = Valkey(home, say=pytest.fail)
        second.start()

        assert second.url != url
        with redis.Redis.from_url(second.url) as client:
            assert client.ping()
        second.stop()


def test_interrupted_first_start_is_done_again(home):
    starter = subprocess.Popen([sys.executable, "-c", START, home.path], cwd=CHECKOUT)
    deadline = time.monotonic() + 10
    while not list(home.postgres.glob("*/data/base")) and time.monotonic() < deadline:
        time.sleep(0.005)

    starter.kill()
    starter.wait()

    assert not (home.postgres / "data").exists()
    server = Postgres(home, say=pytest.fail, durable=False)
    server.start()
    assert query(server.url, "select 1") == (1,)
    assert not list(home.postgres.glob("*.new*"))
    server.stop()


def test_kill_9_of_the_holder_leaves_no_server_behind(home):
    holder = subprocess.Popen(
        [sys.executable, "-c", START, home.path], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "started\n"
        pids = [postmaster(home), int((home.valkey / "valkey.pid").read_text())]

        holder.kill()

    assert [is_gone(pid) for pid in pids] == [True, True]
    assert not (home.postgres / "data/postmaster.pid").exists()  # it shut down in order
    assert is_free(read_notes(home.postgres / "state.json")["port"])


def test_variables_that_are_set_are_not_embedded(home):
    assert list(Servers(home, {"DATABASE_URL": "postgres://x"}).by_variable) == ["REDIS_URL"]
    assert not Servers(home, {"DATABASE_URL": "postgres://x", "REDIS_URL": "y"}).by_variable


def test_throwaway_home_of_a_killed_owner_is_swept():
    script = "import os; from portal.local.launcher import home; "
    script += "print(home.ThrowawayHome().path); os.kill(os.getpid(), 9)"
    left = subprocess.run(
        [sys.executable, "-u", "-c", script],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    assert Path(left).is_dir()

    mine = ThrowawayHome()
    other = ThrowawayHome()

    assert not Path(left).exists()
    assert mine.path.is_dir()
    mine.remove()
    other.remove()
