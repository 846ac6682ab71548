"""A command under a watchdog ends with the process that started it, however that ends."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.local.launcher.child_process import WATCHDOG, ChildProcess, end_leftover
from tests.servers import is_gone

pytestmark = pytest.mark.flow

STARTER = """
import subprocess, sys, time
watchdog = subprocess.Popen([sys.executable, *sys.argv[1:]], stdin=subprocess.PIPE)
time.sleep(60)
"""


def read_pids(path: Path, count: int) -> list[int]:
    """Wait until so many processes have written their numbers."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        pids = path.read_text().split() if path.exists() else []
        if len(pids) == count:
            return [int(pid) for pid in pids]
        time.sleep(0.02)
    raise AssertionError(f"{count} processes expected, {pids} came")


def start(tmp_path: Path, script: str, **options) -> ChildProcess:
    child = ChildProcess("shell", ["sh", "-c", script], log=tmp_path / "shell.log", **options)
    child.start()
    return child


def test_exit_code_is_passed_on(tmp_path):
    child = start(tmp_path, "echo said; exit 7")

    assert child.wait(10) == 7
    assert child.last_lines() == "    said"
    child.stop()


def test_code_of_a_command_that_a_signal_ended_is_the_shells(tmp_path):
    child = start(tmp_path, "kill -9 $$")

    assert child.wait(10) == 128 + signal.SIGKILL
    child.stop()


def test_a_command_that_does_not_exist_is_reported(tmp_path):
    child = ChildProcess("nothing", ["/no/such/command"], log=tmp_path / "log")
    child.start()

    assert child.wait(10) == 127
    assert "/no/such/command could not be started" in child.last_lines()
    child.stop()


def test_stop_gives_the_command_time_to_end_by_itself(tmp_path):
    pids = tmp_path / "pids"
    child = start(
        tmp_path,
        f"trap 'echo ended in peace; exit 5' INT; echo $$ > {pids}; while :; do sleep 0.05; done",
        end_signal="INT",
    )
    read_pids(pids, 1)

    child.stop()

    assert child.exit_code == 5
    assert "ended in peace" in child.last_lines()


def test_a_command_that_ignores_the_signal_is_killed_with_its_children(tmp_path):
    pids = tmp_path / "pids"
    child = start(
        tmp_path,
        f"trap '' TERM; echo $$ >> {pids}; sleep 60 & echo $! >> {pids}; wait; wait",
        grace=0.2,
    )
    found = read_pids(pids, 2)

    child.stop()

    assert child.exit_code == 128 + signal.SIGKILL
    assert all(is_gone(pid, within=1) for pid in found)


def test_kill_does_not_wait_for_the_grace_period(tmp_path):
    pids = tmp_path / "pids"
    child = start(tmp_path, f"trap '' TERM; echo $$ > {pids}; sleep 60; sleep 60", grace=60)
    read_pids(pids, 1)
    since = time.monotonic()

    child.request_stop()
    child.kill()
    child.stop()

    assert time.monotonic() - since < 5


def test_the_children_that_a_command_leaves_behind_are_ended(tmp_path):
    pids = tmp_path / "pids"
    child = start(tmp_path, f"sleep 60 & echo $! > {pids}; exit 3")

    assert child.wait(10) == 3
    assert is_gone(*read_pids(pids, 1), within=1)
    child.stop()


def test_kill_9_of_the_starter_ends_the_command(tmp_path):
    pids = tmp_path / "pids"
    command = f"echo $$ >> {pids}; sleep 60 & echo $! >> {pids}; wait"
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(WATCHDOG), "--", "sh", "-c", command]
    )
    found = read_pids(pids, 2)

    starter.kill()
    starter.wait()

    assert all(is_gone(pid) for pid in found)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux only")
def test_kill_9_of_the_watchdog_itself_ends_the_command(tmp_path):
    pids = tmp_path / "pids"
    watchdog = subprocess.Popen(
        [sys.executable, str(WATCHDOG), "--", "sh", "-c", f"echo $$ > {pids}; exec sleep 60"],
        stdin=subprocess.PIPE,
    )
    (pid,) = read_pids(pids, 1)

    watchdog.kill()
    watchdog.communicate()

    assert is_gone(pid)


def test_folder_is_removed_at_the_end(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").touch()
    child = start(tmp_path, "exit 0", remove=folder)

    assert child.wait(10) == 0
    assert not folder.exists()
    child.stop()


def test_only_the_process_with_the_mark_is_ended_as_a_leftover():
    script = "echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen(
        ["/bin/sh", "-c", script, "/data/of/this/run"], stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()

        assert not end_leftover(process.pid, "/data/of/another", signal.SIGTERM)
        assert process.poll() is None
        assert end_leftover(process.pid, "/data/of/this/run", signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM
