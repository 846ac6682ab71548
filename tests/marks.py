"""Marks for tests that start a browser or processes, and a guard that no other test does.

`-m "not browser and not flow"` leaves what needs PostgreSQL, Redis and this process alone, and
the gateway sandbox: one process of half a second, without which the outbox could not be tested.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.processes import Celery, Web

STARTERS = {id(starter) for starter in (subprocess, os.fork, Celery, Web)}
ALLOWED = "campaigns.gateway.sandbox"


class UnmarkedProcess(Exception):
    """A test without the mark `browser` or `flow` has started a process."""


def mark(item: pytest.Item) -> None:
    """Mark a test `browser` or `flow` by the fixtures it uses and the functions it calls."""
    if "browser" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")
    elif any(map(_starts_processes, _functions(item))):
        item.add_marker("flow")


def is_marked(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("browser", "flow"))


@cache
def _starts_processes(function: Any) -> bool:
    return starts_processes(function)


def _functions(item: pytest.Item) -> Iterator[Any]:
    """Yield a test's function and those of its fixtures."""
    yield getattr(item, "obj", None)
    info = getattr(item, "_fixtureinfo", None)
    for definitions in getattr(info, "name2fixturedefs", {}).values():
        yield definitions[-1].func


def starts_processes(function: Any, seen: set[CodeType] | None = None) -> bool:
    """Return whether a function of the tests names something that starts processes.

    Follows the functions of `tests` that it names, and their nested functions.
    """
    seen = set() if seen is None else seen
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or not function.__module__.startswith("tests."):
        return False
    if function.__code__ in seen:
        return False
    seen.add(function.__code__)
    for named in _named(function.__code__, function.__globals__):
        if id(named) in STARTERS or starts_processes(named, seen):
            return True
    return False


def _named(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    """Yield the global objects that a code names, with `module.name` of test modules resolved."""
    found = [names[name] for name in code.co_names if name in names]
    yield from found
    for module in found:
        if isinstance(module, ModuleType) and module.__name__.startswith("tests."):
            yield from (vars(module)[name] for name in code.co_names if name in vars(module))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _named(constant, names)


class Guard:
    """Raises UnmarkedProcess where a test without a mark starts a process."""

    def __init__(self) -> None:
        self.unmarked: str | None = None  # the test that runs
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.unmarked or event not in ("subprocess.Popen", "os.fork"):
            return
        if event == "os.fork" or ALLOWED not in arguments[1]:
            raise UnmarkedProcess(f"{self.unmarked} starts {arguments[1:2]}: mark it `flow`")
