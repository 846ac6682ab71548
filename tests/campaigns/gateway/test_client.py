"""Every meaning that a call can end with, over real HTTP."""

import base64
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from campaigns.gateway import access_token, failures
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import ChannelState, DesiredState, OrderState, Scope, Target
from campaigns.gateway.failures import GatewayError
from tests.campaigns.gateway.documents import document
from tests.processes import Sandbox

TOKEN = b'{"access_token": "t1", "token_type": "Bearer", "expires_in": 900}'
JSON = {"content-type": "application/json"}
HTML = b"<html><body>502 Bad Gateway</body></html>"


@dataclass
class Script:
    """A tiny server that answers as told: shapes that no sandbox of ours would give."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    token_answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    drip: float = 0.0
    together: threading.Barrier | None = None
    url: str = ""

    def say(self, status: int, body: bytes, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, body))

    @property
    def calls(self) -> list[tuple[str, str, dict[str, str], bytes]]:
        return [call for call in self.seen if call[1] != "/oauth2/token"]


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.seen.append((self.command, self.path, headers, body))
            answers = script.answers
            if self.path == "/oauth2/token":
                answers = script.token_answers
                if not answers:
                    answers = [(200, JSON, TOKEN)]
            status, named, content = answers.pop(0) if len(answers) > 1 else answers[0]
            if status == 401 and script.together and self.path != "/oauth2/token":
                script.together.wait(10)
            self.send_response_only(status)
            for name, value in {"content-length": str(len(content)), **named}.items():
                self.send_header(name, value)
            self.end_headers()
            if script.drip and self.path != "/oauth2/token":
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    time.sleep(script.drip)
            else:
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        script.url = f"http://127.0.0.1:{server.server_port}"
        yield script
        server.shutdown()
        thread.join()


@pytest.fixture
def scripted(script: Script) -> Iterator[GatewayClient]:
    with GatewayClient(
        script.url + "/base", script.url + "/oauth2/token", "id", "secret", timeout=2.0
    ) as client:
        yield client


def failure(call: Callable[[], Any]) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        call()
    return caught.value


# What the sandbox answers


def test_put_says_whether_the_order_is_new_and_what_is_held(client: GatewayClient):
    wanted = document()

    first = client.put_ad_order("o-1", wanted)
    again = client.put_ad_order("o-1", wanted)

    assert (first.status, first.created, again.status, again.created) == (201, True, 200, False)
    assert first.observed_generation == 1
    assert first.content_hash == wanted.content_hash
    assert first.state is OrderState.ACTIVE
    assert first.etag == again.etag != ""


def test_an_order_is_read_back_as_it_was_sent(client: GatewayClient, sandbox: Sandbox):
    wanted = document(target=Target(frozenset({"55", "33"})), priority=2)
    client.put_ad_order("o-1", wanted)
    sandbox.set_counts("o-1", inserted=9, delivered=5, failed=1, no_receipt=3)

    order = client.get_ad_order("o-1")

    assert order.document == wanted
    assert order.status.content_hash == wanted.content_hash
    status = order.status
    assert (status.inserted, status.delivered, status.failed, status.no_receipt) == (9, 5, 1, 3)


def test_a_wish_is_acknowledged_with_the_hash_that_the_portal_reckons(client: GatewayClient):
    wanted = document()
    client.put_ad_order("o-1", wanted)

    accepted = client.set_desired_state(
        "o-1", DesiredState.PAUSED, generation=2, reason="Pausó la marca"
    )

    paused = replace(wanted, generation=2, desired_state=DesiredState.PAUSED)
    assert accepted.content_hash == paused.content_hash
    assert (accepted.state, accepted.created) == (OrderState.PAUSED, False)
    assert client.get_ad_order("o-1").status.state_reason == "Pausó la marca"


def test_a_list_goes_through_all_pages(client: GatewayClient):
    names = [f"o-{number}" for number in range(7)]
    for name in names:
        client.put_ad_order(name, document())
    client.set_desired_state("o-3", DesiredState.PAUSED, generation=2, reason="")

    assert [status.order_id for status in client.list_ad_orders(per_page=3)] == names
    paused = client.list_ad_orders(state=OrderState.PAUSED)
    assert [status.order_id for status in paused] == ["o-3"]


def test_the_channel_is_stopped_and_started(client: GatewayClient):
    stopped = client.set_channel_state(ChannelState.OFF, reason="prueba")

    assert (stopped.state, stopped.reason) == (ChannelState.OFF, "prueba")
    assert abs(stopped.changed_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert client.get_capabilities().channel_state is ChannelState.OFF
    assert client.set_channel_state(ChannelState.ON, reason="").state is ChannelState.ON


def test_capabilities_are_typed(client: GatewayClient):
    offered = client.get_capabilities()

    assert (offered.max_ad_septets, offered.max_active_orders) == (110, 1_000)
    assert "55" in offered.ladas
    assert "ADULTS_ONLY" in offered.audience_restrictions
    assert abs(offered.clock - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_test_delivery_is_one_for_each_key(client: GatewayClient):
    sent = {"ad_text": "Hola", "handset": "equipo-1"}

    first = client.create_test_delivery(**sent, idempotency_key="k1")

    assert client.create_test_delivery(**sent, idempotency_key="k1") == first
    assert (first.handset, first.septets) == ("equipo-1", 4)


def test_the_gateways_refusals_have_each_their_class(client: GatewayClient, sandbox: Sandbox):
    client.put_ad_order("o-1", document(generation=5))
    newer = document(generation=6)
    cases = {
        failures.StaleGeneration: lambda: client.put_ad_order("o-1", document(generation=4)),
        failures.GenerationConflict: lambda: client.put_ad_order(
            "o-1", document(generation=5, priority=1)
        ),
        failures.IncompatibleState: lambda: client.put_ad_order(
            "o-1", document(generation=6, text="Otra cosa")
        ),
        failures.PreconditionFailed: lambda: client.put_ad_order("o-1", newer, if_match='"x"'),
        failures.NotFound: lambda: client.get_ad_order("o-2"),
        failures.Refused: lambda: client.put_ad_order("o-2", document(text="Café")),
    }
    before = sandbox.ledger()

    caught = {kind: failure(call) for kind, call in cases.items()}

    assert {kind: type(error) for kind, error in caught.items()} == {kind: kind for kind in cases}
    assert not any(error.heals for error in caught.values())
    refused = caught[failures.Refused]
    assert (refused.status, refused.code) == (422, "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE")
    assert "4" in refused.message
    assert sandbox.ledger() == before


def test_a_token_of_other_scopes_is_forbidden(sandbox: Sandbox):
    with sandbox.client(scopes=[Scope.READ_ORDERS]) as reader:
        reader.get_capabilities()

        error = failure(lambda: reader.put_ad_order("o-1", document()))

    assert (type(error), error.code) == (failures.Forbidden, "PERMISSION_DENIED")
    assert sandbox.ledger() == []


@pytest.mark.parametrize(
    ("kind", "options", "expected", "status"),
    [
        ("drop_before_commit", {}, failures.NoAnswer, None),
        ("drop_after_commit", {}, failures.NoAnswer, None),
        ("connection_reset", {}, failures.NoAnswer, None),
        ("truncated_body", {}, failures.NoAnswer, None),
        ("status", {"status": 408}, failures.Unavailable, 408),
        ("status", {"status": 500}, failures.Unavailable, 500),
        ("status", {"status": 502}, failures.Unavailable, 502),
        ("status", {"status": 503}, failures.Unavailable, 503),
        ("status", {"status": 504}, failures.Unavailable, 504),
        ("status", {"status": 599}, failures.Unavailable, 599),
        ("status", {"status": 409}, failures.Aborted, 409),
        ("too_many_requests", {"retry_after": 7}, failures.TooManyRequests, 429),
        ("status", {"status": 429, "code": "QUOTA_EXCEEDED"}, failures.QuotaExceeded, 429),
    ],
)
def test_what_may_heal_says_so_and_heals(
    client: GatewayClient,
    sandbox: Sandbox,
    kind: str,
    options: dict[str, Any],
    expected: type[GatewayError],
    status: int | None,
):
    sandbox.inject_fault(kind, times=1, operation="putAdOrder", **options)

    error = failure(lambda: client.put_ad_order("o-1", document(), correlator="call-1"))

    assert type(error) is expected
    assert (error.heals, error.status, error.correlator) == (True, status, "call-1")
    assert error.retry_after == options.get("retry_after")
    done = kind in {"drop_after_commit", "truncated_body"}
    assert len(sandbox.ledger("o-1")) == int(done)
    assert client.put_ad_order("o-1", document()).created is not done
    assert len(sandbox.ledger("o-1")) == 1


def test_an_answer_that_comes_too_late_is_no_answer(sandbox: Sandbox):
    with sandbox.client(timeout=httpx.Timeout(5.0, read=0.25)) as client:
        client.get_capabilities()
        sandbox.inject_fault("latency", milliseconds=600, times=1)

        error = failure(client.get_capabilities)

        assert (type(error), error.status) == (failures.NoAnswer, None)
        assert client.get_capabilities().max_ad_septets == 110


def test_a_gateway_that_is_not_there_is_no_answer():
    with GatewayClient("http://127.0.0.1:1/b", "http://127.0.0.1:1/t", "id", "secret") as client:
        assert type(failure(client.get_capabilities)) is failures.NoAnswer


def test_an_expired_token_is_replaced_once_and_the_call_done(
    client: GatewayClient, sandbox: Sandbox
):
    client.get_capabilities()
    sandbox.inject_fault("expire_tokens", times=1)

    assert client.put_ad_order("o-1", document()).created
    assert len(sandbox.ledger("o-1")) == 1


def test_a_fresh_token_that_is_refused_too_is_the_end(client: GatewayClient, sandbox: Sandbox):
    client.get_capabilities()
    sandbox.inject_fault("expire_tokens", times=3)

    error = failure(lambda: client.put_ad_order("o-1", document()))

    assert (type(error), error.status, error.heals) == (failures.Unauthenticated, 401, False)
    [left] = sandbox.control_request("GET", "/faults")
    assert left["times"] == 1, "two calls are made, neither one nor three"
    assert sandbox.ledger() == []


@pytest.mark.parametrize(
    ("client_id", "client_secret"),
    [("portal", "wrong"), ("wrong", "not a real secret"), ("", "")],
)
def test_wrong_credentials_do_not_heal(sandbox: Sandbox, client_id: str, client_secret: str):
    with GatewayClient(sandbox.url, sandbox.token_url, client_id, client_secret) as client:
        error = failure(client.get_capabilities)

    assert (type(error), error.code) == (failures.Unauthenticated, "invalid_client")
    assert "not a real secret" not in str(error)


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("status", {"status": 503}, failures.Unavailable),
        ("connection_reset", {}, failures.NoAnswer),
        ("truncated_body", {}, failures.NoAnswer),
        ("too_many_requests", {"retry_after": 3}, failures.TooManyRequests),
    ],
)
def test_trouble_at_the_token_endpoint_heals(
    sandbox: Sandbox, kind: str, options: dict[str, Any], expected: type[GatewayError]
):
    sandbox.inject_fault(kind, times=1, operation="token", **options)
    with sandbox.client() as client:
        error = failure(client.get_capabilities)

        assert type(error) is expected
        assert error.heals
        assert client.get_capabilities().max_ad_septets == 110


# What only a stranger answers


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (502, HTML, failures.Unavailable),
        (503, b"", failures.Unavailable),
        (500, b"[" * 100_000, failures.Unavailable),
        (408, HTML, failures.Unavailable),
        (429, HTML, failures.TooManyRequests),
        (404, HTML, failures.Refused),
        (404, b'{"status": 404, "code": "NOT_FOUND", "message": "x"}', failures.Refused),
        (409, HTML, failures.Refused),
        (409, b'{"status": 409, "code": "NEW_CODE", "message": "x"}', failures.Refused),
        (409, b'{"status": 200, "code": "ABORTED", "message": "x"}', failures.Refused),
        (400, b'{"status": 400, "code": ["x"], "message": 1}', failures.Refused),
        (401, HTML, failures.Unauthenticated),
        (403, HTML, failures.Forbidden),
        (412, HTML, failures.PreconditionFailed),
        (413, HTML, failures.Refused),
        (418, b"[1, 2]", failures.Refused),
        (302, b"", failures.Refused),
        (200, HTML, failures.NoAnswer),
        (200, b"", failures.NoAnswer),
        (200, b"[]", failures.NoAnswer),
        (200, b"{}", failures.NoAnswer),
        (200, b"\xff\xfe", failures.NoAnswer),
        (200, b"[" * 100_000, failures.NoAnswer),
        (204, b"", failures.NoAnswer),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_answer_of_another_shape_is_put_in_its_class(
    script: Script,
    scripted: GatewayClient,
    status: int,
    body: bytes,
    expected: type[GatewayError],
):
    script.say(status, body, location="http://127.0.0.1:1/elsewhere")

    error = failure(lambda: scripted.put_ad_order("o-1", document()))

    assert (type(error), error.status) == (expected, status)
    assert error.heals is (expected in {failures.Unavailable, failures.NoAnswer}) or status == 429
    assert "<html>" not in str(error)


def test_a_redirect_is_not_followed(script: Script, scripted: GatewayClient):
    script.say(307, b"", location=script.url + "/base/elsewhere")

    assert type(failure(scripted.get_capabilities)) is failures.Refused
    assert [call[1] for call in script.calls] == ["/base/capabilities"]


def test_an_answer_about_another_order_is_not_taken(
    script: Script, client: GatewayClient, sandbox: Sandbox, scripted: GatewayClient
):
    client.put_ad_order("o-1", document())
    with httpx.Client(trust_env=False) as http:
        form = {"grant_type": "client_credentials"}
        auth = (sandbox.client_id, sandbox.client_secret)
        token = http.post(sandbox.token_url, data=form, auth=auth).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        stored = http.get(sandbox.url + "/ad-orders/o-1", headers=bearer).content
    script.say(200, stored)

    assert scripted.get_ad_order("o-1").status.order_id == "o-1"
    assert type(failure(lambda: scripted.get_ad_order("o-2"))) is failures.NoAnswer


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "0"}, 0.0),
        ({"retry_after": "120"}, 120.0),
        ({"retry_after": "999999999"}, failures.MAX_RETRY_AFTER),
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
            failures.MAX_RETRY_AFTER,
        ),
        ({"retry_after": "Sun, 99 Nov 2026 10:00:00 GMT"}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_in_both_of_its_forms(
    script: Script,
    scripted: GatewayClient,
    headers: dict[str, str],
    seconds: float | None,
    status: int,
):
    script.say(status, b"{}", **headers)

    assert failure(scripted.get_capabilities).retry_after == seconds


def test_a_retry_date_without_a_date_beside_it_is_taken_by_our_own_clock(
    script: Script, scripted: GatewayClient
):
    later = datetime.now(UTC) + timedelta(seconds=60)
    script.say(503, HTML, retry_after=format_datetime(later, usegmt=True))

    waited = failure(scripted.get_capabilities).retry_after

    assert waited is not None
    assert 55 <= waited <= 60


def test_an_answer_that_only_drips_is_given_up(script: Script):
    script.drip = 0.02
    script.say(200, b" " * 200)
    started = time.monotonic()
    with GatewayClient(
        script.url, script.url + "/oauth2/token", "id", "secret", timeout=1.0, deadline=0.2
    ) as client:
        error = failure(client.get_capabilities)

    assert type(error) is failures.NoAnswer
    assert time.monotonic() - started < 2


def test_an_answer_without_end_is_given_up(script: Script, scripted: GatewayClient):
    script.say(200, b" " * (5 * 1024 * 1024))

    error = failure(scripted.get_capabilities)

    assert (type(error), error.message) == (failures.NoAnswer, "The answer is too large")


def test_each_call_carries_a_correlator_of_its_own_or_the_one_given(
    script: Script, scripted: GatewayClient
):
    script.say(503, b"")
    first = failure(scripted.get_capabilities)
    second = failure(scripted.get_capabilities)
    third = failure(lambda: scripted.get_capabilities(correlator="mine"))

    sent = [call[2]["x-correlator"] for call in script.calls]
    assert sent == [first.correlator, second.correlator, "mine"]
    assert len(set(sent)) == 3
    assert third.correlator == "mine"


def test_the_environment_adds_nothing_to_a_call(script: Script, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    script.say(503, b"")

    with GatewayClient(script.url, script.url + "/oauth2/token", "id", "secret") as client:
        assert type(failure(client.get_capabilities)) is failures.Unavailable


# Tokens


def token_calls(script: Script) -> Sequence[tuple[str, str, dict[str, str], bytes]]:
    return [call for call in script.seen if call[1] == "/oauth2/token"]


def test_credentials_are_form_encoded_before_they_are_joined(script: Script):
    script.say(503, b"")
    with GatewayClient(
        script.url, script.url + "/oauth2/token", "a:b", "c d%é", scopes=[Scope.READ_ORDERS]
    ) as client:
        failure(client.get_capabilities)

    [(_, _, headers, body)] = token_calls(script)
    pair = base64.b64encode(b"a%3Ab:c+d%25%C3%A9").decode()
    assert headers["authorization"] == f"Basic {pair}"
    assert body == b"grant_type=client_credentials&scope=missed-call-ads%3Aad-orders%3Aread"
    assert script.calls[0][2]["authorization"] == "Bearer t1"


def test_credentials_with_signs_are_understood(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("signs")
    with (
        Sandbox(folder, client_id="a:b", client_secret="c d%é+/=") as sandbox,
        sandbox.client() as client,
    ):
        assert client.get_capabilities().max_ad_septets == 110


def test_a_token_is_used_again_until_shortly_before_its_end(
    script: Script, scripted: GatewayClient, monkeypatch: pytest.MonkeyPatch
):
    now = 1_000.0
    monkeypatch.setattr(access_token, "time", SimpleNamespace(monotonic=lambda: now))
    script.say(503, b"")
    script.token_answers = [
        (200, JSON, TOKEN.replace(b"900", b"100").replace(b"t1", b"short")),
        (200, JSON, TOKEN.replace(b"t1", b"long")),
        (200, JSON, TOKEN),
    ]
    # A tenth of its 100 s is the margin of the first, 30 s that of the second.
    for now in (1_000.0, 1_089.9, 1_090.0, 1_959.9, 1_960.0):  # noqa: B007
        failure(scripted.get_capabilities)

    used = [call[2]["authorization"].removeprefix("Bearer ") for call in script.calls]
    assert used == ["short", "short", "long", "long", "t1"]
    assert len(token_calls(script)) == 3


def test_threads_that_start_together_share_one_token(script: Script, scripted: GatewayClient):
    script.say(503, b"")
    together = threading.Barrier(8)

    def call() -> None:
        together.wait(5)
        failure(scripted.get_capabilities)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(call) for _ in range(8)]:
            done.result()

    assert len(script.calls) == 8
    assert len(token_calls(script)) == 1


def test_threads_that_are_refused_together_fetch_one_new_token(
    script: Script, scripted: GatewayClient
):
    script.say(503, b"")
    failure(scripted.get_capabilities)
    script.answers[:] = [(401, {}, b"")] * 8 + [(503, {}, b"")]
    script.token_answers = [(200, JSON, TOKEN.replace(b"t1", b"t2"))]
    script.together = threading.Barrier(8)

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(failure, scripted.get_capabilities) for _ in range(8)]
        kinds = {type(call.result()) for call in calls}

    assert kinds == {failures.Unavailable}
    assert len(token_calls(script)) == 2
    used = [call[2]["authorization"] for call in script.calls]
    assert used == ["Bearer t1"] * 9 + ["Bearer t2"] * 8


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"{}", failures.NoAnswer),
        (200, HTML, failures.NoAnswer),
        (200, b'{"access_token": "a b", "token_type": "Bearer"}', failures.NoAnswer),
        (200, b'{"access_token": "a\\r\\nx: y", "token_type": "Bearer"}', failures.NoAnswer),
        (200, b'{"access_token": "a", "token_type": "mac"}', failures.NoAnswer),
        (400, b'{"error": "invalid_scope"}', failures.Forbidden),
        (400, b'{"error": "invalid_client"}', failures.Unauthenticated),
        (401, HTML, failures.Unauthenticated),
        (404, HTML, failures.Refused),
        (302, b"", failures.Refused),
        (502, HTML, failures.Unavailable),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_token_endpoint_of_another_shape_is_put_in_its_class(
    script: Script,
    scripted: GatewayClient,
    status: int,
    body: bytes,
    expected: type[GatewayError],
):
    script.token_answers = [(status, {"location": "http://127.0.0.1:1/"}, body)]

    assert type(failure(scripted.get_capabilities)) is expected
    assert script.calls == []


@pytest.mark.parametrize("life", [b"null", b'"900"', b"true", b"-1", b"1e400"])
def test_a_token_without_a_readable_life_is_still_used(
    script: Script, scripted: GatewayClient, life: bytes
):
    script.say(503, b"")
    script.token_answers = [(200, JSON, TOKEN.replace(b"900", life))]

    failure(scripted.get_capabilities)
    failure(scripted.get_capabilities)

    assert len(script.calls) == 2
    assert len(token_calls(script)) == 1


@pytest.mark.parametrize("order_id", ["", "..", "a/b", "a?b", "x" * 65, "a\n", "ñ"])
def test_an_id_that_could_be_another_path_is_not_sent(
    script: Script, scripted: GatewayClient, order_id: str
):
    with pytest.raises(ValueError, match="Not an ad order id"):
        scripted.get_ad_order(order_id)

    assert script.seen == []
