"""One run of all checks, and its report."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from campaigns.gateway.conformance import (
    access,
    answers,
    channel,
    content,
    generations,
    http_rules,
    lists,
    pushed,
    reports,
    states,
)
from campaigns.gateway.conformance.exchange import CheckFailed, CheckSkipped, Exchange, require
from campaigns.gateway.conformance.gateway import CheckedGateway

GROUPS = (
    *(access, channel, generations, states, content, lists),
    *(reports, pushed, http_rules, answers),
)
"""The modules of checks, in the order of a run. A check is a function `check_…`."""

_UNREADABLE = (KeyError, TypeError, AttributeError, ValueError, IndexError, StopIteration)


class Outcome(StrEnum):
    """What a check has found."""

    PASS = "pass"  # noqa: S105  not a password
    FAIL = "FAIL"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """One rule of the contract and the function that checks it."""

    name: str
    rule: str
    function: Callable[[CheckedGateway], None]


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check; `exchange` shows a failure."""

    name: str
    rule: str
    outcome: Outcome
    message: str = ""
    exchange: Exchange | None = None
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        result: dict[str, Any] = {
            "name": self.name,
            "rule": self.rule,
            "outcome": self.outcome.value,
            "message": self.message,
            "seconds": round(self.seconds, 3),
        }
        return result | ({"exchange": self.exchange.to_json()} if self.exchange else {})


def _checks() -> Iterator[Check]:
    for module in GROUPS:
        group = module.__name__.rpartition(".")[2]
        for name, function in vars(module).items():
            if name.startswith("check_"):
                rule = (function.__doc__ or "").splitlines()[0]
                yield Check(f"{group}.{name.removeprefix('check_')}", rule, function)


CHECKS = tuple(_checks())
CLEANUP = "cleanup.orders"
EVERY_CODE = "answers.every_code"  # says little about a part of a run


def selected(only: Sequence[str]) -> list[Check]:
    """Return the checks of these groups or names, and those of every response; or all checks.

    Raise ValueError for a name that is neither.
    """
    wanted = {*only}
    known = {name for check in CHECKS for name in (check.name, _group(check))}
    if unknown := sorted(wanted - known):
        raise ValueError(", ".join(unknown))
    if not wanted:
        return list(CHECKS)
    wanted |= {check.name for check in CHECKS if _group(check) == "answers"} - {EVERY_CODE}
    return [check for check in CHECKS if wanted & {check.name, _group(check)}]


def _group(check: Check) -> str:
    return check.name.split(".")[0]


def run_checks(
    gateway: CheckedGateway,
    *,
    only: Sequence[str] = (),
    on_result: Callable[[CheckResult], None] = lambda result: None,
) -> list[CheckResult]:
    """Run the checks one after another and cancel the orders of each at its end.

    A gateway that issues no token is checked no further. Raise ValueError as `selected`.
    """
    checks = selected(only)
    results: list[CheckResult] = []

    def note(result: CheckResult) -> None:
        results.append(result)
        on_result(result)

    first = _perform(gateway, Check("access.token", "A token is issued.", _get_token))
    if first.outcome is not Outcome.PASS:
        note(first)
        return results
    left: list[str] = []
    for check in checks:
        try:
            result = _perform(gateway, check)
        finally:  # also where the run is interrupted
            left += _cancel_own(gateway)
        note(result)
    note(_perform(gateway, Check(CLEANUP, "No order of the run is left active.", _none_left(left))))
    return results


def _perform(gateway: CheckedGateway, check: Check) -> CheckResult:
    started = time.monotonic()
    gateway.session.last = None
    outcome, message, exchange = Outcome.PASS, "", None
    try:
        check.function(gateway)
    except CheckSkipped as error:
        outcome, message = Outcome.SKIPPED, str(error)
    except CheckFailed as error:
        outcome, message = Outcome.FAIL, str(error)
        exchange = error.exchange or gateway.session.last
    except _UNREADABLE as error:
        outcome, exchange = Outcome.FAIL, gateway.session.last
        message = f"the response cannot be read: {type(error).__name__}: {error}"
    seconds = time.monotonic() - started
    return CheckResult(check.name, check.rule, outcome, message, exchange, seconds)


def _get_token(gateway: CheckedGateway) -> None:
    gateway.session.token()


def _cancel_own(gateway: CheckedGateway) -> list[str]:
    try:
        return gateway.cancel_own()
    except CheckFailed as error:
        return [str(error)]


def _none_left(left: list[str]) -> Callable[[CheckedGateway], None]:
    return lambda gateway: require(not left, f"not cancelled: {', '.join(left)}")
