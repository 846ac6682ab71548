"""The gateway's orders, as far as a comparison needs them: all of what was asked for, or an error.

Nothing may be concluded from a part of a list: its other orders would all be missing.
"""

import re
import time
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import TypeVar

from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import ORDER_ID, OrderState
from campaigns.gateway.errors import NoResponse, NotFound, TooManyRequests
from campaigns.gateway.responses import AdOrderStatus

LOOKED_UP = 20  # orders at most that are asked for one by one
PATIENCE = 10  # times that one call waits for its turn
LONGEST_WAIT = 5.0  # seconds
RUNNING = (OrderState.SCHEDULED, OrderState.ACTIVE, OrderState.PAUSED)

T = TypeVar("T")
Statuses = dict[str, AdOrderStatus]


def read_running(client: GatewayClient, wanted: Collection[str]) -> Statuses:
    """Return the orders that have not ended, and of `wanted` also those that have.

    An order may change its state between two lists, and be in none. So what is missing is asked
    for by its id, or in one whole list where it is much. Raises GatewayError.
    """
    found = {status.ad_order_id: status for state in RUNNING for status in _list(client, state)}
    missing = [order_id for order_id in wanted if order_id not in found]
    if len(missing) > LOOKED_UP:
        return read_whole(client, wanted)
    return found | _look_up(client, missing)


def read_whole(client: GatewayClient, wanted: Collection[str]) -> Statuses:
    """Return all orders. Raises GatewayError, also where the list contradicts itself.

    Of `wanted`, some that the list lacks are asked for by their id: one that exists after all shows
    that the list is not whole.
    """
    found: Statuses = {}
    for status in _list(client):
        if status.ad_order_id in found:
            raise NoResponse("The list has an order twice")
        found[status.ad_order_id] = status
    missing = [order_id for order_id in wanted if order_id not in found]
    if any(_look_up(client, missing[:LOOKED_UP])):
        raise NoResponse("The list lacks an order that exists")
    return found


def _list(client: GatewayClient, state: OrderState | None = None) -> Iterator[AdOrderStatus]:
    """Yield the orders in a state, or all.

    Orders are never deleted, so a list of all that becomes shorter, or ends before its own total,
    is not whole: then it raises NoResponse.
    """
    number = seen = total = 0
    while True:
        number += 1
        page = _in_turn(partial(client.get_page, number, state=state))
        if not all(re.fullmatch(ORDER_ID, status.ad_order_id) for status in page.items):
            raise NoResponse("The list has an id that is not of the contract")
        yield from page.items
        seen += len(page.items)
        if state is None and page.total_count < total:
            raise NoResponse("The list has become shorter")
        total = page.total_count
        if seen >= total or not page.items:
            break
    if state is None and seen < total:
        raise NoResponse("The list ended before its end")


def _look_up(client: GatewayClient, order_ids: Collection[str]) -> Statuses:
    found = {}
    for order_id in order_ids:
        try:
            order = _in_turn(partial(client.get_ad_order, order_id))
        except NotFound:
            continue
        found[order_id] = order.status
    return found


def _in_turn(call: Callable[[], T]) -> T:
    """Return the result of a call, which waits while the gateway has too many requests."""
    for _ in range(PATIENCE):
        try:
            return call()
        except TooManyRequests as error:
            time.sleep(min(error.retry_after or 1.0, LONGEST_WAIT))
    return call()
