"""The events that the gateway pushes, where it is configured to push to this run's sink."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from campaigns.gateway.conformance.event_sink import EventSink, PushedRequest
from campaigns.gateway.conformance.exchange import CheckFailed, CheckSkipped, require
from campaigns.gateway.conformance.gateway import CheckedGateway
from campaigns.gateway.conformance.received_event import event_errors
from campaigns.gateway.events import HEARTBEAT_TYPE, MAX_EVENT_BYTES, MEDIA_TYPE, Stream

ARRIVES_WITHIN = 30.0
"""Seconds until a change of state is pushed."""

AGAIN_WITHIN = 90.0
"""Seconds until an event that was answered 503 is pushed again."""

HEARTBEAT_WITHIN = 65.0
"""Seconds until the first heartbeat."""

COMPARED = 5
"""Events that are compared with those of listReports."""


def _sink(gateway: CheckedGateway) -> EventSink:
    if gateway.sink is None:
        raise CheckSkipped("--sink-port is not given")
    return gateway.sink


def _wait_for(
    gateway: CheckedGateway, condition: Callable[[PushedRequest], bool], *, within: float
) -> PushedRequest | None:
    """Return the first request that meets a condition, or None after `within` seconds."""
    waited = 0.0
    while True:
        for request in _sink(gateway).requests:
            if condition(request):
                return request
        if waited >= within:
            return None
        gateway.session.wait(0.25)
        waited += 0.25


def _arrived(gateway: CheckedGateway) -> list[PushedRequest]:
    requests = _sink(gateway).requests
    if not requests:
        raise CheckSkipped("nothing was pushed")
    return requests


def check_arrives(gateway: CheckedGateway) -> None:
    """A change of state is pushed at once."""
    _sink(gateway)
    order_id, _ = gateway.put_new()
    gateway.set_state(order_id, "CANCELLED", 2).expect(200)

    def is_change(request: PushedRequest) -> bool:
        data: Any = request.event.get("data")
        return isinstance(data, dict) and data.get("adOrderId") == order_id

    found = _wait_for(gateway, is_change, within=ARRIVES_WITHIN)
    require(found, f"no event of {order_id} within {ARRIVES_WITHIN:.0f} s")


def check_again(gateway: CheckedGateway) -> None:
    """An event that is not answered 2xx is pushed again, as it was."""
    refused = [request for request in _arrived(gateway) if request.status == 503]
    if not refused:
        raise CheckSkipped("no event of a stream was pushed")
    [first] = refused

    def is_again(request: PushedRequest) -> bool:
        return request is not first and request.event.get("id") == first.event.get("id")

    again = _wait_for(gateway, is_again, within=AGAIN_WITHIN)
    if again is None:
        message = f"{first.event.get('id')} was not pushed again within {AGAIN_WITHIN:.0f} s"
        raise CheckFailed(message)
    require(again.body == first.body, "it was another when it was pushed again")


def check_heartbeat(gateway: CheckedGateway) -> None:
    """A heartbeat is pushed every 60 s."""
    _arrived(gateway)

    def is_heartbeat(request: PushedRequest) -> bool:
        return bool(request.event.get("type") == HEARTBEAT_TYPE)

    found = _wait_for(gateway, is_heartbeat, within=HEARTBEAT_WITHIN)
    require(found, f"there was none within {HEARTBEAT_WITHIN:.0f} s")


def check_signed(gateway: CheckedGateway) -> None:
    """Every request is signed as Standard Webhooks, and not older than 300 s."""
    arrived = _arrived(gateway)
    if not gateway.event_secrets:
        raise CheckSkipped("no secret is given")
    for request in arrived:
        errors = [_signature_error(secret, request) for secret in gateway.event_secrets]
        require("" in errors, f"{request.event.get('id')}: {errors[0]}")


def _signature_error(secret: str, request: PushedRequest) -> str:
    try:
        Webhook(secret).verify(request.body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def check_valid(gateway: CheckedGateway) -> None:
    """Every request is one event of at most 64 KiB, with its id as webhook-id."""
    for request in _arrived(gateway):
        event = request.event
        where = str(event.get("id"))
        media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
        require(media_type == MEDIA_TYPE, f"{where}: its media type is {media_type or 'missing'}")
        require(len(request.body) <= MAX_EVENT_BYTES, f"{where}: it has {len(request.body)} bytes")
        errors = event_errors(event)
        require(not errors, f"{where}: {'; '.join(errors)}")
        sent = request.headers.get("webhook-id")
        require(sent == event["id"], f"{where}: webhook-id is {sent}")


def check_gapless(gateway: CheckedGateway) -> None:
    """The sequences of the events of a stream have no gap, in whatever order they arrive."""
    sequences: dict[str, set[int]] = defaultdict(set)
    for request in _arrived(gateway):
        if "stream" in request.event:
            sequences[request.event["stream"]].add(request.event["sequence"])
    for stream, numbers in sequences.items():
        missing = sorted(set(range(min(numbers), max(numbers))) - numbers)
        require(not missing, f"{stream}: {missing[:10]} were not pushed")


def check_as_listed(gateway: CheckedGateway) -> None:
    """A pushed event is the same in listReports."""
    streams = {stream.value for stream in Stream}
    pushed = [r.event for r in _arrived(gateway) if r.event.get("stream") in streams]
    for event in pushed[:COMPARED]:
        after = event["sequence"] - 1
        query = f"?stream={event['stream']}&sequence.gt={after}&perPage=1"
        items = gateway.call("listReports", query=query).expect(200).data["items"]
        require(items == [event], f"listReports has another event for {event['id']}")
