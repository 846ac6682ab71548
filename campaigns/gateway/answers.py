"""What the gateway answers, read into types. Members unknown to this version are passed over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from campaigns.gateway.contract import AdOrderDocument, ChannelState, OrderState
from campaigns.gateway.shape import ContractMismatch, take, take_instant, take_strings, take_word


@dataclass(frozen=True, slots=True)
class AdOrderStatus:
    """What became of one order at the gateway. The counts are absolute, never increments."""

    order_id: str
    generation: int
    observed_generation: int
    content_hash: str
    state: OrderState
    state_reason: str
    inserted: int
    delivered: int
    failed: int
    no_receipt: int

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls(
            order_id=take(data, "adOrderId", str),
            generation=take(data, "generation", int),
            observed_generation=take(data, "observedGeneration", int),
            content_hash=take(data, "contentHash", str),
            state=take_word(data, "state", OrderState),
            state_reason=take(data, "stateReason", str) if "stateReason" in data else "",
            inserted=take(data, "inserted", int),
            delivered=take(data, "delivered", int),
            failed=take(data, "failed", int),
            no_receipt=take(data, "noReceipt", int),
        )


@dataclass(frozen=True, slots=True)
class AdOrder:
    """An order as the gateway holds it.

    Compare contents by `status.content_hash`: it is over what the gateway was sent, while
    `document` has the contract's defaults filled in.
    """

    document: AdOrderDocument
    status: AdOrderStatus
    etag: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway is at this generation of an order; `created` if the order was new to it."""

    status: int
    created: bool
    observed_generation: int
    content_hash: str
    state: OrderState
    etag: str


@dataclass(frozen=True, slots=True)
class AdOrderPage:
    """One page of the list of orders."""

    items: tuple[AdOrderStatus, ...]
    total_count: int

    @classmethod
    def from_json(cls, data: Any) -> Self:
        items = take(data, "items", list)
        return cls(
            items=tuple(AdOrderStatus.from_json(item) for item in items),
            total_count=take(data, "totalCount", int),
        )

    def __iter__(self) -> Iterator[AdOrderStatus]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Channel:
    """Whether the channel carries ads, why, and since when."""

    state: ChannelState
    reason: str
    changed_at: datetime

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls(
            state=take_word(data, "state", ChannelState),
            reason=take(data, "reason", str),
            changed_at=take_instant(data, "changedAt"),
        )


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a gateway can carry, its limits, its clock and the channel's state."""

    contract_version: str
    max_ad_septets: int
    base_text_septets: int
    alphabet: str
    ladas: frozenset[str]
    max_active_orders: int
    requests_per_second: int
    burst: int
    max_body_bytes: int
    features: frozenset[str]
    audience_restrictions: frozenset[str]
    blocked_categories: frozenset[str]
    test_handsets: tuple[str, ...]
    channel_state: ChannelState
    clock: datetime

    @classmethod
    def from_json(cls, data: Any) -> Self:
        limits = take(data, "limits", dict)
        alphabet = take(data, "alphabet", str)
        if not alphabet:
            raise ContractMismatch("alphabet: empty")
        return cls(
            contract_version=take(data, "contractVersion", str),
            max_ad_septets=take(data, "maxAdSeptets", int),
            base_text_septets=take(data, "baseTextSeptets", int),
            alphabet=alphabet,
            ladas=frozenset(take_strings(data, "ladas")),
            max_active_orders=take(limits, "maxActiveOrders", int),
            requests_per_second=take(limits, "requestsPerSecond", int),
            burst=take(limits, "burst", int),
            max_body_bytes=take(limits, "maxBodyBytes", int),
            features=frozenset(take_strings(data, "features")),
            audience_restrictions=frozenset(take_strings(data, "audienceRestrictions")),
            blocked_categories=frozenset(take_strings(data, "blockedCategories")),
            test_handsets=take_strings(data, "testHandsets"),
            channel_state=take_word(data, "channelState", ChannelState),
            clock=take_instant(data, "clock"),
        )


@dataclass(frozen=True, slots=True)
class TestDelivery:
    """A notification to a test handset that the gateway has taken on."""

    __test__ = False

    delivery_id: str
    handset: str
    septets: int
    accepted_at: datetime

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls(
            delivery_id=take(data, "testDeliveryId", str),
            handset=take(data, "testHandset", str),
            septets=take(data, "adTextSeptets", int),
            accepted_at=take_instant(data, "acceptedAt"),
        )
