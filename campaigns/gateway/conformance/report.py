"""The report of a run: a table for people, JSON for machines."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from campaigns.gateway.conformance.run import CheckResult, Outcome
from campaigns.gateway.conformance.session import Session


def totals(results: Sequence[CheckResult]) -> dict[str, int]:
    """Return the number of results by outcome."""
    counts = Counter(result.outcome for result in results)
    return {outcome.value: counts[outcome] for outcome in Outcome}


def to_json(session: Session, results: Sequence[CheckResult]) -> dict[str, Any]:
    """Return the whole report."""
    return {
        "gateway": session.base_url,
        "totals": totals(results),
        "checks": [result.to_json() for result in results],
    }


def to_lines(results: Sequence[CheckResult]) -> Iterator[str]:
    """Yield the table of checks, each failure with its request and response, and the totals."""
    width = max(len(result.name) for result in results)
    for result in results:
        yield f"{result.outcome.value:7}  {result.name:{width}}  {result.rule}"
        if result.outcome is Outcome.SKIPPED:
            yield f"{'':7}  {'':{width}}  ({result.message})"
    for result in results:
        if result.outcome is Outcome.FAIL:
            yield ""
            yield from _failure(result)
    yield ""
    yield ", ".join(f"{count} {outcome}" for outcome, count in totals(results).items())


def _failure(result: CheckResult) -> Iterator[str]:
    yield f"FAIL {result.name}: {result.rule}"
    yield f"  {result.message}"
    if result.exchange is None:
        return
    shown = result.exchange.to_json()
    request, response = shown["request"], shown["response"]
    yield f"  > {request['method']} {request['url']}"
    yield from (f"  > {name}: {value}" for name, value in request["headers"].items())
    yield from (f"  > {line}" for line in _body_lines(request["body"]))
    yield f"  < {response['status']}"
    yield from (f"  < {name}: {value}" for name, value in response["headers"].items())
    yield from (f"  < {line}" for line in _body_lines(response["body"]))


def _body_lines(body: str) -> list[str]:
    """Return a body on lines of its own; control characters as JSON writes them."""
    return [
        json.dumps(line, ensure_ascii=False)[1:-1].replace('\\"', '"') for line in body.splitlines()
    ]
