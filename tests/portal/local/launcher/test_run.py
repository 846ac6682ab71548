"""The embedded run: data kept between runs, refusals, restarts and failures."""

import os
import re
import socket
import stat
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from portal.local.launcher import environment, ports, prepare, readiness, state_files, supervisor
from portal.local.launcher.data_folder import CHECKOUT, LAYOUT, DataFolder
from portal.local.launcher.errors import EmbeddedError
from portal.local.launcher.lock import AlreadyRunsError, Lock
from portal.local.launcher.programs import Program
from portal.local.launcher.supervisor import Supervisor

pytestmark = pytest.mark.flow

UNSET = ("DATABASE_URL", "REDIS_URL", "GATEWAY_URL", "PORT", "MAKELEVEL")


def embedded(*arguments, **environ) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in UNSET} | environ
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
    data_folder.make()
    yield data_folder
    data_folder.remove()  # for root, a part of it is under /var/tmp


def program(data_folder, name, script, *, ready_text="", **environ) -> Program:
    env = os.environ | environ
    return Program(name, ["-c", script], data_folder, env, ready_text=ready_text)


def test_a_taken_port_is_refused_before_anything_starts(data_folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        process = embedded("run", PORT=str(port), EMBEDDED_DATA=str(data_folder.path))

    assert process.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in process.stdout
    assert f"PORT={port + 1} make run" in process.stdout
    assert not (data_folder.postgres / "state.json").exists()


def test_a_port_that_is_not_a_port_is_refused(tmp_path):
    process = embedded("run", PORT="eight", EMBEDDED_DATA=str(tmp_path / "data"))

    assert process.returncode == 1
    assert process.stderr == "PORT must be a number from 1 to 65535, not 'eight'.\n"


def test_a_second_run_names_the_first(data_folder):
    lock = Lock(data_folder.path / "lock")
    lock.acquire("the portal at http://127.0.0.1:8000/")

    process = embedded("run", PORT=str(ports.find_free()), EMBEDDED_DATA=str(data_folder.path))

    lock.release()
    assert process.returncode == 1
    assert process.stderr == (
        f"It already runs: the portal at http://127.0.0.1:8000/, pid {os.getpid()}.\n"
    )


def test_a_lock_records_whether_its_last_holder_was_killed(data_folder):
    path = data_folder.path / "lock"
    script = "import sys; from pathlib import Path; from portal.local.launcher.lock import Lock; "
    script += "lock = Lock(Path(sys.argv[1])); lock.acquire('it'); import os; os._exit(9)"
    subprocess.run([sys.executable, "-c", script, path], cwd=CHECKOUT, check=False)
    lock = Lock(path)

    lock.acquire("me")
    assert lock.was_killed
    with pytest.raises(AlreadyRunsError, match=f"me, pid {os.getpid()}"):
        Lock(path).acquire("another")
    lock.release()

    lock.acquire("me")
    assert not lock.was_killed
    lock.release()


def test_exec_runs_a_command_with_servers_and_ends_them(tmp_path):
    process = embedded("exec", "--", "sh", "-c", 'echo "$DATABASE_URL $REDIS_URL"; exit 3')

    assert process.returncode == 3, process.stderr
    database, broker = (urlsplit(url) for url in process.stdout.split())
    assert (database.scheme, broker.scheme) == ("postgres", "redis")
    assert ports.is_free(database.port)
    assert ports.is_free(broker.port)


def test_exec_embeds_no_server_that_is_set():
    process = embedded("exec", "sh", "-c", "echo $DATABASE_URL", DATABASE_URL="x", REDIS_URL="y")

    assert (process.returncode, process.stdout) == (0, "x\n")


def test_the_users_variables_have_precedence(data_folder):
    env = environment.complete(
        {"PORTAL_URL": "https://mine", "HTTPS": ""},
        data_folder,
        port=8001,
        sandbox=environment.SandboxPorts(9, 10),
    )

    assert env["PORTAL_URL"] == "https://mine"
    assert env["HTTPS"] == "0"
    assert env["GATEWAY_URL"] == "http://127.0.0.1:9/missed-call-ads/v0.1"


def test_secrets_are_kept_between_runs_and_unreadable_to_others(data_folder):
    names = ("SECRET_KEY", "DEMO_PASSWORD", "GATEWAY_CLIENT_SECRET")
    first = environment.complete({}, data_folder, port=1, sandbox=environment.SandboxPorts(2, 3))
    second = environment.complete({}, data_folder, port=1, sandbox=environment.SandboxPorts(2, 3))

    assert [first[name] for name in names] == [second[name] for name in names]
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((data_folder.path / "secrets.json").stat().st_mode) == 0o600


def test_the_env_file_is_read_as_the_settings_read_it(tmp_path):
    path = tmp_path / ".env"
    path.write_text("# a word\nPORT=8001\nexport HTTPS='1'\n#REDIS_URL=no\nMAIL_FROM=A <a@b>\n")

    assert environment.read_env_file(path) == {
        "PORT": "8001",
        "HTTPS": "1",
        "MAIL_FROM": "A <a@b>",
    }
    assert environment.read_env_file(tmp_path / "none") == {}


def test_a_program_that_ends_at_its_start_shows_the_end_of_its_log(data_folder):
    failing = program(data_folder, "web", "print('no such table'); raise SystemExit(4)")
    failing.start()
    failing.child.wait(10)

    with pytest.raises(EmbeddedError, match=r"web ended with code 4(.|\n)*no such table"):
        failing.wait_until_ready()
    failing.stop()


def test_a_slow_program_is_waited_for_as_long_as_it_makes_progress(data_folder, monkeypatch):
    """It takes longer than START_TIMEOUT, but its log grows."""
    monkeypatch.setattr(readiness, "REPORT_EVERY", 0.5)
    script = "import time\nfor n in range(20): print(n, flush=True); time.sleep(0.2)\n"
    script += "print('here it is', flush=True); time.sleep(60)"
    slow = program(data_folder, "web", script, ready_text="here it is", START_TIMEOUT="3")
    reports: list[str] = []

    slow.start()
    started = time.monotonic()
    slow.wait_until_ready(reports.append)

    assert time.monotonic() - started > 3
    assert slow.child.runs
    assert reports
    assert all(
        re.fullmatch(r"  web: \d+ s, waiting for its log to say so", line) for line in reports
    )
    slow.stop()


def test_a_program_without_progress_is_given_up_after_the_timeout(data_folder):
    """The negative control of the test above: the program runs, and its log does not grow."""
    script = "import time; print('begun', flush=True); time.sleep(60)"
    hanging = program(data_folder, "web", script, ready_text="never", START_TIMEOUT="1")
    hanging.start()

    with pytest.raises(EmbeddedError, match=r"wrote nothing for 1 s \(START_TIMEOUT\)") as caught:
        hanging.wait_until_ready()

    assert "It was waited for its log to say so" in str(caught.value)
    assert hanging.child.runs
    hanging.stop()


def test_a_slow_step_of_prepare_is_reported_while_it_lasts(data_folder, monkeypatch):
    monkeypatch.setattr(prepare, "REPORT_EVERY", 0.3)
    script = "import time\nprint('begin\\ttables', flush=True); time.sleep(1.5)\n"
    script += "print('end\\ttables\\t1.5 s', flush=True)"
    slow = program(data_folder, "prepare", script).child
    reports: list[str] = []

    slow.start()
    prepare._report_steps(slow, reports.append)

    ended = reports.index("  tables                                 1.5 s")
    assert ended >= 1
    for report in reports[:ended]:
        assert re.fullmatch(r"  prepare: \d+ s, working on (tables|its start)", report)
    slow.stop()


@pytest.mark.parametrize("value", ["soon", "0", "-1", "inf", "nan"])
def test_a_start_timeout_that_is_no_time_is_refused(value):
    with pytest.raises(EmbeddedError, match=f"START_TIMEOUT must be a number of seconds.*{value}"):
        environment.start_timeout({"START_TIMEOUT": value})


@pytest.mark.parametrize("layout", [None, 1])
def test_data_of_another_layout_is_refused_in_one_sentence(data_folder, layout):
    state_files.write(data_folder.postgres / "state.json", {"port": 1})
    (data_folder.path / "layout.json").unlink()
    if layout:
        state_files.write(data_folder.path / "layout.json", {"layout": layout})

    process = embedded("run", PORT=str(ports.find_free()), EMBEDDED_DATA=str(data_folder.path))

    assert process.returncode == 1
    assert process.stdout == ""
    assert process.stderr == (
        f"The data in {data_folder.path} is of another version of the portal, which this one "
        "cannot use. Delete it with `make clean`, and start again.\n"
    )


def test_data_of_this_layout_is_used_again(data_folder):
    """The negative control of the test above."""
    state_files.write(data_folder.postgres / "state.json", {"port": 1})

    data_folder.make()

    assert state_files.read(data_folder.path / "layout.json") == {"layout": LAYOUT}


def test_a_program_is_restarted_until_it_ends_too_often(data_folder, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(supervisor, "CHECK_EVERY", 0.01)
    reports: list[str] = []
    processes = Supervisor(reports.append)
    failing = program(data_folder, "worker", "print('out of luck'); raise SystemExit(3)")
    processes.add(failing)
    failing.start()

    with pytest.raises(EmbeddedError, match=r"for the 6th time in a minute(.|\n)*out of luck"):
        processes.watch()

    assert reports.count("worker runs again.") == 5
    assert reports[0] == "worker ended with code 3; starting it again in 0.001 s."
    processes.stop(("worker",))


def test_everything_is_stopped_in_the_order_given(data_folder, monkeypatch):
    processes = Supervisor(print)
    stopped: list[str] = []
    for name in ("postgres", "sandbox", "web"):
        service = program(data_folder, name, "import time; time.sleep(60)")
        monkeypatch.setattr(
            service.child,
            "request_stop",
            lambda name=name, stop=service.child.request_stop: (stopped.append(name), stop()),
        )
        processes.add(service)
        service.start()
    stopped.clear()

    processes.stop(("web", "sandbox", "postgres"))

    assert list(dict.fromkeys(stopped)) == ["web", "sandbox", "postgres"]
    assert is_stopped(processes)


def is_stopped(processes: Supervisor) -> bool:
    return not any(service.child and service.child.runs for service in processes._services)
