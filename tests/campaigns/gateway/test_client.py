"""The client over real HTTP: results, errors, tokens and limits."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from campaigns.gateway import access_token, errors
from campaigns.gateway.ad_order_document import Target
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import ChannelState, DesiredState, OrderState, Scope
from campaigns.gateway.errors import GatewayError
from campaigns.gateway.responses import AdOrderStatus
from tests.campaigns.gateway.documents import ad_order_document, ad_order_json
from tests.processes import Sandbox

TOKEN = b'{"access_token": "t1", "token_type": "Bearer", "expires_in": 900}'
JSON = {"content-type": "application/json"}
HTML = b"<html><body>502 Bad Gateway</body></html>"


@dataclass
class ScriptedServer:
    """A server that sends prepared responses, which the sandbox would never send.

    The last response is repeated. A request is recorded as method, path, headers and body.
    """

    responses: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    token_responses: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    byte_interval: float = 0.0  # seconds between the bytes of a body
    unauthorized_barrier: threading.Barrier | None = None  # waited for before each 401
    url: str = ""

    def respond_with(self, status: int, body: bytes, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.responses.append((status, named, body))

    @property
    def calls(self) -> list[tuple[str, str, dict[str, str], bytes]]:
        return [request for request in self.requests if request[1] != "/oauth2/token"]

    @property
    def token_calls(self) -> list[tuple[str, str, dict[str, str], bytes]]:
        return [request for request in self.requests if request[1] == "/oauth2/token"]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            scripted.requests.append((self.command, self.path, headers, body))
            responses = scripted.responses
            if self.path == "/oauth2/token":
                responses = scripted.token_responses
                if not responses:
                    responses = [(200, JSON, TOKEN)]
            status, named, content = responses.pop(0) if len(responses) > 1 else responses[0]
            if status == 401 and scripted.unauthorized_barrier and self.path != "/oauth2/token":
                scripted.unauthorized_barrier.wait(10)
            self.send_response_only(status)
            for name, value in {"content-length": str(len(content)), **named}.items():
                self.send_header(name, value)
            self.end_headers()
            if scripted.byte_interval and self.path != "/oauth2/token":
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    time.sleep(scripted.byte_interval)
            else:
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = respond  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as http_server:
        thread = threading.Thread(target=http_server.serve_forever, args=(0.01,))
        thread.start()
        scripted.url = f"http://127.0.0.1:{http_server.server_port}"
        yield scripted
        http_server.shutdown()
        thread.join()


@pytest.fixture
def client_of_server(server: ScriptedServer) -> Iterator[GatewayClient]:
    with GatewayClient(
        server.url + "/base", server.url + "/oauth2/token", "id", "secret", timeout=2.0
    ) as client:
        yield client


def list_orders(client: GatewayClient) -> list[AdOrderStatus]:
    return list(client.list_ad_orders())


def error_of(call: Callable[..., Any], *arguments: Any) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        call(*arguments)
    return caught.value


# Responses of the sandbox


def test_put_returns_whether_the_order_is_new_and_what_the_gateway_holds(client: GatewayClient):
    document = ad_order_document()

    first = client.put_ad_order("o-1", document.to_json())
    again = client.put_ad_order("o-1", document.to_json())

    assert (first.created, again.created) == (True, False)
    assert first.status == again.status
    assert first.status.observed_generation == 1
    assert first.status.content_hash == document.content_hash
    assert first.status.state is OrderState.ACTIVE


def test_an_order_is_read_back_as_it_was_sent(client: GatewayClient, sandbox: Sandbox):
    target = Target(scope="LADAS", ladas=frozenset({"55", "33"}))
    document = ad_order_document(target=target, priority=2)
    client.put_ad_order("o-1", document.to_json())
    sandbox.set_counts("o-1", inserted=9, delivered=5, failed=1, no_receipt=3)

    order = client.get_ad_order("o-1")

    assert order.document == document
    assert order.status.content_hash == document.content_hash
    status = order.status
    assert (status.inserted, status.delivered, status.failed, status.no_receipt) == (9, 5, 1, 3)


def test_a_change_of_state_returns_the_hash_that_the_portal_computes(client: GatewayClient):
    document = ad_order_document()
    client.put_ad_order("o-1", document.to_json())

    accepted = client.set_desired_state(
        "o-1", DesiredState.PAUSED, generation=2, reason="Pausó la marca"
    )

    paused = document.model_copy(update={"generation": 2, "desired_state": DesiredState.PAUSED})
    assert accepted.status.content_hash == paused.content_hash
    assert (accepted.status.state, accepted.created) == (OrderState.PAUSED, False)
    assert client.get_ad_order("o-1").status.state_reason == "Pausó la marca"


def test_a_list_goes_through_all_pages(client: GatewayClient):
    names = [f"o-{number}" for number in range(7)]
    for name in names:
        client.put_ad_order(name, ad_order_json())
    client.set_desired_state("o-3", DesiredState.PAUSED, generation=2, reason="")

    assert [status.ad_order_id for status in client.list_ad_orders(per_page=3)] == names
    paused = client.list_ad_orders(state=OrderState.PAUSED)
    assert [status.ad_order_id for status in paused] == ["o-3"]


def test_the_channel_is_stopped_and_started(client: GatewayClient):
    stopped = client.set_channel_state(ChannelState.OFF, reason="prueba")

    assert (stopped.state, stopped.reason) == (ChannelState.OFF, "prueba")
    assert abs(stopped.changed_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert client.set_channel_state(ChannelState.OFF, reason="otra vez") == stopped
    assert client.set_channel_state(ChannelState.ON, reason="").state is ChannelState.ON


def test_each_error_of_the_gateway_has_its_class(client: GatewayClient, sandbox: Sandbox):
    client.put_ad_order("o-1", ad_order_json(generation=5))
    cases = {
        errors.StaleGeneration: lambda: client.put_ad_order("o-1", ad_order_json(generation=4)),
        errors.GenerationConflict: lambda: client.put_ad_order(
            "o-1", ad_order_json(generation=5, priority=1)
        ),
        errors.IncompatibleState: lambda: client.put_ad_order(
            "o-1", ad_order_json(generation=6, text="Otra cosa")
        ),
        errors.NotFound: lambda: client.get_ad_order("o-2"),
        errors.RequestRejected: lambda: client.put_ad_order("o-2", ad_order_json(text="Café")),
    }
    before = sandbox.ledger()

    caught = {kind: error_of(call) for kind, call in cases.items()}

    assert {kind: type(error) for kind, error in caught.items()} == {kind: kind for kind in cases}
    assert not any(error.retryable for error in caught.values())
    refused = caught[errors.RequestRejected]
    assert (refused.status, refused.code) == (422, "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE")
    assert "4" in refused.message
    assert sandbox.ledger() == before


def test_a_token_of_other_scopes_is_forbidden(sandbox: Sandbox):
    with sandbox.client(scopes=[Scope.READ_ORDERS]) as reader:
        list_orders(reader)

        error = error_of(lambda: reader.put_ad_order("o-1", ad_order_json()))

    assert (type(error), error.code) == (errors.Forbidden, "PERMISSION_DENIED")
    assert sandbox.ledger() == []


@pytest.mark.parametrize(
    ("kind", "options", "expected", "status"),
    [
        ("drop_before_commit", {}, errors.NoResponse, None),
        ("drop_after_commit", {}, errors.NoResponse, None),
        ("connection_reset", {}, errors.NoResponse, None),
        ("truncated_body", {}, errors.NoResponse, None),
        ("status", {"status": 408}, errors.Unavailable, 408),
        ("status", {"status": 500}, errors.Unavailable, 500),
        ("status", {"status": 502}, errors.Unavailable, 502),
        ("status", {"status": 503}, errors.Unavailable, 503),
        ("status", {"status": 504}, errors.Unavailable, 504),
        ("status", {"status": 599}, errors.Unavailable, 599),
        ("status", {"status": 409}, errors.Aborted, 409),
        ("too_many_requests", {"retry_after": 7}, errors.TooManyRequests, 429),
        ("status", {"status": 429, "code": "QUOTA_EXCEEDED"}, errors.QuotaExceeded, 429),
    ],
)
def test_a_retryable_error_is_marked_and_the_retry_succeeds(
    client: GatewayClient,
    sandbox: Sandbox,
    kind: str,
    options: dict[str, Any],
    expected: type[GatewayError],
    status: int | None,
):
    sandbox.inject_fault(kind, times=1, operation="putAdOrder", **options)

    error = error_of(lambda: client.put_ad_order("o-1", ad_order_json(), correlator="call-1"))

    assert type(error) is expected
    assert (error.retryable, error.status, error.correlator) == (True, status, "call-1")
    assert error.retry_after == options.get("retry_after")
    took_effect = kind in {"drop_after_commit", "truncated_body"}
    assert len(sandbox.ledger("o-1")) == int(took_effect)
    assert client.put_ad_order("o-1", ad_order_json()).created is not took_effect
    assert len(sandbox.ledger("o-1")) == 1


def test_a_response_after_the_timeout_is_no_response(sandbox: Sandbox):
    with sandbox.client(timeout=httpx.Timeout(5.0, read=0.25)) as client:
        list_orders(client)
        sandbox.inject_fault("latency", milliseconds=600, times=1)

        error = error_of(list_orders, client)

        assert (type(error), error.status) == (errors.NoResponse, None)
        assert list_orders(client) == []


def test_an_unreachable_gateway_is_no_response():
    with GatewayClient("http://127.0.0.1:1/b", "http://127.0.0.1:1/t", "id", "secret") as client:
        assert type(error_of(list_orders, client)) is errors.NoResponse


def test_an_expired_token_is_replaced_once_and_the_call_repeated(
    client: GatewayClient, sandbox: Sandbox
):
    list_orders(client)
    sandbox.inject_fault("expire_tokens", times=1)

    assert client.put_ad_order("o-1", ad_order_json()).created
    assert len(sandbox.ledger("o-1")) == 1


def test_a_call_is_repeated_with_a_fresh_token_only_once(client: GatewayClient, sandbox: Sandbox):
    list_orders(client)
    sandbox.inject_fault("expire_tokens", times=3)

    error = error_of(lambda: client.put_ad_order("o-1", ad_order_json()))

    assert (type(error), error.status, error.retryable) == (errors.Unauthenticated, 401, False)
    [left] = sandbox.control_request("GET", "/faults")
    assert left["times"] == 1, "two calls are made, neither one nor three"
    assert sandbox.ledger() == []


@pytest.mark.parametrize(
    ("client_id", "client_secret"),
    [("portal", "wrong"), ("wrong", "not a real secret"), ("", "")],
)
def test_wrong_credentials_are_not_retryable(sandbox: Sandbox, client_id: str, client_secret: str):
    with GatewayClient(sandbox.url, sandbox.token_url, client_id, client_secret) as client:
        error = error_of(list_orders, client)

    assert (type(error), error.code) == (errors.Unauthenticated, "invalid_client")
    assert "not a real secret" not in str(error)


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("status", {"status": 503}, errors.Unavailable),
        ("connection_reset", {}, errors.NoResponse),
        ("truncated_body", {}, errors.NoResponse),
        ("too_many_requests", {"retry_after": 3}, errors.TooManyRequests),
    ],
)
def test_an_error_of_the_token_endpoint_is_retryable(
    sandbox: Sandbox, kind: str, options: dict[str, Any], expected: type[GatewayError]
):
    sandbox.inject_fault(kind, times=1, operation="token", **options)
    with sandbox.client() as client:
        error = error_of(list_orders, client)

        assert type(error) is expected
        assert error.retryable
        assert list_orders(client) == []


# Responses that the sandbox never sends


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (502, HTML, errors.Unavailable),
        (503, b"", errors.Unavailable),
        (500, b"[" * 100_000, errors.Unavailable),
        (408, HTML, errors.Unavailable),
        (429, HTML, errors.TooManyRequests),
        (404, HTML, errors.RequestRejected),
        (404, b'{"status": 404, "code": "NOT_FOUND", "message": "x"}', errors.RequestRejected),
        (409, HTML, errors.RequestRejected),
        (409, b'{"status": 409, "code": "NEW_CODE", "message": "x"}', errors.RequestRejected),
        (409, b'{"status": 200, "code": "ABORTED", "message": "x"}', errors.RequestRejected),
        (400, b'{"status": 400, "code": ["x"], "message": 1}', errors.RequestRejected),
        (401, HTML, errors.Unauthenticated),
        (403, HTML, errors.Forbidden),
        (412, HTML, errors.RequestRejected),
        (413, HTML, errors.RequestRejected),
        (418, b"[1, 2]", errors.RequestRejected),
        (302, b"", errors.RequestRejected),
        (200, HTML, errors.NoResponse),
        (200, b"", errors.NoResponse),
        (200, b"[]", errors.NoResponse),
        (200, b"{}", errors.NoResponse),
        (200, b"\xff\xfe", errors.NoResponse),
        (200, b"[" * 100_000, errors.NoResponse),
        (204, b"", errors.NoResponse),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_response_of_another_shape_has_its_class(
    server: ScriptedServer,
    client_of_server: GatewayClient,
    status: int,
    body: bytes,
    expected: type[GatewayError],
):
    server.respond_with(status, body, location="http://127.0.0.1:1/elsewhere")

    error = error_of(lambda: client_of_server.put_ad_order("o-1", ad_order_json()))

    assert (type(error), error.status) == (expected, status)
    assert error.retryable is (expected in {errors.Unavailable, errors.NoResponse}) or status == 429
    assert "<html>" not in str(error)


def test_a_redirect_is_not_followed(server: ScriptedServer, client_of_server: GatewayClient):
    server.respond_with(307, b"", location=server.url + "/base/elsewhere")

    assert type(error_of(list_orders, client_of_server)) is errors.RequestRejected
    assert [call[1] for call in server.calls] == ["/base/ad-orders?page=1&perPage=200"]


def test_a_response_about_another_order_is_not_accepted(
    server: ScriptedServer, client: GatewayClient, sandbox: Sandbox, client_of_server: GatewayClient
):
    client.put_ad_order("o-1", ad_order_json())
    with httpx.Client(trust_env=False) as http:
        form = {"grant_type": "client_credentials"}
        auth = (sandbox.client_id, sandbox.client_secret)
        token = http.post(sandbox.token_url, data=form, auth=auth).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        stored = http.get(sandbox.url + "/ad-orders/o-1", headers=bearer).content
    server.respond_with(200, stored)

    assert client_of_server.get_ad_order("o-1").status.ad_order_id == "o-1"
    assert type(error_of(lambda: client_of_server.get_ad_order("o-2"))) is errors.NoResponse


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "0"}, 0.0),
        ({"retry_after": "120"}, 120.0),
        ({"retry_after": "999999999"}, errors.MAX_RETRY_AFTER),
        ({"retry_after": "9" * 400}, None),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "1.5"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": ""}, None),
        ({}, None),
        (
            {
                "date": "Sun, 01 Nov 2026 10:00:00 GMT",
                "retry_after": "Sun, 01 Nov 2026 10:01:30 GMT",
            },
            90.0,
        ),
        (
            {
                "date": "Sun, 01 Nov 2026 10:00:00 GMT",
                "retry_after": "Sun, 01 Nov 2026 09:00:00 GMT",
            },
            0.0,
        ),
        (
            {
                "date": "Sun, 01 Nov 2026 10:00:00 GMT",
                "retry_after": "Thu, 01 Nov 2096 10:00:00 GMT",
            },
            errors.MAX_RETRY_AFTER,
        ),
        ({"retry_after": "Sun, 99 Nov 2026 10:00:00 GMT"}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_in_both_of_its_forms(
    server: ScriptedServer,
    client_of_server: GatewayClient,
    headers: dict[str, str],
    seconds: float | None,
    status: int,
):
    server.respond_with(status, b"{}", **headers)

    assert error_of(list_orders, client_of_server).retry_after == seconds


def test_a_retry_date_without_a_date_header_is_relative_to_the_own_clock(
    server: ScriptedServer, client_of_server: GatewayClient
):
    later = datetime.now(UTC) + timedelta(seconds=60)
    server.respond_with(503, HTML, retry_after=format_datetime(later, usegmt=True))

    waited = error_of(list_orders, client_of_server).retry_after

    assert waited is not None
    assert 55 <= waited <= 60


def test_a_response_that_is_slower_than_the_deadline_is_no_response(server: ScriptedServer):
    server.byte_interval = 0.02
    server.respond_with(200, b" " * 200)
    started = time.monotonic()
    with GatewayClient(
        server.url, server.url + "/oauth2/token", "id", "secret", timeout=1.0, deadline=0.2
    ) as client:
        error = error_of(list_orders, client)

    assert type(error) is errors.NoResponse
    assert time.monotonic() - started < 2


def test_a_response_that_is_too_large_is_no_response(
    server: ScriptedServer, client_of_server: GatewayClient
):
    server.respond_with(200, b" " * (5 * 1024 * 1024))

    error = error_of(list_orders, client_of_server)

    assert (type(error), error.message) == (errors.NoResponse, "The response is too large")


def test_each_call_carries_a_correlator_of_its_own_or_the_one_given(
    server: ScriptedServer, client_of_server: GatewayClient
):
    server.respond_with(503, b"")
    first = error_of(list_orders, client_of_server)
    second = error_of(list_orders, client_of_server)
    third = error_of(lambda: list(client_of_server.list_ad_orders(correlator="call-3")))

    correlators = [call[2]["x-correlator"] for call in server.calls]
    assert correlators == [first.correlator, second.correlator, "call-3"]
    assert len(set(correlators)) == 3
    assert third.correlator == "call-3"


def test_the_environment_adds_nothing_to_a_call(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server.respond_with(503, b"")

    with GatewayClient(server.url, server.url + "/oauth2/token", "id", "secret") as client:
        assert type(error_of(list_orders, client)) is errors.Unavailable


# Tokens


def test_credentials_are_form_encoded_before_they_are_joined(server: ScriptedServer):
    server.respond_with(503, b"")
    with GatewayClient(
        server.url, server.url + "/oauth2/token", "a:b", "c d%é", scopes=[Scope.READ_ORDERS]
    ) as client:
        error_of(list_orders, client)

    [(_, _, headers, body)] = server.token_calls
    pair = base64.b64encode(b"a%3Ab:c+d%25%C3%A9").decode()
    assert headers["authorization"] == f"Basic {pair}"
    assert body == b"grant_type=client_credentials&scope=missed-call-ads%3Aad-orders%3Aread"
    assert server.calls[0][2]["authorization"] == "Bearer t1"


def test_credentials_with_special_characters_are_accepted(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("special")
    with (
        Sandbox(folder, client_id="a:b", client_secret="c d%é+/=") as sandbox,
        sandbox.client() as client,
    ):
        assert list_orders(client) == []


def test_a_token_is_reused_until_shortly_before_it_expires(
    server: ScriptedServer, client_of_server: GatewayClient, monkeypatch: pytest.MonkeyPatch
):
    now = 1_000.0
    monkeypatch.setattr(access_token, "time", SimpleNamespace(monotonic=lambda: now))
    server.respond_with(503, b"")
    server.token_responses = [
        (200, JSON, TOKEN.replace(b"900", b"100").replace(b"t1", b"short")),
        (200, JSON, TOKEN.replace(b"t1", b"long")),
        (200, JSON, TOKEN),
    ]
    # A tenth of its 100 s is the margin of the first, 30 s that of the second.
    for now in (1_000.0, 1_089.9, 1_090.0, 1_959.9, 1_960.0):  # noqa: B007
        error_of(list_orders, client_of_server)

    used = [call[2]["authorization"].removeprefix("Bearer ") for call in server.calls]
    assert used == ["short", "short", "long", "long", "t1"]
    assert len(server.token_calls) == 3


def test_threads_that_start_together_share_one_token(
    server: ScriptedServer, client_of_server: GatewayClient
):
    server.respond_with(503, b"")
    barrier = threading.Barrier(8)

    def call() -> None:
        barrier.wait(5)
        error_of(list_orders, client_of_server)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(call) for _ in range(8)]:
            done.result()

    assert len(server.calls) == 8
    assert len(server.token_calls) == 1


def test_threads_whose_token_is_rejected_fetch_one_new_token(
    server: ScriptedServer, client_of_server: GatewayClient
):
    server.respond_with(503, b"")
    error_of(list_orders, client_of_server)
    server.responses[:] = [(401, {}, b"")] * 8 + [(503, {}, b"")]
    server.token_responses = [(200, JSON, TOKEN.replace(b"t1", b"t2"))]
    server.unauthorized_barrier = threading.Barrier(8)

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(error_of, list_orders, client_of_server) for _ in range(8)]
        kinds = {type(call.result()) for call in calls}

    assert kinds == {errors.Unavailable}
    assert len(server.token_calls) == 2
    used = [call[2]["authorization"] for call in server.calls]
    assert used == ["Bearer t1"] * 9 + ["Bearer t2"] * 8


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"{}", errors.NoResponse),
        (200, HTML, errors.NoResponse),
        (200, b'{"access_token": "a b", "token_type": "Bearer"}', errors.NoResponse),
        (200, b'{"access_token": "a\\r\\nx: y", "token_type": "Bearer"}', errors.NoResponse),
        (200, b'{"access_token": "a", "token_type": "mac"}', errors.NoResponse),
        (400, b'{"error": "invalid_scope"}', errors.Forbidden),
        (400, b'{"error": "invalid_client"}', errors.Unauthenticated),
        (401, HTML, errors.Unauthenticated),
        (404, HTML, errors.RequestRejected),
        (302, b"", errors.RequestRejected),
        (502, HTML, errors.Unavailable),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_token_response_of_another_shape_has_its_class(
    server: ScriptedServer,
    client_of_server: GatewayClient,
    status: int,
    body: bytes,
    expected: type[GatewayError],
):
    server.token_responses = [(status, {"location": "http://127.0.0.1:1/"}, body)]

    assert type(error_of(list_orders, client_of_server)) is expected
    assert server.calls == []


@pytest.mark.parametrize("lifetime", [b"null", b'"900"', b"true", b"-1", b"1e400"])
def test_a_token_without_a_valid_lifetime_is_still_used(
    server: ScriptedServer, client_of_server: GatewayClient, lifetime: bytes
):
    server.respond_with(503, b"")
    server.token_responses = [(200, JSON, TOKEN.replace(b"900", lifetime))]

    error_of(list_orders, client_of_server)
    error_of(list_orders, client_of_server)

    assert len(server.calls) == 2
    assert len(server.token_calls) == 1


@pytest.mark.parametrize("order_id", ["", "..", "a/b", "a?b", "x" * 65, "a\n", "ñ"])
def test_an_id_that_could_change_the_path_is_not_sent(
    server: ScriptedServer, client_of_server: GatewayClient, order_id: str
):
    with pytest.raises(ValueError, match="Not an ad order id"):
        client_of_server.get_ad_order(order_id)

    assert server.requests == []
