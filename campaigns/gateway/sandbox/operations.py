"""The operations of the contract: a request that may be made becomes an answer."""

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
from campaigns.gateway.sandbox import refusals
from campaigns.gateway.sandbox.clock import Clock, instant
from campaigns.gateway.sandbox.limits import TokenBucket
from campaigns.gateway.sandbox.orders import Offer, Orders, etag
from campaigns.gateway.sandbox.schemas import Schemas, read_json
from campaigns.gateway.sandbox.store import Held, Store
from campaigns.gateway.sandbox.wire import Answer, Request

MAX_PAGE = 1_000_000
_IDEMPOTENCY_KEY = re.compile("[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request for one operation, and what its path names."""

    request: Request
    params: Mapping[str, str]

    @property
    def order_id(self) -> str:
        order_id = self.params["order_id"]
        if not re.fullmatch(ORDER_ID, order_id):
            raise refusals.invalid_argument("adOrderId has not the shape of an id")
        return order_id

    @property
    def if_match(self) -> str | None:
        return self.request.header("if-match") or None


class Operations:
    """What each operation of the contract does."""

    def __init__(
        self, store: Store, clock: Clock, offer: Offer, schemas: Schemas, bucket: TokenBucket
    ) -> None:
        self._store = store
        self._clock = clock
        self._offer = offer
        self._schemas = schemas
        self._bucket = bucket
        self._orders = Orders(store, clock, offer)

    def health(self) -> Answer:
        self._store.channel()
        return Answer(200, {"status": "ok"})

    def put_ad_order(self, call: Call) -> Answer:
        order_id = call.order_id
        document = self._body(call, "AdOrderDocument")
        held, created = self._orders.put(order_id, document, if_match=call.if_match)
        answer = _whole(held, 201 if created else 200)
        if created:
            answer.headers["Location"] = f"{BASE_PATH}/ad-orders/{order_id}"
        return answer

    def set_desired_state(self, call: Call) -> Answer:
        order_id = call.order_id
        change = self._body(call, "DesiredStateChange")
        return _whole(self._orders.set_desired_state(order_id, change, if_match=call.if_match))

    def get_ad_order(self, call: Call) -> Answer:
        return _whole(self._orders.get(call.order_id))

    def list_ad_orders(self, call: Call) -> Answer:
        query = parse_qs(call.request.url.query, keep_blank_values=True)
        page = _number(query, "page", 1, MAX_PAGE)
        per_page = _number(query, "perPage", 100, MAX_PER_PAGE)
        state = _single(query, "state")
        if state is not None:
            self._schemas.check("OrderState", state)
        held, total = self._orders.page(state, page=page, per_page=per_page)
        items = [_light(order) for order in held]
        return Answer(200, {"items": items, "page": page, "perPage": per_page, "totalCount": total})

    def set_channel_state(self, call: Call) -> Answer:
        change = self._body(call, "ChannelStateChange")
        with self._store.transaction():
            if change["state"] != self._channel()["state"]:
                now = instant(self._clock.now())
                self._store.write_channel(change["state"], change["reason"], now)
                self._store.append(
                    "setChannelState", "channel", at=now, desired_state=change["state"]
                )
            channel = self._channel()
        return Answer(200, channel)

    def get_capabilities(self, call: Call) -> Answer:
        offer = self._offer
        return Answer(
            200,
            {
                "contractVersion": "0.1.0",
                "maxAdSeptets": offer.max_ad_septets,
                "baseTextSeptets": offer.base_text_septets,
                "alphabet": ALPHABET,
                "ladas": sorted(offer.ladas),
                "limits": {
                    "maxActiveOrders": offer.max_active_orders,
                    "requestsPerSecond": self._bucket.per_second,
                    "burst": self._bucket.burst,
                    "maxBodyBytes": MAX_BODY_BYTES,
                },
                "features": sorted(offer.features),
                "audienceRestrictions": sorted(offer.audience_restrictions),
                "blockedCategories": sorted(offer.blocked_categories),
                "testHandsets": list(offer.test_handsets),
                "channelState": self._channel()["state"],
                "clock": instant(self._clock.now()),
                "timeZone": TIME_ZONE,
            },
        )

    def create_test_delivery(self, call: Call) -> Answer:
        key = call.request.header("idempotency-key")
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise refusals.invalid_argument("Idempotency-Key is missing or has another shape")
        body = self._body(call, "TestDeliveryRequest")
        request = canonical_json(body).decode()
        with self._store.transaction():
            before = self._store.test_delivery(key)
            if before is not None:
                if before[0] != request:
                    raise refusals.invalid_argument("Idempotency-Key was used for another body")
                return Answer(202, before[1])
            count = self._orders.check_text(body["adText"])
            if body["testHandset"] not in self._offer.test_handsets:
                raise refusals.invalid_argument("testHandset: there is no such handset")
            now = instant(self._clock.now())
            answer = {
                "testDeliveryId": str(uuid4()),
                "testHandset": body["testHandset"],
                "adTextSeptets": count,
                "acceptedAt": now,
            }
            self._store.write_test_delivery(key, request, answer)
            self._store.append("createTestDelivery", str(answer["testDeliveryId"]), at=now)
        return Answer(202, answer)

    def _body(self, call: Call, schema: str) -> dict[str, Any]:
        kind = call.request.header("content-type").split(";")[0].strip().lower()
        if kind != "application/json":
            raise refusals.unsupported_media_type("application/json")
        value = read_json(call.request.body)
        self._schemas.check(schema, value)
        return dict(value)

    def _channel(self) -> dict[str, str]:
        held = self._store.channel()
        if held is None:
            # Nobody has said anything yet: ads run.
            since = self._store.setting("began_at", "")
            return {"state": ChannelState.ON.value, "reason": "", "changedAt": since}
        return {"state": held["state"], "reason": held["reason"], "changedAt": held["changed_at"]}


def _light(held: Held) -> dict[str, Any]:
    light = {
        "adOrderId": held.order_id,
        "generation": held.generation,
        "observedGeneration": held.generation,
        "contentHash": held.content_hash,
        "state": held.state.value,
        "inserted": held.inserted,
        "delivered": held.delivered,
        "failed": held.failed,
        "noReceipt": held.no_receipt,
    }
    return light | ({"stateReason": held.reason} if held.reason else {})


def _whole(held: Held, status: int = 200) -> Answer:
    return Answer(status, held.document | _light(held), {"ETag": etag(held)})


def _single(query: dict[str, list[str]], name: str) -> str | None:
    values = query.get(name, [])
    if len(values) > 1:
        raise refusals.invalid_argument(f"{name} is given more than once")
    return values[0] if values else None


def _number(query: dict[str, list[str]], name: str, default: int, most: int) -> int:
    value = _single(query, name)
    if value is None:
        return default
    if not re.fullmatch("-?[0-9]{1,18}", value):
        raise refusals.invalid_argument(f"{name} is no number")
    number = int(value)
    if not 1 <= number <= most:
        raise refusals.out_of_range(f"{name} is from 1 to {most}")
    return number
