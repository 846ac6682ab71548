"""Writing is level-triggered: repeats, conflicts, stale generations, ETags."""

from collections.abc import Iterator
from contextlib import contextmanager

from campaigns.gateway.conformance.exchange import require
from campaigns.gateway.conformance.gateway import CheckedGateway

LARGE = 2**53 + 1  # a float cannot hold it
NO_ORDER = "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND"
CONFLICT = "MISSED_CALL_ADS.GENERATION_CONFLICT"
STALE = "MISSED_CALL_ADS.STALE_GENERATION"


@contextmanager
def unchanged(gateway: CheckedGateway, order_id: str) -> Iterator[None]:
    """Raise CheckFailed if the order is another afterwards."""
    before = gateway.held(order_id)
    yield
    require(gateway.held(order_id) == before, "what was refused changed the order")


def check_created(gateway: CheckedGateway) -> None:
    """A new order is answered 201 with its Location and counts of 0."""
    order_id = gateway.new_id()
    answer = gateway.put(order_id, gateway.document()).expect(201)

    location = answer.header("location")
    require(location.endswith(f"/ad-orders/{order_id}"), f"Location is {location or 'missing'}")
    counts = [answer.get(name) for name in ("inserted", "delivered", "failed", "noReceipt")]
    # A string is a matter of the schema, which every response is compared with.
    require(all(str(count) == "0" for count in counts), f"its counts are {counts}")
    require(answer.get("adOrderId") == order_id, "adOrderId is not the id of the path")


def check_repeat(gateway: CheckedGateway) -> None:
    """The same generation with the same content is answered 200, and nothing is done again."""
    order_id, document = gateway.put_new()
    before = gateway.call("getAdOrder", order_id=order_id)
    turned = dict(reversed(document.items()))

    for repeat in (document, turned):
        answer = gateway.put(order_id, repeat).expect(200)
        require(answer.data == before.data, "the repeat changed the order")
        require(answer.header("etag") == before.header("etag"), "the repeat changed the ETag")


def check_conflict(gateway: CheckedGateway) -> None:
    """The same generation with other content is answered 409 GENERATION_CONFLICT."""
    order_id, document = gateway.put_new()

    with unchanged(gateway, order_id):
        gateway.put(order_id, document | {"priority": 4}).expect(409, CONFLICT)


def check_stale(gateway: CheckedGateway) -> None:
    """A lower generation is answered 409 STALE_GENERATION."""
    order_id, document = gateway.put_new(generation=7)

    with unchanged(gateway, order_id):
        gateway.put(order_id, document | {"generation": 6}).expect(409, STALE)
        gateway.put(order_id, document | {"generation": 6, "priority": 4}).expect(409, STALE)


def check_stale_first(gateway: CheckedGateway) -> None:
    """The generation is compared before every rule but the shape of the body."""
    order_id, document = gateway.put_new(generation=7)
    unknown = {"scope": "LADAS", "ladas": [gateway.unknown_lada()]}

    gateway.put(order_id, document | {"generation": 6, "target": unknown}).expect(409, STALE)


def check_newer(gateway: CheckedGateway) -> None:
    """A higher generation replaces the document; gaps between generations are allowed."""
    order_id, document = gateway.put_new()
    gateway.put(order_id, document | {"generation": 5, "priority": 3}).expect(200)

    held = gateway.held(order_id)
    received = held.get("generation"), held.get("observedGeneration"), held.get("priority")
    require(received == (5, 5, 3), f"generation, observedGeneration and priority are {received}")


def check_large_generation(gateway: CheckedGateway) -> None:
    """Generations are whole numbers of 64 bits."""
    order_id, document = gateway.put_new(generation=LARGE)

    received = gateway.held(order_id).get("generation")
    require(received == LARGE, f"generation {LARGE} became {received}")
    gateway.put(order_id, document | {"generation": LARGE - 1}).expect(409, STALE)


def check_not_found(gateway: CheckedGateway) -> None:
    """An order that does not exist is answered 404 AD_ORDER_NOT_FOUND."""
    gateway.call("getAdOrder", order_id=gateway.new_id()).expect(404, NO_ORDER)
    gateway.set_state(gateway.new_id(), "PAUSED", 1).expect(404, NO_ORDER)


def check_malformed_id(gateway: CheckedGateway) -> None:
    """An id of another shape is answered 400 INVALID_ARGUMENT."""
    for order_id in ("-conformance", "x" * 65, "a b"):
        gateway.call("getAdOrder", order_id=order_id).expect(400, "INVALID_ARGUMENT")


def check_state_repeat(gateway: CheckedGateway) -> None:
    """A repeated setDesiredState is answered 200; another or an older one is refused."""
    order_id, _ = gateway.put_new()
    first = gateway.set_state(order_id, "PAUSED", 2).expect(200)

    require(gateway.set_state(order_id, "PAUSED", 2).expect(200).data == first.data, "it changed")
    with unchanged(gateway, order_id):
        gateway.set_state(order_id, "ACTIVE", 2).expect(409, CONFLICT)
        gateway.set_state(order_id, "PAUSED", 1).expect(409, STALE)


def check_state_shape(gateway: CheckedGateway) -> None:
    """A setDesiredState of another shape is answered 400 INVALID_ARGUMENT or OUT_OF_RANGE."""
    order_id, _ = gateway.put_new()
    change = {"desiredState": "PAUSED", "generation": 2, "reason": "conformance"}

    with unchanged(gateway, order_id):
        for other, code in (
            ({"desiredState": "COMPLETED"}, "INVALID_ARGUMENT"),
            ({"generation": "2"}, "INVALID_ARGUMENT"),
            ({"until": "2099-01-01"}, "INVALID_ARGUMENT"),
            ({"generation": 0}, "OUT_OF_RANGE"),
            ({"reason": "x" * 201}, "OUT_OF_RANGE"),
        ):
            answer = gateway.call("setDesiredState", order_id=order_id, json_body=change | other)
            answer.expect(400, code)


def check_state_and_document(gateway: CheckedGateway) -> None:
    """setDesiredState replaces one member: the whole document with it is a repeat."""
    order_id, document = gateway.put_new()
    gateway.set_state(order_id, "PAUSED", 2).expect(200)

    gateway.put(order_id, document | {"generation": 2, "desiredState": "PAUSED"}).expect(200)


def check_if_match(gateway: CheckedGateway) -> None:
    """If-Match with the ETag held goes on; any other ETag is answered 412."""
    order_id, document = gateway.put_new()
    etag = gateway.call("getAdOrder", order_id=order_id).header("etag")
    headers = {"if-match": '"conformance"'}

    with unchanged(gateway, order_id):
        refused = gateway.set_state(order_id, "PAUSED", 2, headers=headers)
        refused.expect(412, "FAILED_PRECONDITION")
        changed = document | {"generation": 2, "priority": 4}
        gateway.put(order_id, changed, headers=headers).expect(412, "FAILED_PRECONDITION")
    headers = {"if-match": f'"conformance", {etag}'}
    answer = gateway.set_state(order_id, "PAUSED", 2, headers=headers).expect(200)
    require(answer.header("etag") != etag, "the ETag of another generation is the same")
    answer = gateway.set_state(order_id, "ACTIVE", 3, headers={"if-match": etag})
    answer.expect(412, "FAILED_PRECONDITION")


def check_if_match_any(gateway: CheckedGateway) -> None:
    """`If-Match: *` goes on if the order exists, and is answered 412 if it does not."""
    headers = {"if-match": "*"}
    order_id = gateway.new_id()

    answer = gateway.put(order_id, gateway.document(), headers=headers)
    answer.expect(412, "FAILED_PRECONDITION")
    gateway.call("getAdOrder", order_id=order_id).expect(404, NO_ORDER)
    order_id, document = gateway.put_new()
    gateway.put(order_id, document | {"generation": 2}, headers=headers).expect(200)


def check_repeat_with_old_etag(gateway: CheckedGateway) -> None:
    """A repeat is answered 200 with the ETag from before its first effect, too."""
    order_id, _ = gateway.put_new()
    etag = gateway.call("getAdOrder", order_id=order_id).header("etag")

    for _ in range(2):
        gateway.set_state(order_id, "PAUSED", 2, headers={"if-match": etag}).expect(200)
