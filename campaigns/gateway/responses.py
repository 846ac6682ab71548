"""Types of the gateway's responses."""

from typing import Any, NamedTuple

from pydantic import Field

from campaigns.gateway.ad_order_document import AdOrderDocument
from campaigns.gateway.contract import (
    MAX_MAX_AD_SEPTETS,
    MIN_MAX_AD_SEPTETS,
    ChannelState,
    OrderState,
)
from campaigns.gateway.contract_model import ContractModel, Instant


class AdOrderStatus(ContractModel):
    """State and counts of one ad order at the gateway. Counts are totals, never increments."""

    ad_order_id: str
    generation: int
    observed_generation: int
    content_hash: str
    state: OrderState
    state_reason: str = ""
    inserted: int
    delivered: int
    failed: int
    no_receipt: int


class AdOrderPage(ContractModel):
    """A page of the list of ad orders."""

    items: tuple[AdOrderStatus, ...]
    total_count: int


class ReportPage(ContractModel):
    """Events of one stream by sequence, from a number on, and the newest number of the stream."""

    items: tuple[dict[str, Any], ...]
    last_sequence: int


class ChannelStatus(ContractModel):
    """Whether the channel carries ads, why, and since when."""

    state: ChannelState
    reason: str
    changed_at: Instant


class Capabilities(ContractModel):
    """What the gateway can carry now. `base_text_septets` are of the notification without an ad."""

    max_ad_septets: int = Field(ge=MIN_MAX_AD_SEPTETS, le=MAX_MAX_AD_SEPTETS)
    base_text_septets: int
    ladas: tuple[str, ...]
    features: tuple[str, ...]
    blocked_categories: tuple[str, ...]
    test_handsets: tuple[str, ...]


class TestDeliveryReceipt(ContractModel):
    """The gateway's acceptance of one notification to a test handset."""

    __test__ = False  # not a class of tests

    test_delivery_id: str
    test_handset: str
    accepted_at: Instant


class AcceptedAdOrder(NamedTuple):
    """An ad order after a change that the gateway accepted; `created` if it is new there."""

    status: AdOrderStatus
    created: bool


class GatewayAdOrder(NamedTuple):
    """An ad order as the gateway holds it.

    Compare contents by `status.content_hash`: it covers the document as it was sent, while
    `document` has the contract's defaults filled in.
    """

    document: AdOrderDocument
    status: AdOrderStatus
