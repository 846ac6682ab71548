"""The sandbox as a process: what it keeps, how it ends, and what it can be made to do wrong."""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from campaigns.gateway import failures
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import ChannelState, DesiredState, OrderState
from campaigns.gateway.failures import GatewayError
from campaigns.gateway.sandbox.tokens import Tokens
from tests.campaigns.gateway.documents import document
from tests.campaigns.gateway.wire import Wire
from tests.processes import ROOT, DidNotStart, Sandbox, wait_until


@pytest.fixture
def own_client(own_sandbox: Sandbox) -> Iterator[GatewayClient]:
    with own_sandbox.client() as client:
        yield client


def raw(sandbox: Sandbox, *parts: bytes) -> bytes:
    """Send bytes as they are, with a rest between parts, and read until the gateway closes."""
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        for number, part in enumerate(parts):
            if number:
                time.sleep(0.1)
            connection.sendall(part)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


# What it keeps


def test_everything_survives_sigkill_and_a_start_on_the_same_ports(
    own_sandbox: Sandbox, own_client: GatewayClient
):
    own_client.put_ad_order("o-1", document())
    own_client.set_desired_state("o-1", DesiredState.PAUSED, generation=2, reason="prueba")
    own_client.set_channel_state(ChannelState.OFF, reason="prueba")
    sent = {"ad_text": "Hola", "handset": "equipo-1", "idempotency_key": "k1"}
    delivery = own_client.create_test_delivery(**sent)
    own_sandbox.set_counts("o-1", inserted=7, delivered=5)
    own_sandbox.set_clock(days=2)
    order, ledger, pid = own_client.get_ad_order("o-1"), own_sandbox.ledger(), own_sandbox.pid

    assert own_sandbox.kill() == -9
    with pytest.raises(failures.NoAnswer):
        own_client.get_ad_order("o-1")
    own_sandbox.restart()

    assert own_sandbox.pid != pid
    assert own_client.get_ad_order("o-1") == order
    assert own_sandbox.ledger() == ledger
    offered = own_client.get_capabilities()
    assert offered.channel_state is ChannelState.OFF
    assert own_sandbox.control_request("GET", "/clock")["offset_seconds"] == 2 * 86_400
    assert own_client.create_test_delivery(**sent) == delivery
    assert not own_client.put_ad_order(
        "o-1", document(generation=2, desired_state=DesiredState.PAUSED)
    ).created
    assert own_sandbox.ledger() == ledger


def test_what_was_answered_before_sigkill_is_never_lost(own_sandbox: Sandbox):
    answered: list[str] = []

    def write() -> None:
        with own_sandbox.client(timeout=2.0) as client:
            for number in range(10_000):
                try:
                    client.put_ad_order(f"o-{number}", document())
                except GatewayError:
                    return
                answered.append(f"o-{number}")

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: len(answered) >= 40)
    own_sandbox.kill()
    writer.join()
    own_sandbox.restart()

    with own_sandbox.client() as client:
        held = [status.order_id for status in client.list_ad_orders()]
    effects = [effect["order_id"] for effect in own_sandbox.ledger()]
    assert held[: len(answered)] == answered
    assert effects == held
    assert len(held) - len(answered) in {0, 1}


def test_a_lost_answer_and_a_repeat_are_one_effect(client: GatewayClient, sandbox: Sandbox):
    sandbox.inject_fault("drop_after_commit", times=1, operation="putAdOrder")
    with pytest.raises(failures.NoAnswer):
        client.put_ad_order("o-1", document())
    assert len(sandbox.ledger("o-1")) == 1

    accepted = client.put_ad_order("o-1", document())

    assert not accepted.created
    [effect] = sandbox.ledger("o-1")
    assert (effect["generation"], effect["first"]) == (1, True)
    assert effect["content_hash"] == document().content_hash


def test_a_call_that_is_dropped_before_its_work_has_no_effect(
    client: GatewayClient, sandbox: Sandbox
):
    sandbox.inject_fault("drop_before_commit", times=1, operation="putAdOrder")

    with pytest.raises(failures.NoAnswer):
        client.put_ad_order("o-1", document())

    assert sandbox.ledger("o-1") == []
    assert client.put_ad_order("o-1", document()).created


def test_eight_threads_with_one_generation_are_one_effect(sandbox: Sandbox):
    together = threading.Barrier(8)

    def put(number: int) -> bool:
        with sandbox.client() as client:
            client.get_capabilities()
            together.wait(10)
            return client.put_ad_order("o-1", document()).created

    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(put, range(8)))

    assert sorted(created) == [False] * 7 + [True]
    assert len(sandbox.ledger("o-1")) == 1


def test_eight_threads_with_one_generation_and_other_contents_leave_one(sandbox: Sandbox):
    together = threading.Barrier(8)

    def put(priority: int) -> str:
        with sandbox.client() as client:
            client.get_capabilities()
            together.wait(10)
            try:
                return client.put_ad_order("o-1", document(priority=priority)).content_hash
            except failures.GenerationConflict:
                return ""

    with ThreadPoolExecutor(8) as pool:
        held = [name for name in pool.map(put, range(1, 9)) if name]

    assert [effect["content_hash"] for effect in sandbox.ledger("o-1")] == held
    assert len(held) == 1


def test_generations_in_any_order_end_at_the_newest(sandbox: Sandbox):
    def put(generation: int) -> None:
        with sandbox.client() as client:
            try:
                client.put_ad_order("o-1", document(generation=generation, priority=generation))
            except failures.StaleGeneration:
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, [3, 1, 9, 5, 2, 8, 4, 7, 6]))

    generations = [effect["generation"] for effect in sandbox.ledger("o-1")]
    assert generations == sorted(set(generations))
    assert generations[-1] == 9


def test_a_loss_of_state_is_a_loss_and_the_ledger_tells_of_it(
    client: GatewayClient, sandbox: Sandbox
):
    client.put_ad_order("o-1", document())
    client.set_channel_state(ChannelState.OFF, reason="prueba")

    sandbox.lose_state()

    with pytest.raises(failures.NotFound):
        client.get_ad_order("o-1")
    assert list(client.list_ad_orders()) == []
    assert client.get_capabilities().channel_state is ChannelState.ON
    assert client.put_ad_order("o-1", document()).created
    first, second = sandbox.ledger("o-1")
    assert (first["first"], second["first"]) == (True, True)
    assert second["epoch"] == first["epoch"] + 1


def test_reset_makes_it_as_new(client: GatewayClient, sandbox: Sandbox):
    client.put_ad_order("o-1", document())
    sandbox.set_clock(days=3)
    sandbox.inject_fault("status", status=503)

    sandbox.reset()

    assert sandbox.ledger() == []
    assert sandbox.control_request("GET", "/faults") == []
    assert sandbox.control_request("GET", "/clock")["offset_seconds"] == 0
    assert list(client.list_ad_orders()) == []


# How fast, how much


def test_twenty_calls_pass_at_once_and_then_ten_a_second(
    tmp_path_factory: pytest.TempPathFactory,
):
    passed, refused = 0, 0
    waits = set()
    folder = tmp_path_factory.mktemp("pace")
    with Sandbox(folder, options=()) as sandbox, sandbox.client() as client:
        started = time.monotonic()
        for number in range(400):
            try:
                client.put_ad_order(f"o-{number}", document())
                passed += 1
            except failures.TooManyRequests as error:
                refused += 1
                waits.add(error.retry_after)
                time.sleep(0.02)
            if refused and time.monotonic() - started > 0.5:
                break
        took = time.monotonic() - started
        effects = sandbox.ledger()

    assert 20 <= passed <= 20 + took * 10 + 1
    assert refused > 0
    assert waits == {1.0}
    assert len(effects) == passed


def test_a_token_ends_with_its_time():
    basic = "Basic " + base64.b64encode(b"portal:secret").decode()
    form = ("application/x-www-form-urlencoded", b"grant_type=client_credentials")
    found = []
    for seconds in (60, 0):
        tokens = Tokens("portal", "secret", seconds=seconds)
        granted = tokens.grant(basic, *form)
        assert granted["expires_in"] == seconds
        found.append(tokens.find(f"Bearer {granted['access_token']}") is not None)

    assert found == [True, False]


# Faults


def test_a_fault_comes_so_many_times_and_only_where_it_is_asked_for(
    client: GatewayClient, sandbox: Sandbox
):
    sandbox.inject_fault("status", status=503, times=2, operation="getAdOrder")
    client.put_ad_order("o-1", document())

    for _ in range(2):
        with pytest.raises(failures.Unavailable):
            client.get_ad_order("o-1")

    assert client.get_ad_order("o-1").status.state is OrderState.ACTIVE
    assert sandbox.control_request("GET", "/faults") == []


def test_a_fault_without_a_count_stays_until_it_is_taken_away(
    client: GatewayClient, sandbox: Sandbox
):
    sandbox.inject_fault("status", status=500)
    for _ in range(5):
        with pytest.raises(failures.Unavailable):
            client.get_capabilities()

    sandbox.clear_faults()

    assert client.get_capabilities().max_ad_septets == 110


def test_latency_delays_and_nothing_else(client: GatewayClient, sandbox: Sandbox):
    client.get_capabilities()
    sandbox.inject_fault("latency", milliseconds=150, times=1)
    started = time.monotonic()

    client.put_ad_order("o-1", document())

    assert 0.15 <= time.monotonic() - started < 1
    assert len(sandbox.ledger("o-1")) == 1


def test_a_call_that_is_held_back_uses_up_no_fault_that_is_set_meanwhile(
    client: GatewayClient, sandbox: Sandbox
):
    client.get_capabilities()
    sandbox.inject_fault("latency", milliseconds=300, times=1)
    with ThreadPoolExecutor(1) as pool:
        held_back = pool.submit(client.get_capabilities)
        wait_until(lambda: sandbox.control_request("GET", "/faults") == [])
        sandbox.inject_fault("status", status=503, times=1)

        assert held_back.result().max_ad_septets == 110

    assert len(sandbox.control_request("GET", "/faults")) == 1


def test_a_fault_after_the_work_waits_for_work_that_is_done(
    client: GatewayClient, sandbox: Sandbox
):
    sandbox.inject_fault("drop_after_commit", times=1)
    with pytest.raises(failures.NotFound):
        client.get_ad_order("nowhere")

    with pytest.raises(failures.NoAnswer):
        client.put_ad_order("o-1", document())

    assert len(sandbox.ledger("o-1")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "earthquake"},
        {"kind": "status", "operation": "makeCoffee"},
        {"kind": "status", "status": 200},
        {"kind": "status", "times": 0},
        {"kind": "status", "tiems": 1},
        {"kind": "latency", "milliseconds": "1"},
        [],
        "status",
    ],
    ids=str,
)
def test_a_fault_that_is_misspelt_is_not_taken(sandbox: Sandbox, fault: object):
    if fault != []:
        with pytest.raises(AssertionError, match="INVALID_ARGUMENT"):
            sandbox.control_request("POST", "/faults", fault)  # type: ignore[arg-type]

    assert sandbox.control_request("GET", "/faults") == []


# Bad clients


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"PUT /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: x\r\n" % n for n in range(120)) + b"\r\n",
    ],
    ids=lambda sent: repr(sent[:30]),
)
def test_what_is_not_http_is_answered_and_closed(sandbox: Sandbox, sent: bytes):
    received = raw(sandbox, sent)

    head, _, content = received.partition(b"\r\n\r\n")
    answer = json.loads(content)
    assert 400 <= answer["status"] < 600
    assert head.startswith(f"HTTP/1.1 {answer['status']} ".encode())
    assert b"connection: close" in head.lower()
    assert raw(sandbox, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 200 "
    )


def test_a_body_far_too_large_is_refused_without_being_read_whole(sandbox: Sandbox):
    head = b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"

    received = raw(sandbox, head + b"x" * 100_000)

    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_first_sends_a_large_body_whole_still_hears_why(sandbox: Sandbox):
    size = 900_000
    head = b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size

    received = raw(sandbox, head, b"x" * (size // 2), b"x" * (size // 2))

    assert received.startswith(b"HTTP/1.1 413 ")


def test_one_connection_carries_many_calls_also_after_a_refusal(sandbox: Sandbox):
    received = raw(
        sandbox,
        b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd"
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    )

    assert received.count(b"HTTP/1.1 401 ") == 1
    assert received.count(b"HTTP/1.1 200 ") == 1


def test_slow_clients_are_let_go_and_hold_nobody_up(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("slow")
    options = [*Sandbox.NO_RATE_LIMIT, "--patience", "0.8"]
    with Sandbox(folder, options=options) as sandbox, sandbox.client() as client:
        address = urlsplit(sandbox.url)
        place = (address.hostname, address.port)
        half = b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"
        slow = [socket.create_connection(place, timeout=5) for _ in range(60)]
        try:
            for connection in slow:
                connection.sendall(half)
            started = time.monotonic()
            client.get_capabilities()
            answered_after = time.monotonic() - started
            left = [connection.recv(1) for connection in slow]
        finally:
            for connection in slow:
                connection.close()
        stderr = sandbox.stderr

    assert answered_after < 0.8
    assert left == [b""] * 60
    assert stderr == ""


# How it starts and ends


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if "GATEWAY" not in name}
    return subprocess.run(
        [sys.executable, "-m", "campaigns.gateway.sandbox", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


CREDENTIALS = {"GATEWAY_CLIENT_ID": "a", "GATEWAY_CLIENT_SECRET": "b"}


def test_it_does_not_start_without_credentials(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("data")

    ended = run("--port", "0", "--data", str(folder), GATEWAY_CLIENT_ID="a")

    assert ended.returncode == 2
    assert ended.stderr == "gateway sandbox: set GATEWAY_CLIENT_SECRET in the environment\n"
    assert ended.stdout == ""
    assert list(folder.iterdir()) == []


def test_it_does_not_start_without_its_catalogue(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("data")
    other = folder / "other.csv"
    other.write_text("code\n55\n")

    for catalogue in (folder / "none.csv", other):
        options = ["--port", "0", "--data", str(folder), "--catalogue", str(catalogue)]
        ended = run(*options, **CREDENTIALS)
        assert ended.returncode == 2
        assert str(catalogue) in ended.stderr
        assert "Traceback" not in ended.stderr


def test_it_does_not_start_where_it_cannot_write(tmp_path_factory: pytest.TempPathFactory):
    occupied = tmp_path_factory.mktemp("data") / "file"
    occupied.write_text("")

    ended = run("--port", "0", "--data", str(occupied), **CREDENTIALS)

    assert ended.returncode == 2
    assert "cannot keep state" in ended.stderr


def test_a_port_that_is_taken_is_said_and_has_its_own_exit_code(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
):
    port = str(urlsplit(sandbox.url).port)

    ended = run("--port", port, "--data", str(tmp_path_factory.mktemp("data")), **CREDENTIALS)

    assert ended.returncode == 3
    assert ended.stderr == f"gateway sandbox: port {port} of 127.0.0.1 is taken\n"


def test_a_process_that_does_not_start_says_why(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("empty")

    with pytest.raises(DidNotStart, match="GATEWAY_CLIENT_ID"):
        Sandbox(folder, client_id="").start()


def test_it_ends_cleanly_also_with_calls_under_way_and_leaves_nothing_open(
    tmp_path_factory: pytest.TempPathFactory,
):
    folder = tmp_path_factory.mktemp("dev")
    with Sandbox(folder, python_options=["-X", "dev"]) as sandbox, sandbox.client() as client:
        client.put_ad_order("o-1", document())
        for kind in ("drop_after_commit", "truncated_body", "connection_reset"):
            sandbox.inject_fault(kind, times=1)
            with pytest.raises(failures.NoAnswer):
                client.get_capabilities()
        sandbox.inject_fault("latency", milliseconds=3_000)

        def call() -> None:
            with pytest.raises(GatewayError):
                client.get_capabilities()

        under_way = threading.Thread(target=call)
        under_way.start()
        time.sleep(0.1)
        started = time.monotonic()

        assert sandbox.stop() == 0

        assert time.monotonic() - started < 2
        under_way.join()
        assert sandbox.stderr == ""


def test_its_health_is_asked_without_a_token_and_its_control_is_not_on_its_port(wire: Wire):
    base = wire.sandbox.url.removesuffix("/missed-call-ads/v0.1")

    health = wire.http.get(base + "/healthz")

    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    for path in ("/ledger", "/faults", "/reset"):
        assert wire.http.get(base + path).status_code == 404
    assert urlsplit(wire.sandbox.control_url).hostname == "127.0.0.1"


def test_it_imports_nothing_else_of_the_project_and_no_django():
    code = (
        "import sys, campaigns.gateway.sandbox.__main__, campaigns.gateway.client;"
        "own = {'segments', 'inventory', 'portal', 'django'};"
        "far = {name for name in sys.modules if name.split('.')[0] in own"
        " or (name.startswith('campaigns.') and not name.startswith('campaigns.gateway'))};"
        "sys.exit(', '.join(sorted(far)) or 0)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
