"""The output of `make` while it installs the packages, with a stand-in for Python."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKE = shutil.which("make") or "make"
CERTIFICATE_ERROR = "error: invalid peer certificate: UnknownIssuer"
# Fails with an error, in place of Python, where its arguments match FAILS (an extended regex).
PYTHON = f"""#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in *"uv --version"*) echo "uv 0.0.0"; exit;; esac
if echo "$*" | grep -Eq -- "$FAILS"; then echo "{CERTIFICATE_ERROR}" >&2; exit 2; fi
"""


@pytest.fixture
def install(tmp_path):
    """Run `make .venv/installed` in an empty folder, and return the process and the calls."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements-dev.txt").touch()
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON)
    python.chmod(0o755)
    calls = tmp_path / "calls"

    def run(fails: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        process = subprocess.run(
            [MAKE, ".venv/installed", "RETRY_PAUSE=0"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "FAILS": fails, "CALLS": str(calls)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return process, calls.read_text().splitlines()

    return run


@pytest.mark.parametrize("certificates", ["system-certs", "require-hashes [a-z.-]+$"])
def test_an_error_that_another_attempt_resolves_is_not_printed(install, tmp_path, certificates):
    process, calls = install(fails=f"uv pip sync.*{certificates}")

    assert process.returncode == 0
    assert process.stdout == "Installing the packages.\n"
    assert process.stderr == ""
    assert any("uv pip sync" in call for call in calls)
    assert (tmp_path / ".venv/installed").exists()


def test_the_certificates_of_the_system_are_tried_first(install):
    process, calls = install(fails="nothing")

    assert process.returncode == 0
    assert [call.endswith("--system-certs") for call in calls if "uv pip sync" in call] == [True]


def test_pip_takes_over_where_uv_does_not_work(install):
    process, calls = install(fails="uv pip sync")

    assert process.returncode == 0
    assert process.stdout == "Installing the packages.\nWithout uv: pip takes a minute.\n"
    assert "pip install --quiet --no-input --require-hashes -r" in calls[-1]


def test_all_attempts_are_printed_if_nothing_worked(install, tmp_path):
    process, _ = install(fails="install|sync")

    assert process.returncode != 0
    assert process.stdout.count(CERTIFICATE_ERROR) >= 4
    assert "The packages could not be installed." in process.stdout
    assert not (tmp_path / ".venv/installed").exists()


def test_help_names_every_target_that_has_a_description():
    process = subprocess.run(
        [MAKE, "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    for target in ("run", "check", "test", "test-all", "client", "clean"):
        assert f"make {target} " in process.stdout
