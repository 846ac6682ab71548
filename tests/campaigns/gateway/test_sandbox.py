"""The sandbox as a process: its state, rate limit, faults, start and end."""

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
from typing import Any
from urllib.parse import urlsplit

import pytest

from campaigns.gateway import errors
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import ChannelState, DesiredState, OrderState, content_hash
from campaigns.gateway.errors import GatewayError
from campaigns.gateway.sandbox.tokens import TokenIssuer
from tests.campaigns.gateway.conformance import ConformanceClient
from tests.campaigns.gateway.documents import ad_order_json
from tests.processes import ROOT, DidNotStart, Sandbox, wait_until


@pytest.fixture
def own_client(own_sandbox: Sandbox) -> Iterator[GatewayClient]:
    with own_sandbox.client() as client:
        yield client


def send_bytes(sandbox: Sandbox, *parts: bytes) -> bytes:
    """Send bytes, with a pause between parts, and return all that the gateway sends back."""
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


# State


def test_everything_survives_sigkill_and_a_start_on_the_same_ports(
    own_sandbox: Sandbox, own_client: GatewayClient
):
    api = ConformanceClient(own_sandbox)
    own_client.put_ad_order("o-1", ad_order_json())
    own_client.set_desired_state("o-1", DesiredState.PAUSED, generation=2, reason="prueba")
    own_client.set_channel_state(ChannelState.OFF, reason="prueba")
    test_delivery: dict[str, Any] = {
        "json": {"adText": "Hola", "testHandset": "equipo-1"},
        "headers": {"idempotency-key": "k1"},
    }
    delivery = api.call("createTestDelivery", **test_delivery).json()
    own_sandbox.set_counts("o-1", inserted=7, delivered=5)
    own_sandbox.set_clock(days=2)
    order, ledger, pid = own_client.get_ad_order("o-1"), own_sandbox.ledger(), own_sandbox.pid

    assert own_sandbox.kill() == -9
    with pytest.raises(errors.NoResponse):
        own_client.get_ad_order("o-1")
    own_sandbox.restart()
    api.forget_tokens()

    assert own_sandbox.pid != pid
    assert own_client.get_ad_order("o-1") == order
    assert own_sandbox.ledger() == ledger
    assert api.call("getCapabilities").json()["channelState"] == "OFF"
    assert own_sandbox.control_request("GET", "/clock")["offset_seconds"] == 2 * 86_400
    assert api.call("createTestDelivery", **test_delivery).json() == delivery
    assert not own_client.put_ad_order(
        "o-1", ad_order_json(generation=2, desired_state=DesiredState.PAUSED)
    ).created
    assert own_sandbox.ledger() == ledger
    api.http.close()


def test_no_confirmed_order_is_lost_by_sigkill(own_sandbox: Sandbox):
    confirmed: list[str] = []

    def write() -> None:
        with own_sandbox.client(timeout=2.0) as client:
            for number in range(10_000):
                try:
                    client.put_ad_order(f"o-{number}", ad_order_json())
                except GatewayError:
                    return
                confirmed.append(f"o-{number}")

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: len(confirmed) >= 40)
    own_sandbox.kill()
    writer.join()
    own_sandbox.restart()

    with own_sandbox.client() as client:
        held = [status.ad_order_id for status in client.list_ad_orders()]
    effects = [effect["order_id"] for effect in own_sandbox.ledger()]
    assert held[: len(confirmed)] == confirmed
    assert effects == held
    assert len(held) - len(confirmed) in {0, 1}


def test_a_repeat_after_a_lost_response_changes_nothing(client: GatewayClient, sandbox: Sandbox):
    sandbox.inject_fault("drop_after_commit", times=1, operation="putAdOrder")
    with pytest.raises(errors.NoResponse):
        client.put_ad_order("o-1", ad_order_json())
    assert len(sandbox.ledger("o-1")) == 1

    accepted = client.put_ad_order("o-1", ad_order_json())

    assert not accepted.created
    [effect] = sandbox.ledger("o-1")
    assert (effect["generation"], effect["first"]) == (1, True)
    assert effect["content_hash"] == content_hash(ad_order_json())


def test_a_call_that_is_dropped_before_the_commit_changes_nothing(
    client: GatewayClient, sandbox: Sandbox
):
    sandbox.inject_fault("drop_before_commit", times=1, operation="putAdOrder")

    with pytest.raises(errors.NoResponse):
        client.put_ad_order("o-1", ad_order_json())

    assert sandbox.ledger("o-1") == []
    assert client.put_ad_order("o-1", ad_order_json()).created


def test_eight_threads_with_one_generation_make_one_change(sandbox: Sandbox):
    barrier = threading.Barrier(8)

    def put(number: int) -> bool:
        with sandbox.client() as client:
            list(client.list_ad_orders())
            barrier.wait(10)
            return client.put_ad_order("o-1", ad_order_json()).created

    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(put, range(8)))

    assert sorted(created) == [False] * 7 + [True]
    assert len(sandbox.ledger("o-1")) == 1


def test_of_eight_threads_with_one_generation_and_other_contents_one_succeeds(sandbox: Sandbox):
    barrier = threading.Barrier(8)

    def put(priority: int) -> str:
        with sandbox.client() as client:
            list(client.list_ad_orders())
            barrier.wait(10)
            try:
                return client.put_ad_order(
                    "o-1", ad_order_json(priority=priority)
                ).status.content_hash
            except errors.GenerationConflict:
                return ""

    with ThreadPoolExecutor(8) as pool:
        held = [name for name in pool.map(put, range(1, 9)) if name]

    assert [effect["content_hash"] for effect in sandbox.ledger("o-1")] == held
    assert len(held) == 1


def test_generations_in_any_order_end_at_the_newest(sandbox: Sandbox):
    def put(generation: int) -> None:
        with sandbox.client() as client:
            try:
                client.put_ad_order(
                    "o-1", ad_order_json(generation=generation, priority=generation)
                )
            except errors.StaleGeneration:
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, [3, 1, 9, 5, 2, 8, 4, 7, 6]))

    generations = [effect["generation"] for effect in sandbox.ledger("o-1")]
    assert generations == sorted(set(generations))
    assert generations[-1] == 9


def test_a_loss_of_state_deletes_the_orders_and_keeps_the_ledger(
    client: GatewayClient, sandbox: Sandbox, api: ConformanceClient
):
    client.put_ad_order("o-1", ad_order_json())
    client.set_channel_state(ChannelState.OFF, reason="prueba")

    sandbox.lose_state()

    with pytest.raises(errors.NotFound):
        client.get_ad_order("o-1")
    assert list(client.list_ad_orders()) == []
    assert api.call("getCapabilities").json()["channelState"] == "ON"
    assert client.put_ad_order("o-1", ad_order_json()).created
    first, second = sandbox.ledger("o-1")
    assert (first["first"], second["first"]) == (True, True)
    assert second["epoch"] == first["epoch"] + 1


def test_reset_deletes_all_state(client: GatewayClient, sandbox: Sandbox):
    client.put_ad_order("o-1", ad_order_json())
    sandbox.set_clock(days=3)
    sandbox.inject_fault("status", status=503)

    sandbox.reset()

    assert sandbox.ledger() == []
    assert sandbox.control_request("GET", "/faults") == []
    assert sandbox.control_request("GET", "/clock")["offset_seconds"] == 0
    assert list(client.list_ad_orders()) == []


# Rate limit and tokens


def test_twenty_calls_pass_in_a_burst_and_then_ten_a_second(
    tmp_path_factory: pytest.TempPathFactory,
):
    passed, refused = 0, 0
    waits = set()
    folder = tmp_path_factory.mktemp("rate")
    with Sandbox(folder, options=()) as sandbox, sandbox.client() as client:
        started = time.monotonic()
        for number in range(400):
            try:
                client.put_ad_order(f"o-{number}", ad_order_json())
                passed += 1
            except errors.TooManyRequests as error:
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


def test_a_token_expires():
    basic = "Basic " + base64.b64encode(b"portal:secret").decode()
    form = ("application/x-www-form-urlencoded", b"grant_type=client_credentials")
    valid = []
    for lifetime in (60, 0):
        tokens = TokenIssuer("portal", "secret", lifetime=lifetime)
        body = tokens.issue(basic, *form)
        assert body["expires_in"] == lifetime
        valid.append(tokens.find(f"Bearer {body['access_token']}") is not None)

    assert valid == [True, False]


# Faults


def test_a_fault_occurs_as_often_as_requested_and_only_in_its_operation(
    client: GatewayClient, sandbox: Sandbox
):
    sandbox.inject_fault("status", status=503, times=2, operation="getAdOrder")
    client.put_ad_order("o-1", ad_order_json())

    for _ in range(2):
        with pytest.raises(errors.Unavailable):
            client.get_ad_order("o-1")

    assert client.get_ad_order("o-1").status.state is OrderState.ACTIVE
    assert sandbox.control_request("GET", "/faults") == []


def test_a_fault_without_a_count_stays_until_it_is_cleared(client: GatewayClient, sandbox: Sandbox):
    sandbox.inject_fault("status", status=500)
    for _ in range(5):
        with pytest.raises(errors.Unavailable):
            list(client.list_ad_orders())

    sandbox.clear_faults()

    assert list(client.list_ad_orders()) == []


def test_latency_delays_and_nothing_else(client: GatewayClient, sandbox: Sandbox):
    list(client.list_ad_orders())
    sandbox.inject_fault("latency", milliseconds=150, times=1)
    started = time.monotonic()

    client.put_ad_order("o-1", ad_order_json())

    assert 0.15 <= time.monotonic() - started < 1
    assert len(sandbox.ledger("o-1")) == 1


def test_a_delayed_call_does_not_use_up_a_fault_that_is_set_meanwhile(
    client: GatewayClient, sandbox: Sandbox
):
    list(client.list_ad_orders())
    sandbox.inject_fault("latency", milliseconds=300, times=1)
    with ThreadPoolExecutor(1) as pool:
        held_back = pool.submit(lambda: list(client.list_ad_orders()))
        wait_until(lambda: sandbox.control_request("GET", "/faults") == [])
        sandbox.inject_fault("status", status=503, times=1)

        assert held_back.result() == []

    assert len(sandbox.control_request("GET", "/faults")) == 1


def test_a_fault_after_the_commit_waits_for_a_call_that_succeeds(
    client: GatewayClient, sandbox: Sandbox
):
    sandbox.inject_fault("drop_after_commit", times=1)
    with pytest.raises(errors.NotFound):
        client.get_ad_order("nowhere")

    with pytest.raises(errors.NoResponse):
        client.put_ad_order("o-1", ad_order_json())

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
def test_an_invalid_fault_is_refused(sandbox: Sandbox, fault: object):
    if fault != []:
        with pytest.raises(AssertionError, match="INVALID_ARGUMENT"):
            sandbox.control_request("POST", "/faults", fault)  # type: ignore[arg-type]

    assert sandbox.control_request("GET", "/faults") == []


# Invalid and slow clients


@pytest.mark.parametrize(
    "data",
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
    ids=lambda data: repr(data[:30]),
)
def test_invalid_http_gets_an_error_and_the_connection_is_closed(sandbox: Sandbox, data: bytes):
    received = send_bytes(sandbox, data)

    head, _, content = received.partition(b"\r\n\r\n")
    response = json.loads(content)
    assert 400 <= response["status"] < 600
    assert head.startswith(f"HTTP/1.1 {response['status']} ".encode())
    assert b"connection: close" in head.lower()
    assert send_bytes(sandbox, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 200 "
    )


def test_a_body_far_too_large_is_refused_without_being_read_whole(sandbox: Sandbox):
    head = b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"

    received = send_bytes(sandbox, head + b"x" * 100_000)

    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_sends_a_large_body_whole_still_receives_the_error(sandbox: Sandbox):
    size = 900_000
    head = b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size

    received = send_bytes(sandbox, head, b"x" * (size // 2), b"x" * (size // 2))

    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_connection_is_kept_open_after_an_error(sandbox: Sandbox):
    received = send_bytes(
        sandbox,
        b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd"
        b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
    )

    assert received.count(b"HTTP/1.1 401 ") == 1
    assert received.count(b"HTTP/1.1 200 ") == 1


def test_slow_clients_are_disconnected_and_delay_nobody(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("slow")
    options = [*Sandbox.NO_RATE_LIMIT, "--client-timeout", "0.8"]
    with Sandbox(folder, options=options) as sandbox, sandbox.client() as client:
        address = urlsplit(sandbox.url)
        place = (address.hostname, address.port)
        half = b"PUT /missed-call-ads/v0.1/channel-state HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"
        slow = [socket.create_connection(place, timeout=5) for _ in range(60)]
        try:
            for connection in slow:
                connection.sendall(half)
            started = time.monotonic()
            list(client.list_ad_orders())
            responded_after = time.monotonic() - started
            left = [connection.recv(1) for connection in slow]
        finally:
            for connection in slow:
                connection.close()
        stderr = sandbox.stderr

    assert responded_after < 0.8
    assert left == [b""] * 60
    assert stderr == ""


# Start and end


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


def test_a_port_in_use_is_reported_and_has_its_own_exit_code(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
):
    port = str(urlsplit(sandbox.url).port)

    ended = run("--port", port, "--data", str(tmp_path_factory.mktemp("data")), **CREDENTIALS)

    assert ended.returncode == 3
    assert ended.stderr == f"gateway sandbox: port {port} of 127.0.0.1 is taken\n"


def test_a_process_that_does_not_start_reports_why(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("empty")

    with pytest.raises(DidNotStart, match="GATEWAY_CLIENT_ID"):
        Sandbox(folder, client_id="").start()


def test_it_stops_cleanly_during_calls_and_leaves_no_resource_open(
    tmp_path_factory: pytest.TempPathFactory,
):
    folder = tmp_path_factory.mktemp("dev")
    with Sandbox(folder, python_options=["-X", "dev"]) as sandbox, sandbox.client() as client:
        client.put_ad_order("o-1", ad_order_json())
        for kind in ("drop_after_commit", "truncated_body", "connection_reset"):
            sandbox.inject_fault(kind, times=1)
            with pytest.raises(errors.NoResponse):
                list(client.list_ad_orders())
        sandbox.inject_fault("latency", milliseconds=3_000)

        def call() -> None:
            with pytest.raises(GatewayError):
                list(client.list_ad_orders())

        under_way = threading.Thread(target=call)
        under_way.start()
        time.sleep(0.1)
        started = time.monotonic()

        assert sandbox.stop() == 0

        assert time.monotonic() - started < 2
        under_way.join()
        assert sandbox.stderr == ""


def test_health_needs_no_token_and_the_control_port_is_separate(api: ConformanceClient):
    base = api.sandbox.url.removesuffix("/missed-call-ads/v0.1")

    health = api.http.get(base + "/healthz")

    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    for path in ("/ledger", "/faults", "/reset"):
        assert api.http.get(base + path).status_code == 404
    assert urlsplit(api.sandbox.control_url).hostname == "127.0.0.1"


def test_it_imports_neither_django_nor_another_app():
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
