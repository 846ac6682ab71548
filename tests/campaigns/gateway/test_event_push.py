"""Pushed events: signed, repeated until they are accepted, and with the faults that are on."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from campaigns.gateway.client import GatewayClient
from campaigns.gateway.events import HEARTBEAT_TYPE, MAX_EVENT_BYTES, MEDIA_TYPE, Stream
from tests.campaigns.gateway.conformance import ConformanceClient
from tests.campaigns.gateway.documents import ad_order_json
from tests.campaigns.gateway.reports import list_events, set_to_midnight
from tests.processes import EVENT_SECRET, DidNotStart, Sandbox, wait_until
from tests.sinks import ReceivedRequest, Sink


@pytest.fixture(scope="module")
def pushing_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Sink]]:
    sink = Sink()
    folder = tmp_path_factory.mktemp("pushing-gateway")
    with Sandbox(folder, events_url=sink.url) as sandbox:
        yield sandbox, sink
    sink.stop()


@pytest.fixture
def gateway(pushing_process: tuple[Sandbox, Sink]) -> Sandbox:
    """A sandbox that pushes to `sink`, as new."""
    sandbox, sink = pushing_process
    sandbox.reset()
    time.sleep(0.1)  # a push that is under way ends
    sink.requests.clear()
    sink.status = 204
    return sandbox


@pytest.fixture
def sink(gateway: Sandbox, pushing_process: tuple[Sandbox, Sink]) -> Sink:
    return pushing_process[1]


@pytest.fixture
def orders(gateway: Sandbox) -> Iterator[GatewayClient]:
    with gateway.client() as client:
        yield client


@pytest.fixture
def api(gateway: Sandbox) -> Iterator[ConformanceClient]:
    client = ConformanceClient(gateway)
    yield client
    client.http.close()


def put(client: GatewayClient, *numbers: int) -> None:
    """Put new orders; each makes one event."""
    for number in numbers:
        client.put_ad_order(f"o-{number}", ad_order_json())


def inject(gateway: Sandbox, client: GatewayClient, kind: str, **options: int) -> None:
    """Switch a fault on for the event of the first order, and put that and another one."""
    gateway.inject_fault(kind, operation="events", times=1, **options)
    put(client, 1)
    wait_until(lambda: gateway.control_request("GET", "/faults") == [])
    put(client, 2)
    gateway.wait_until_pushed()


def ids(sink: Sink) -> list[str]:
    return [request.headers["webhook-id"] for request in sink.requests]


def is_accepted(request: ReceivedRequest) -> bool:
    try:
        Webhook(EVENT_SECRET).verify(request.body, request.headers)
    except WebhookVerificationError:
        return False
    return True


def answer_as_portal(request: ReceivedRequest) -> int:
    return 204 if is_accepted(request) else 401


def test_events_are_pushed_signed_one_a_request(
    gateway: Sandbox, sink: Sink, orders: GatewayClient
):
    put(orders, 1, 2)
    gateway.wait_until_pushed()

    assert ids(sink) == ["ad-order-state-changed-1", "ad-order-state-changed-2"]
    for number, request in enumerate(sink.requests, start=1):
        event = Webhook(EVENT_SECRET).verify(request.body, request.headers)
        assert request.headers["content-type"] == MEDIA_TYPE
        assert (event["id"], event["sequence"]) == (request.headers["webhook-id"], number)
        assert event["data"]["adOrderId"] == f"o-{number}"


def test_all_events_of_an_advance_are_pushed_and_a_heartbeat_after_it(
    gateway: Sandbox, sink: Sink, orders: GatewayClient
):
    midnight = set_to_midnight(gateway)
    gateway.set_traffic(2_000_000)
    orders.put_ad_order("o-1", ad_order_json(starts_in=1, total=900_000))

    gateway.advance(midnight + timedelta(hours=10))
    gateway.wait_until_pushed()
    wait_until(lambda: any(name.startswith("heartbeat") for name in ids(sink)))

    pushed = Counter(name.rsplit("-", 1)[0] for name in ids(sink) if "heartbeat" not in name)
    streams = gateway.events()["streams"]
    assert pushed == {name: last for name, last in streams.items() if last}
    assert set(pushed) == {stream.value for stream in Stream}
    assert all(is_accepted(request) for request in sink.requests)
    assert 40_000 < max(len(request.body) for request in sink.requests) <= MAX_EVENT_BYTES
    [heartbeat] = [json.loads(r.body) for r in sink.requests if b"heartbeat" in r.body]
    assert heartbeat["type"] == HEARTBEAT_TYPE
    assert not {"stream", "sequence"} & set(heartbeat)
    heads = {head["stream"]: head["lastSequence"] for head in heartbeat["data"]["streams"]}
    assert heads == streams


def test_a_push_that_is_not_accepted_is_repeated_until_it_is(
    gateway: Sandbox, sink: Sink, orders: GatewayClient
):
    sink.status = lambda request: 503 if len(sink.requests) < 3 else 204
    put(orders, 1)
    gateway.wait_until_pushed()

    assert ids(sink) == ["ad-order-state-changed-1"] * 3
    assert len({request.body for request in sink.requests}) == 1


def test_what_was_not_pushed_is_pushed_after_a_restart(
    gateway: Sandbox, sink: Sink, orders: GatewayClient
):
    sink.status = 500
    put(orders, 1)
    wait_until(lambda: len(sink.requests) > 0)
    assert gateway.events()["pending"] == 1
    gateway.kill()
    sink.status = 204
    sink.requests.clear()
    gateway.start()
    gateway.wait_until_pushed()

    assert ids(sink) == ["ad-order-state-changed-1"]


def test_a_duplicate_event_is_pushed_twice(gateway: Sandbox, sink: Sink, orders: GatewayClient):
    inject(gateway, orders, "duplicate_event")

    assert Counter(ids(sink)) == {
        "ad-order-state-changed-1": 2,
        "ad-order-state-changed-2": 1,
    }


def test_a_reordered_event_comes_after_the_next(
    gateway: Sandbox, sink: Sink, orders: GatewayClient
):
    inject(gateway, orders, "reorder_events", milliseconds=1_500)

    assert ids(sink) == ["ad-order-state-changed-2", "ad-order-state-changed-1"]


def test_a_lost_event_is_only_in_the_list(
    gateway: Sandbox, sink: Sink, orders: GatewayClient, api: ConformanceClient
):
    inject(gateway, orders, "lose_event")

    listed = list_events(api, Stream.STATE_CHANGES)
    assert ids(sink) == ["ad-order-state-changed-2"]
    assert [event["sequence"] for event in listed] == [1, 2]


def test_a_hole_is_in_neither(
    gateway: Sandbox, sink: Sink, orders: GatewayClient, api: ConformanceClient
):
    put(orders, 1)
    gateway.inject_fault("hole", operation="events", times=1)
    put(orders, 2)
    gateway.wait_until_pushed()

    listed = list_events(api, Stream.STATE_CHANGES)
    assert ids(sink) == ["ad-order-state-changed-1", "ad-order-state-changed-3"]
    assert [event["sequence"] for event in listed] == [1, 3]


def test_a_stale_event_is_signed_first_with_an_old_time(
    gateway: Sandbox, sink: Sink, orders: GatewayClient
):
    sink.status = answer_as_portal
    gateway.inject_fault("stale_event", operation="events", times=1)
    put(orders, 1)
    gateway.wait_until_pushed()

    assert [is_accepted(request) for request in sink.requests] == [False, True]


def test_a_skewed_clock_signs_with_a_wrong_time(
    gateway: Sandbox, sink: Sink, orders: GatewayClient
):
    sink.status = answer_as_portal
    gateway.inject_fault("clock_skew", operation="events", times=1, milliseconds=400_000)
    put(orders, 1)
    gateway.wait_until_pushed()

    assert [is_accepted(request) for request in sink.requests] == [False, True]


@pytest.mark.parametrize(
    ("kind", "pushes"),
    [("drop_before_commit", 1), ("connection_reset", 1), ("drop_after_commit", 2)],
)
def test_a_push_that_fails_is_made_again(
    gateway: Sandbox, sink: Sink, orders: GatewayClient, kind: str, pushes: int
):
    gateway.inject_fault(kind, operation="events", times=1)
    put(orders, 1)
    gateway.wait_until_pushed()

    assert ids(sink) == ["ad-order-state-changed-1"] * pushes
    assert gateway.control_request("GET", "/faults") == []


def test_it_does_not_start_with_an_address_and_no_secret(tmp_path):
    sandbox = Sandbox(tmp_path, events_url="http://127.0.0.1:9/", event_secret="")

    with pytest.raises(DidNotStart, match="GATEWAY_EVENT_SECRET"):
        sandbox.start()
