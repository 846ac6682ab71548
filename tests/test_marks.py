"""Tests that start processes have their marks, so that `make check` starts none."""

import os
import subprocess
import sys

import pytest

from tests import marks
from tests.inventory import chaos


def start() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def start_in_a_nested_function() -> None:
    def nested() -> None:
        chaos.run(None)

    nested()


def start_nothing() -> None:
    os.getpid()


EXAMPLES = {start: True, start_in_a_nested_function: True, start_nothing: False}


def test_a_process_is_found_however_deep_its_start_is():
    assert {each: marks.starts_processes(each) for each in EXAMPLES} == EXAMPLES


def test_a_process_without_a_mark_is_refused(request):
    """It is started by a name that a search of the code cannot find."""
    run = vars(sys.modules["subprocess"])["run"]

    assert not marks.is_marked(request.node)
    with pytest.raises(marks.UnmarkedProcess, match="mark it `flow`"):
        run([sys.executable, "-c", ""], check=True)
