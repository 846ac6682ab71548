"""What holds for every request: correlator, media type, size, JSON, paths, rate."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

from campaigns.gateway.conformance.contract_file import OPERATIONS
from campaigns.gateway.conformance.exchange import CheckSkipped, Exchange, require
from campaigns.gateway.conformance.gateway import CheckedGateway
from campaigns.gateway.contract import MAX_BODY_BYTES

MAX_BURST = 400
"""Requests that a check sends at once to reach the rate limit."""

_CORRELATOR = re.compile("[a-zA-Z0-9_:;./<>{}-]{1,256}")
NOT_JSON = (
    b"",
    b"[]",
    b"null",
    b'{"state": ',
    b"\xff\xfe{}",
    b'{"state": "ON", "state": "ON", "reason": ""}',
    b'{"state": "ON", "reason": NaN}',
)


def check_correlator_made(gateway: CheckedGateway) -> None:
    """A call without x-correlator, or with a malformed one, gets a new one."""
    received = []
    for sent in ("", "", "a b", "x" * 257):
        answer = gateway.call("getCapabilities", headers={"x-correlator": sent})
        received.append(answer.header("x-correlator"))
        require(_CORRELATOR.fullmatch(received[-1]), f"x-correlator is {received[-1]!r}")
        require(received[-1] != sent, "a malformed x-correlator came back")
    require(len(set(received)) == len(received), "two calls got the same new x-correlator")


def check_unknown_path(gateway: CheckedGateway) -> None:
    """A path outside the contract is answered 404 NOT_FOUND in the contract's error body."""
    answer = gateway.session.request("GET", "/conformance").expect(404, "NOT_FOUND")

    require(answer.get("status") == 404, "its member status is not 404")


def check_unknown_method(gateway: CheckedGateway) -> None:
    """A method that a path does not have is answered 405 METHOD_NOT_ALLOWED."""
    gateway.session.request("DELETE", "/ad-orders/conformance").expect(405, "METHOD_NOT_ALLOWED")


def check_media_type(gateway: CheckedGateway) -> None:
    """A body of another media type than application/json is answered 415."""
    for name, operation in OPERATIONS.items():
        if operation.has_body:
            answer = gateway.call_validly(name, headers={"content-type": "text/plain"})
            answer.expect(415, "UNSUPPORTED_MEDIA_TYPE")


def check_charset(gateway: CheckedGateway) -> None:
    """A charset parameter does not make it another media type."""
    headers = {"content-type": "application/json; charset=utf-8"}

    gateway.call_validly("setChannelState", headers=headers).expect(200)


def check_body_limit(gateway: CheckedGateway) -> None:
    """A body of 64 KiB is read, and one byte more is answered 413."""
    change = {"state": gateway.capabilities["channelState"], "reason": "conformance"}
    content = json.dumps(change).encode().ljust(MAX_BODY_BYTES)

    gateway.call("setChannelState", content=content).expect(200)
    for name, operation in OPERATIONS.items():
        if operation.has_body:
            answer = gateway.call_validly(name, content=content + b" ")
            answer.expect(413, "PAYLOAD_TOO_LARGE")


def check_strict_json(gateway: CheckedGateway) -> None:
    """A body that is no JSON object in UTF-8, or repeats a member, is answered 400."""
    for content in NOT_JSON:
        gateway.call("setChannelState", content=content).expect(400, "INVALID_ARGUMENT")


def check_rate_limit(gateway: CheckedGateway) -> None:
    """Faster calls than the limit are answered 429 with Retry-After, and are taken after it."""
    limits = gateway.capabilities["limits"]
    number = limits["burst"] + limits["requestsPerSecond"] + 5
    if number > MAX_BURST:
        raise CheckSkipped(f"the limit of {limits['requestsPerSecond']} a second is too high")

    def send(_: int) -> Exchange:
        return gateway.call("listAdOrders", query="?perPage=1", wait=False)

    gateway.session.token()
    with ThreadPoolExecutor(10) as pool:
        refused = [answer for answer in pool.map(send, range(number)) if answer.status == 429]
    require(refused, f"{number} requests at once were all taken")
    for answer in refused:
        answer.expect(429, "TOO_MANY_REQUESTS")
        require(answer.header("retry-after"), "there is no Retry-After")
    gateway.session.wait(min(float(refused[-1].header("retry-after")), 60.0))
    send(0).expect(200)
