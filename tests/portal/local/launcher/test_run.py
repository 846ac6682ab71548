"""What the embedded run remembers, refuses, restarts and gives up."""

import os
import socket
import stat
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from portal.local.launcher import environment, ports, supervisor
from portal.local.launcher.data_folder import CHECKOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.lock import AlreadyRunsError, Lock
from portal.local.launcher.programs import Program
from portal.local.launcher.supervisor import Supervisor

pytestmark = pytest.mark.flow

GIVEN = ("DATABASE_URL", "REDIS_URL", "GATEWAY_URL", "PORT", "MAKELEVEL")


def embedded(*arguments, **environ) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in GIVEN} | environ
    return subprocess.run(
        [sys.executable, "-m", "portal.local.launcher", *arguments],
        cwd=CHECKOUT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def data_folder(tmp_path):
    data_folder = DataFolder(tmp_path / "data")
    for folder in (data_folder.path, data_folder.logs):
        folder.mkdir()
    yield data_folder
    data_folder.remove()  # for root a part of it stands elsewhere


def program(data_folder, name, script) -> Program:
    return Program(name, ["-c", script], data_folder, os.environ)


def test_taken_port_is_told_before_anything_starts(data_folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = embedded("run", PORT=str(port), EMBEDDED_DATA=str(data_folder.path))

    assert ended.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in ended.stdout
    assert f"PORT={port + 1} make run" in ended.stdout
    assert not (data_folder.postgres / "state.json").exists()


def test_port_that_is_no_port_is_refused(tmp_path):
    ended = embedded("run", PORT="eight", EMBEDDED_DATA=str(tmp_path / "data"))

    assert ended.returncode == 1
    assert ended.stderr == "PORT must be a number from 1 to 65535, not 'eight'.\n"


def test_second_run_is_told_about_the_first(data_folder):
    lock = Lock(data_folder.path / "lock")
    lock.take("the portal at http://127.0.0.1:8000/")

    ended = embedded("run", PORT=str(ports.find_free()), EMBEDDED_DATA=str(data_folder.path))

    lock.release()
    assert ended.returncode == 1
    assert ended.stderr == (
        f"It already runs: the portal at http://127.0.0.1:8000/, pid {os.getpid()}.\n"
    )


def test_lock_tells_a_killed_holder_from_one_that_released_it(data_folder):
    path = data_folder.path / "lock"
    script = "import sys; from pathlib import Path; from portal.local.launcher.lock import Lock; "
    script += "lock = Lock(Path(sys.argv[1])); lock.take('it'); import os; os._exit(9)"
    subprocess.run([sys.executable, "-c", script, path], cwd=CHECKOUT, check=False)
    lock = Lock(path)

    lock.take("me")
    assert lock.was_killed
    with pytest.raises(AlreadyRunsError, match=f"me, pid {os.getpid()}"):
        Lock(path).take("another")
    lock.release()

    lock.take("me")
    assert not lock.was_killed
    lock.release()


def test_exec_gives_servers_and_their_end(tmp_path):
    ended = embedded("exec", "--", "sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"; exit 3')

    assert ended.returncode == 3, ended.stderr
    database, broker = (urlsplit(url) for url in ended.stdout.split())
    assert (database.scheme, broker.scheme) == ("postgres", "redis")
    assert ports.is_free(database.port)
    assert ports.is_free(broker.port)


def test_exec_embeds_nothing_that_is_set():
    ended = embedded("exec", "sh", "-c", "echo $DATABASE_URL", DATABASE_URL="x", REDIS_URL="y")

    assert (ended.returncode, ended.stdout) == (0, "x\n")


def test_what_the_user_set_wins(data_folder):
    env = environment.complete(
        {"PORTAL_URL": "https://mine", "HTTPS": ""}, data_folder, port=8001, sandbox_port=9
    )

    assert env["PORTAL_URL"] == "https://mine"
    assert env["HTTPS"] == "0"
    assert env["GATEWAY_URL"] == "http://127.0.0.1:9/missed-call-ads/v0.1"


def test_secrets_are_remembered_and_closed_to_others(data_folder):
    names = ("SECRET_KEY", "DEMO_PASSWORD", "GATEWAY_CLIENT_SECRET")
    first = environment.complete({}, data_folder, port=1, sandbox_port=2)
    second = environment.complete({}, data_folder, port=1, sandbox_port=2)

    assert [first[name] for name in names] == [second[name] for name in names]
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((data_folder.path / "secrets.json").stat().st_mode) == 0o600


def test_env_file_is_read_as_the_settings_read_it(tmp_path):
    path = tmp_path / ".env"
    path.write_text("# a word\nPORT=8001\nexport HTTPS='1'\n#REDIS_URL=no\nMAIL_FROM=A <a@b>\n")

    assert environment.read_env_file(path) == {
        "PORT": "8001",
        "HTTPS": "1",
        "MAIL_FROM": "A <a@b>",
    }
    assert environment.read_env_file(tmp_path / "none") == {}


def test_program_that_dies_at_its_start_shows_the_end_of_its_log(data_folder):
    dying = program(data_folder, "web", "print('no such table'); raise SystemExit(4)")
    dying.start()
    dying.child.wait(10)

    with pytest.raises(EmbeddedError, match=r"web ended with code 4(.|\n)*no such table"):
        dying.wait_until_ready()
    dying.stop()


def test_dead_program_is_started_again_until_it_dies_too_often(data_folder, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supervisor, "LOOK_EVERY", 0.01)
    said: list[str] = []
    keeper = Supervisor(said.append)
    dying = program(data_folder, "worker", "print('out of luck'); raise SystemExit(3)")
    keeper.keep(dying)
    dying.start()

    with pytest.raises(EmbeddedError, match=r"for the 6th time in a minute(.|\n)*out of luck"):
        keeper.watch()

    assert said.count("worker runs again.") == 5
    assert said[0] == "worker ended with code 3; starting it again in 0.001 s."
    keeper.stop(("worker",))


def test_everything_is_stopped_in_the_order_given(data_folder, monkeypatch):
    keeper = Supervisor(print)
    stopped: list[str] = []
    for name in ("postgres", "sandbox", "web"):
        kept = program(data_folder, name, "import time; time.sleep(60)")
        monkeypatch.setattr(
            kept.child,
            "ask_to_stop",
            lambda name=name, ask=kept.child.ask_to_stop: (stopped.append(name), ask()),
        )
        keeper.keep(kept)
        kept.start()
    stopped.clear()

    keeper.stop(("web", "sandbox", "postgres"))

    assert list(dict.fromkeys(stopped)) == ["web", "sandbox", "postgres"]
    assert is_stopped(keeper)


def is_stopped(keeper: Supervisor) -> bool:
    return not any(kept.child and kept.child.runs for kept in keeper._kept)
