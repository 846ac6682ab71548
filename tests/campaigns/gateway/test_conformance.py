"""The conformance suite: green on the sandbox, red on every gateway that breaks a rule."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from campaigns.gateway.conformance import report
from campaigns.gateway.conformance.contract_file import named_schema_errors
from campaigns.gateway.conformance.event_sink import EventSink
from campaigns.gateway.conformance.gateway import PREFIX, CheckedGateway
from campaigns.gateway.conformance.run import CHECKS, CheckResult, Outcome, run_checks
from campaigns.gateway.conformance.session import Credentials, Session
from campaigns.gateway.contract import DesiredState
from campaigns.gateway.events import Stream
from tests.campaigns.gateway.breaking_proxy import Answer, BreakingProxy, Request, Send
from tests.campaigns.gateway.deviations import DEVIATIONS, REPORT_DEVIATIONS
from tests.campaigns.gateway.documents import ad_order_json
from tests.campaigns.gateway.test_event_schema import PUBLISHED
from tests.processes import EVENT_SECRET, Sandbox

TRAFFIC = ("--traffic", "200000", "--seed", "3")
RUNNING = ("SCHEDULED", "ACTIVE", "PAUSED")
NEVER_SEEN = {"content.quota", "http_rules.rate_limit", "answers.every_code"}
ALWAYS_CALLED = {"generations.not_found", "lists.past_the_last"}
"""Checks of which the responses show what is wrong with all."""


@pytest.fixture(scope="module")
def busy_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with an order on the air, five hours of traffic and their reports."""
    options = [*Sandbox.NO_RATE_LIMIT, *TRAFFIC]
    with Sandbox(tmp_path_factory.mktemp("busy-gateway"), options=options) as sandbox:
        with sandbox.client() as client:
            client.put_ad_order("traffic", ad_order_json())
        sandbox.advance(sandbox.now() + timedelta(hours=5))
        yield sandbox


def session_of(
    sandbox: Sandbox, server: Sandbox | BreakingProxy | None = None, **options: Any
) -> Session:
    server = server or sandbox
    credentials = Credentials(server.token_url, sandbox.client_id, sandbox.client_secret)
    return Session(server.url, credentials, **options)


def check(
    sandbox: Sandbox,
    server: Sandbox | BreakingProxy | None = None,
    *,
    only: Sequence[str] = (),
    **options: Any,
) -> list[CheckResult]:
    """Run checks of a sandbox, or of a proxy before it."""
    session = session_of(sandbox, server)
    try:
        return run_checks(CheckedGateway(session, **options), only=only)
    finally:
        session.close()


def names(results: Sequence[CheckResult], outcome: Outcome) -> set[str]:
    return {result.name for result in results if result.outcome is outcome}


def own_running(sandbox: Sandbox) -> list[str]:
    with sandbox.client() as client:
        orders = list(client.list_ad_orders())
    return [
        order.ad_order_id
        for order in orders
        if order.ad_order_id.startswith(PREFIX) and order.state in RUNNING
    ]


def test_the_sandbox_passes_every_check_and_no_order_is_left(busy_gateway: Sandbox):
    results = check(busy_gateway, may_stop_channel=True)

    assert names(results, Outcome.FAIL) == set()
    assert {name for name in names(results, Outcome.SKIPPED) if name.split(".")[0] != "pushed"} == (
        NEVER_SEEN
    )
    assert own_running(busy_gateway) == []
    with busy_gateway.client() as client:
        assert client.get_ad_order("traffic").status.state == "ACTIVE"


def test_the_events_of_the_sandbox_match_the_published_schema(busy_gateway: Sandbox):
    validator = Draft202012Validator(json.loads(PUBLISHED.read_text()))
    session = session_of(busy_gateway)
    for stream in Stream:
        page = session.call("listReports", query=f"?stream={stream}&perPage=3").data
        assert page["items"]
        for event in page["items"]:
            validator.validate(event)
            assert named_schema_errors("StreamEvent", event) == []
    session.close()


def test_an_interrupted_run_leaves_no_order(busy_gateway: Sandbox, monkeypatch: pytest.MonkeyPatch):
    def interrupt(gateway: CheckedGateway, order_id: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(CheckedGateway, "held", interrupt)
    with pytest.raises(KeyboardInterrupt):
        check(busy_gateway, only=["states.scheduled"])

    assert own_running(busy_gateway) == []
    with busy_gateway.client() as client:
        assert any(order.ad_order_id.startswith(PREFIX) for order in client.list_ad_orders())


@pytest.mark.parametrize("broken", DEVIATIONS | REPORT_DEVIATIONS)
def test_a_broken_rule_is_found_and_named(busy_gateway: Sandbox, broken: str):
    make, expected = (DEVIATIONS | REPORT_DEVIATIONS)[broken]
    with BreakingProxy(busy_gateway, make()) as proxy:
        results = check(busy_gateway, proxy, only=sorted(expected | ALWAYS_CALLED))

    assert names(results, Outcome.FAIL) == expected
    for result in results:
        if result.outcome is Outcome.FAIL:
            assert result.message
            assert result.rule
    assert own_running(busy_gateway) == []


def test_a_proxy_that_breaks_nothing_passes(busy_gateway: Sandbox):
    def forward(request: Request, send: Send) -> Answer:
        return send(request)

    expected = {name for _, found in (DEVIATIONS | REPORT_DEVIATIONS).values() for name in found}
    with BreakingProxy(busy_gateway, forward) as proxy:
        results = check(busy_gateway, proxy, only=sorted(expected | ALWAYS_CALLED))

    assert names(results, Outcome.FAIL) == set()


def test_every_check_has_a_name_of_its_own_and_a_rule():
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert [check.name for check in CHECKS if not check.rule.endswith(".")] == []


def test_the_rate_limit_is_reached_and_waited_for(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("limited")
    with Sandbox(folder, options=["--burst", "5", "--requests-per-second", "5"]) as sandbox:
        results = check(sandbox, only=["http_rules.rate_limit"])

    assert "http_rules.rate_limit" in names(results, Outcome.PASS)
    assert names(results, Outcome.FAIL) == set()


def test_a_gateway_of_few_orders_and_capabilities_passes(tmp_path_factory: pytest.TempPathFactory):
    options = [*Sandbox.NO_RATE_LIMIT, "--max-ad-septets", "90", "--max-active-orders", "20"]
    options += ["--without", "DAYPARTS", "--without", "FREQUENCY_CAP"]
    with Sandbox(tmp_path_factory.mktemp("lesser"), options=options) as sandbox:
        results = check(sandbox, only=["content"])
        left = own_running(sandbox)

    assert names(results, Outcome.FAIL) == set()
    assert "content.quota" in names(results, Outcome.PASS)
    assert left == []


def test_a_429_is_waited_for_as_it_says(busy_gateway: Sandbox):
    waits: list[float] = []
    busy_gateway.inject_fault(
        "too_many_requests", times=2, operation="getCapabilities", retry_after=7
    )
    session = session_of(busy_gateway, sleep=waits.append)

    assert session.call("getCapabilities").status == 200
    assert waits == [7.0, 7.0]
    session.close()


def failing(path_end: str, status: int) -> Callable[[Request, Send], Answer]:
    def answer(request: Request, send: Send) -> Answer:
        if not request.path.endswith(path_end):
            return send(request)
        body = {"status": status, "code": "INTERNAL", "message": "The gateway failed"}
        return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())

    return answer


def test_orders_that_cannot_be_cancelled_are_named(busy_gateway: Sandbox):
    with BreakingProxy(busy_gateway, failing("/desired-state", 500)) as proxy:
        results = check(busy_gateway, proxy, only=["generations.created"])

    [cleanup] = [result for result in results if result.name == "cleanup.orders"]
    [left] = own_running(busy_gateway)
    assert cleanup.outcome is Outcome.FAIL
    assert left in cleanup.message
    with busy_gateway.client() as client:
        client.set_desired_state(left, DesiredState.CANCELLED, generation=2, reason="")


def test_without_a_token_nothing_else_is_tried(busy_gateway: Sandbox):
    with BreakingProxy(busy_gateway, failing("/token", 503)) as proxy:
        [result] = check(busy_gateway, proxy)

    assert (result.name, result.outcome) == ("access.token", Outcome.FAIL)


def test_a_report_shows_the_failure_and_no_secret(busy_gateway: Sandbox):
    deviation, _ = DEVIATIONS["201 is 200"]
    with BreakingProxy(busy_gateway, deviation()) as proxy:
        session = session_of(busy_gateway, proxy)
        gateway = CheckedGateway(session)
        results = run_checks(gateway, only=["generations", "access"])
        tokens = [session.token()]
        session.close()

    text = "\n".join(report.to_lines(results))
    data = report.to_json(session, results)
    [failed] = [entry for entry in data["checks"] if entry["outcome"] == "FAIL"]
    assert failed["name"] == "generations.created"
    assert failed["exchange"]["request"]["method"] == "PUT"
    assert failed["exchange"]["response"]["status"] == 200
    assert "expected 201, received 200" in text
    assert data["totals"]["FAIL"] == 1
    for secret in (*tokens, busy_gateway.client_secret):
        assert secret not in text + json.dumps(data)


@pytest.fixture(scope="module")
def pushing(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Sandbox, EventSink]]:
    """A sandbox that pushes its events to a sink of the suite."""
    with EventSink(0) as sink:
        folder = tmp_path_factory.mktemp("pushing")
        options = [*Sandbox.NO_RATE_LIMIT, *TRAFFIC]
        with Sandbox(folder, options=options, events_url=sink.url) as sandbox:
            sandbox.heartbeat()
            yield sandbox, sink


def test_pushed_events_are_checked(pushing: tuple[Sandbox, EventSink]):
    sandbox, sink = pushing

    results = check(sandbox, only=["pushed"], sink=sink, event_secrets=[EVENT_SECRET])

    assert names(results, Outcome.FAIL) == set()
    assert {n for n in names(results, Outcome.SKIPPED) if n.startswith("pushed")} == set()
    wrong = "whsec_" + "QW5vdGhlciBzZWNyZXQ="
    results = check(sandbox, only=["pushed.signed"], sink=sink, event_secrets=[wrong])
    assert names(results, Outcome.FAIL) == {"pushed.signed"}
    results = check(sandbox, only=["pushed.signed"], sink=sink, event_secrets=[wrong, EVENT_SECRET])
    assert names(results, Outcome.FAIL) == set()


def test_stale_signatures_and_holes_are_found_in_pushed_events(
    tmp_path_factory: pytest.TempPathFactory,
):
    folder = tmp_path_factory.mktemp("faulty")
    with (
        EventSink(0) as sink,
        Sandbox(folder, events_url=sink.url) as sandbox,
    ):
        sandbox.inject_fault("stale_event", operation="events", times=1)
        assert names(check(sandbox, sink=sink, only=["pushed.arrives"]), Outcome.FAIL) == set()
        sandbox.inject_fault("hole", operation="events", times=1)
        results = check(
            sandbox,
            sink=sink,
            event_secrets=[EVENT_SECRET],
            only=["pushed.arrives", "pushed.signed", "pushed.gapless"],
        )
        listed = check(sandbox, only=["reports.gapless"])

    assert names(results, Outcome.FAIL) == {"pushed.signed", "pushed.gapless"}
    assert names(listed, Outcome.FAIL) == {"reports.gapless"}


def command(sandbox: Sandbox, server: Sandbox | BreakingProxy, *arguments: str) -> str:
    output = StringIO()
    call_command(
        "gateway_conformance",
        server.url,
        *("--token-url", server.token_url, "--client-id", sandbox.client_id),
        *("--client-secret", sandbox.client_secret, *arguments),
        stdout=output,
        stderr=StringIO(),
    )
    return output.getvalue()


def test_the_command_prints_a_table_or_json(busy_gateway: Sandbox):
    table = command(busy_gateway, busy_gateway, "--only", "lists")
    data = json.loads(command(busy_gateway, busy_gateway, "--only", "lists.pages", "--json"))

    assert "pass     lists.pages" in table
    assert table.splitlines()[-1].endswith("0 FAIL, 0 skipped")
    assert data["gateway"] == busy_gateway.url
    assert data["totals"]["FAIL"] == 0
    assert "lists.pages" in {entry["name"] for entry in data["checks"]}


def test_the_command_fails_where_a_rule_is_broken(busy_gateway: Sandbox):
    deviation, _ = DEVIATIONS["201 is 200"]

    with (
        BreakingProxy(busy_gateway, deviation()) as proxy,
        pytest.raises(CommandError, match=r"1 of .* checks failed"),
    ):
        command(busy_gateway, proxy, "--only", "generations")


def test_the_command_refuses_an_unknown_check(busy_gateway: Sandbox):
    with pytest.raises(CommandError, match="no check or group weather"):
        command(busy_gateway, busy_gateway, "--only", "weather")
