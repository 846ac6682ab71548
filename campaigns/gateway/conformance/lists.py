"""The list of ad orders. The gateway may have other orders, and others may be created meanwhile."""

from typing import Any

from campaigns.gateway.conformance.exchange import CheckFailed, require
from campaigns.gateway.conformance.gateway import CheckedGateway

MAX_PAGES = 20
"""Pages that are read from the end of the list."""


def _page(gateway: CheckedGateway, page: int, per_page: int, more: str = "") -> dict[str, Any]:
    query = f"?page={page}&perPage={per_page}{more}"
    data = gateway.call("listAdOrders", query=query).expect(200).data
    received = data["page"], data["perPage"]
    require(received == (page, per_page), f"page and perPage are {received}")
    return dict(data)


def _tail(gateway: CheckedGateway, number: int, per_page: int, more: str = "") -> list[Any]:
    """Return at least the last orders of the list, read page by page to its end."""
    total = _page(gateway, 1, 1, more)["totalCount"]
    page = max(0, total - number) // per_page + 1
    items: list[Any] = []
    for _ in range(MAX_PAGES):
        received = _page(gateway, page, per_page, more)["items"]
        require(len(received) <= per_page, f"a page of {per_page} has {len(received)} orders")
        if not received:
            break
        items += received
        page += 1
    return items


def check_pages(gateway: CheckedGateway) -> None:
    """Pages list each order once, in the order in which they were created."""
    created = [gateway.put_new()[0] for _ in range(5)]
    gateway.set_state(created[0], "PAUSED", 2).expect(200)  # a change moves no order

    for per_page in (1, 2, 200):
        listed = [item["adOrderId"] for item in _tail(gateway, 8, per_page)]
        require(len(set(listed)) == len(listed), f"perPage={per_page} lists an order twice")
        own = [order_id for order_id in listed if order_id in created]
        require(own == created, f"perPage={per_page} lists {own} and not {created}")


def check_items(gateway: CheckedGateway) -> None:
    """An item has the generation, hash and state of its order, and counts that add up."""
    order_id, _ = gateway.put_new()
    held = gateway.held(order_id)
    items = _tail(gateway, 20, 200)

    item = next((item for item in items if item["adOrderId"] == order_id), None)
    if item is None:
        raise CheckFailed("a new order is not listed")
    other = sorted(name for name in item if item[name] != held.get(name))
    require(not other, f"the list and getAdOrder differ in {', '.join(other)}")
    for item in items:
        counts = [item[name] for name in ("inserted", "delivered", "failed", "noReceipt")]
        if all(type(count) is int for count in counts):
            require(sum(counts[1:]) <= counts[0], f"{item['adOrderId']} has counts {counts}")


def check_past_the_last(gateway: CheckedGateway) -> None:
    """A page past the last is empty and has the same totalCount."""
    gateway.put_new()
    total = _page(gateway, 1, 200)["totalCount"]
    page = _page(gateway, 1_000_000, 200)

    require(page["items"] == [], "it is not empty")
    require(page["totalCount"] >= total, f"totalCount is {page['totalCount']} and was {total}")


def check_state_filter(gateway: CheckedGateway) -> None:
    """`state` lists the orders that are in this state, and no other."""
    paused, _ = gateway.put_new(desiredState="PAUSED")
    scheduled, _ = gateway.put_new()
    items = _tail(gateway, 20, 200, "&state=PAUSED")

    states = {item["state"] for item in items}
    require(states == {"PAUSED"}, f"state=PAUSED lists {sorted(states)}")
    listed = {item["adOrderId"] for item in items}
    require(paused in listed, "a paused order is not listed")
    require(scheduled not in listed, "a scheduled order is listed as PAUSED")


def check_parameters(gateway: CheckedGateway) -> None:
    """Parameters of another shape are answered 400 INVALID_ARGUMENT or OUT_OF_RANGE."""
    for query in ("page=0", "perPage=0", "perPage=201"):
        gateway.call("listAdOrders", query=f"?{query}").expect(400, "OUT_OF_RANGE")
    for query in ("page=x", "perPage=", "state=LOST"):
        gateway.call("listAdOrders", query=f"?{query}").expect(400, "INVALID_ARGUMENT")
