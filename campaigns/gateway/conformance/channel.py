"""Capabilities, the state of the channel, and test deliveries."""

from typing import Any
from uuid import uuid4

from campaigns.gateway.conformance.exchange import CheckSkipped, require
from campaigns.gateway.conformance.gateway import TEXT, CheckedGateway
from campaigns.gateway.contract import ALPHABET, MAX_BODY_BYTES, NOTIFICATION_SEPTETS


def check_capabilities(gateway: CheckedGateway) -> None:
    """The longest notification, a space and the longest ad fit in 160 septets."""
    has = gateway.call("getCapabilities").expect(200).data

    septets = has["baseTextSeptets"] + 1 + has["maxAdSeptets"]
    require(septets <= NOTIFICATION_SEPTETS, f"they take {septets} septets")
    require(set(has["alphabet"]) == set(ALPHABET), f"the alphabet is {has['alphabet']!r}")
    require(has["ladas"], "there are no LADAs")
    limit = has["limits"]["maxBodyBytes"]
    require(limit == MAX_BODY_BYTES, f"maxBodyBytes is {limit}")


def _switch(gateway: CheckedGateway, state: str, reason: str = "conformance") -> dict[str, Any]:
    change = {"state": state, "reason": reason}
    return dict(gateway.call("setChannelState", json_body=change).expect(200).data)


def check_same_channel_state(gateway: CheckedGateway) -> None:
    """Asking for the channel's state that already is changes nothing."""
    state = gateway.call("getCapabilities").expect(200).get("channelState")
    first, again = _switch(gateway, state), _switch(gateway, state, "conformance again")

    require(first == again, "changedAt or reason has changed")
    require(first["state"] == state, f"state is {first['state']} and not {state}")


def check_channel_stop(gateway: CheckedGateway) -> None:
    """OFF stops the channel and ON starts it; getCapabilities says which, no order changes."""
    if not gateway.may_stop_channel:
        raise CheckSkipped("it stops the whole channel: --stop-channel allows it")
    order_id, _ = gateway.put_new(starts_in=0)
    before = gateway.capabilities["channelState"]
    try:
        for state in ("OFF", "ON"):
            _switch(gateway, state)
            received = gateway.call("getCapabilities").expect(200).get("channelState")
            require(received == state, f"channelState is {received} and not {state}")
            require(gateway.held(order_id)["state"] == "ACTIVE", "the state of an order changed")
    finally:
        _switch(gateway, before)


def check_channel_refusals(gateway: CheckedGateway) -> None:
    """Another state is answered 400 INVALID_ARGUMENT, a longer reason 400 OUT_OF_RANGE."""
    for change, code in (
        ({"state": "MAYBE", "reason": ""}, "INVALID_ARGUMENT"),
        ({"state": "ON"}, "INVALID_ARGUMENT"),
        ({"state": "ON", "reason": "x" * 201}, "OUT_OF_RANGE"),
        ({"state": "ON", "reason": "", "conformance": 1}, "INVALID_ARGUMENT"),
    ):
        gateway.call("setChannelState", json_body=change).expect(400, code)


def check_test_delivery(gateway: CheckedGateway) -> None:
    """The same Idempotency-Key with the same body is one delivery; with another it is refused."""
    handsets = gateway.capabilities["testHandsets"]
    if not handsets:
        raise CheckSkipped("the gateway has no test handset")
    key = uuid4().hex
    first = gateway.test_delivery(key).expect(202)

    septets = first.get("adTextSeptets")
    require(septets == len(TEXT), f"adTextSeptets is {septets} and not {len(TEXT)}")
    require(gateway.test_delivery(key).expect(202).data == first.data, "a repeat is another")
    other = {"adText": "Otra prueba", "testHandset": handsets[0]}
    gateway.test_delivery(key, json_body=other).expect(400, "INVALID_ARGUMENT")


def check_test_delivery_refusals(gateway: CheckedGateway) -> None:
    """A test delivery needs a key, a handset of the list and a text that can be carried."""
    handset = (gateway.capabilities["testHandsets"] or ["conformance"])[0]
    most = gateway.capabilities["maxAdSeptets"]

    def refuse(status: int, code: str, *, key: str = "", text: str = TEXT, to: str = "") -> None:
        body = {"adText": text, "testHandset": to or handset}
        gateway.test_delivery(key, json_body=body).expect(status, code)

    refuse(400, "INVALID_ARGUMENT")
    refuse(400, "INVALID_ARGUMENT", key="with space")
    refuse(400, "INVALID_ARGUMENT", key=uuid4().hex, to="5512345678")
    refuse(400, "INVALID_ARGUMENT", key=uuid4().hex, to="conformance-unknown")
    refuse(400, "OUT_OF_RANGE", key=uuid4().hex, text="")
    refuse(422, "MISSED_CALL_ADS.TEXT_NOT_ENCODABLE", key=uuid4().hex, text="Café")
    refuse(422, "MISSED_CALL_ADS.TEXT_TOO_LONG", key=uuid4().hex, text="x" * (most + 1))
