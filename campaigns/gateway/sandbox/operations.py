"""The operations of the contract."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from campaigns.gateway.contract import (
    ALPHABET,
    BASE_PATH,
    MAX_BODY_BYTES,
    MAX_PER_PAGE,
    ORDER_ID,
    TIME_ZONE,
    ChannelState,
    canonical_json,
)
from campaigns.gateway.events import Stream
from campaigns.gateway.sandbox import errors
from campaigns.gateway.sandbox.ad_orders import AdOrders, GatewayCapabilities, etag
from campaigns.gateway.sandbox.clock import Clock, format_instant
from campaigns.gateway.sandbox.event_queue import EventQueue
from campaigns.gateway.sandbox.http_server import Request, Response
from campaigns.gateway.sandbox.rate_limit import TokenBucket
from campaigns.gateway.sandbox.schemas import SchemaValidator, read_json
from campaigns.gateway.sandbox.store import GatewayStore, StoredAdOrder

MAX_PAGE = 1_000_000
MAX_SEQUENCE = 2**31 - 1
_IDEMPOTENCY_KEY = re.compile("[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class OperationCall:
    """A request for one operation, with the parameters of its path."""

    request: Request
    params: Mapping[str, str]

    @property
    def order_id(self) -> str:
        order_id = self.params["order_id"]
        if not re.fullmatch(ORDER_ID, order_id):
            raise errors.invalid_argument("adOrderId is not a valid id")
        return order_id

    @property
    def if_match(self) -> str | None:
        return self.request.header("if-match") or None


class Operations:
    """The operations of the contract, one method for each."""

    def __init__(
        self,
        store: GatewayStore,
        clock: Clock,
        capabilities: GatewayCapabilities,
        schemas: SchemaValidator,
        bucket: TokenBucket,
        queue: EventQueue,
    ) -> None:
        self._queue = queue
        self._store = store
        self._clock = clock
        self._capabilities = capabilities
        self._schemas = schemas
        self._bucket = bucket
        self._orders = AdOrders(store, clock, capabilities, queue)

    def health(self) -> Response:
        self._store.channel()
        return Response(200, {"status": "ok"})

    def put_ad_order(self, call: OperationCall) -> Response:
        order_id = call.order_id
        document = self._body(call, "AdOrderDocument")
        order, created = self._orders.put(order_id, document, if_match=call.if_match)
        response = _order_response(order, 201 if created else 200)
        if created:
            response.headers["Location"] = f"{BASE_PATH}/ad-orders/{order_id}"
        return response

    def set_desired_state(self, call: OperationCall) -> Response:
        order_id = call.order_id
        change = self._body(call, "DesiredStateChange")
        return _order_response(
            self._orders.set_desired_state(order_id, change, if_match=call.if_match)
        )

    def get_ad_order(self, call: OperationCall) -> Response:
        return _order_response(self._orders.get(call.order_id))

    def list_ad_orders(self, call: OperationCall) -> Response:
        query = parse_qs(call.request.url.query, keep_blank_values=True)
        page = _parse_int(query, "page", 1, MAX_PAGE)
        per_page = _parse_int(query, "perPage", 100, MAX_PER_PAGE)
        state = _get_single(query, "state")
        if state is not None:
            self._schemas.check("OrderState", state)
        orders, total = self._orders.page(state, page=page, per_page=per_page)
        items = [_status_json(order) for order in orders]
        return Response(
            200, {"items": items, "page": page, "perPage": per_page, "totalCount": total}
        )

    def list_reports(self, call: OperationCall) -> Response:
        query = parse_qs(call.request.url.query, keep_blank_values=True)
        stream = _get_single(query, "stream")
        if stream not in set(Stream):
            raise errors.invalid_argument(f"stream is one of {', '.join(Stream)}")
        after = _parse_int(query, "sequence.gt", 0, MAX_SEQUENCE, minimum=0)
        per_page = _parse_int(query, "perPage", 100, MAX_PER_PAGE)
        return Response(200, self._queue.page(str(stream), after, per_page=per_page))

    def set_channel_state(self, call: OperationCall) -> Response:
        change = self._body(call, "ChannelStateChange")
        with self._store.transaction():
            if change["state"] != self._channel()["state"]:
                now = format_instant(self._clock.now())
                self._store.write_channel(change["state"], change["reason"], now)
                self._store.append(
                    "setChannelState", "channel", at=now, desired_state=change["state"]
                )
            channel = self._channel()
        return Response(200, channel)

    def get_capabilities(self, call: OperationCall) -> Response:
        capabilities = self._capabilities
        return Response(
            200,
            {
                "contractVersion": "0.1.0",
                "maxAdSeptets": capabilities.max_ad_septets,
                "baseTextSeptets": capabilities.base_text_septets,
                "alphabet": ALPHABET,
                "ladas": sorted(capabilities.ladas),
                "limits": {
                    "maxActiveOrders": capabilities.max_active_orders,
                    "requestsPerSecond": self._bucket.per_second,
                    "burst": self._bucket.burst,
                    "maxBodyBytes": MAX_BODY_BYTES,
                },
                "features": sorted(capabilities.features),
                "audienceRestrictions": sorted(capabilities.audience_restrictions),
                "blockedCategories": sorted(capabilities.blocked_categories),
                "testHandsets": list(capabilities.test_handsets),
                "channelState": self._channel()["state"],
                "clock": format_instant(self._clock.now()),
                "timeZone": TIME_ZONE,
            },
        )

    def create_test_delivery(self, call: OperationCall) -> Response:
        key = call.request.header("idempotency-key")
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise errors.invalid_argument("Idempotency-Key is missing or is not valid")
        body = self._body(call, "TestDeliveryRequest")
        request = canonical_json(body).decode()
        with self._store.transaction():
            previous = self._store.test_delivery(key)
            if previous is not None:
                if previous[0] != request:
                    raise errors.invalid_argument("Idempotency-Key was used for another body")
                return Response(202, previous[1])
            septets = self._orders.check_text(body["adText"])
            if body["testHandset"] not in self._capabilities.test_handsets:
                raise errors.invalid_argument("testHandset: there is no such handset")
            now = format_instant(self._clock.now())
            delivery = {
                "testDeliveryId": str(uuid4()),
                "testHandset": body["testHandset"],
                "adTextSeptets": septets,
                "acceptedAt": now,
            }
            self._store.write_test_delivery(key, request, delivery)
            self._store.append("createTestDelivery", str(delivery["testDeliveryId"]), at=now)
        return Response(202, delivery)

    def _body(self, call: OperationCall, schema: str) -> dict[str, Any]:
        media_type = call.request.header("content-type").split(";")[0].strip().lower()
        if media_type != "application/json":
            raise errors.unsupported_media_type("application/json")
        value = read_json(call.request.body)
        self._schemas.check(schema, value)
        return dict(value)

    def _channel(self) -> dict[str, str]:
        stored = self._store.channel()
        if stored is None:
            # The channel was never switched, and it is on by default.
            since = self._store.setting("began_at", "")
            return {"state": ChannelState.ON.value, "reason": "", "changedAt": since}
        return {
            "state": stored["state"],
            "reason": stored["reason"],
            "changedAt": stored["changed_at"],
        }


def _status_json(order: StoredAdOrder) -> dict[str, Any]:
    """Return an item of the list: everything but the document."""
    status = {
        "adOrderId": order.order_id,
        "generation": order.generation,
        "observedGeneration": order.generation,
        "contentHash": order.content_hash,
        "state": order.state.value,
        "inserted": order.inserted,
        "delivered": order.delivered,
        "failed": order.failed,
        "noReceipt": order.no_receipt,
    }
    return status | ({"stateReason": order.reason} if order.reason else {})


def _order_response(order: StoredAdOrder, status: int = 200) -> Response:
    return Response(status, order.document | _status_json(order), {"ETag": etag(order)})


def _get_single(query: dict[str, list[str]], name: str) -> str | None:
    values = query.get(name, [])
    if len(values) > 1:
        raise errors.invalid_argument(f"{name} is given more than once")
    return values[0] if values else None


def _parse_int(
    query: dict[str, list[str]], name: str, default: int, maximum: int, *, minimum: int = 1
) -> int:
    value = _get_single(query, name)
    if value is None:
        return default
    if not re.fullmatch("-?[0-9]{1,18}", value):
        raise errors.invalid_argument(f"{name} is not a number")
    number = int(value)
    if not minimum <= number <= maximum:
        raise errors.out_of_range(f"{name} is from {minimum} to {maximum}")
    return number
