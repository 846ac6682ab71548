"""The events that the gateway sends: CloudEvents 1.0 in structured mode, as JSON.

`docs/gateway/events.schema.json` describes the same for other implementations. Counts are
notifications and absolute totals, never increments, so that a repeated or late event does no harm.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from campaigns.gateway.contract import MAX_BODY_BYTES, ORDER_ID, OrderState
from campaigns.gateway.contract_model import ContractModel, Instant

EVENTS_PATH = "/api/gateway/v0.1/events"
MEDIA_TYPE = "application/cloudevents+json"
TYPE_PREFIX = "mx.movistar.missed-call-ads.v0."
MAX_ROWS = 500  # of one event
MAX_EVENT_BYTES = MAX_BODY_BYTES
MAX_COUNT = 2_000_000_000  # of one row; more than the channel has in a hundred days
FINAL_AFTER_HOURS = 72  # from the end of an hour until its counts are final

Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Lada = Annotated[str, Field(pattern="^[1-9][0-9]{1,2}$")]
AdOrderId = Annotated[str, Field(pattern=f"^{ORDER_ID}$")]
Revision = Annotated[int, Field(ge=1, le=1_000_000)]
Part = Annotated[int, Field(ge=1, le=100_000)]


class Stream(StrEnum):
    """The streams of events. Each numbers its events from 1 without a gap."""

    ORDER_PROGRESS = "order-progress"
    HOURLY_COUNTS = "hourly-counts"
    LADA_TRAFFIC = "lada-traffic"
    STATE_CHANGES = "ad-order-state-changed"

    @property
    def event_type(self) -> str:
        return TYPE_PREFIX + self.value


HEARTBEAT_TYPE = TYPE_PREFIX + "heartbeat"  # belongs to no stream


class Envelope(ContractModel):
    """The context attributes of an event. `data` is read by the type, with the models below.

    `source` identifies the gateway's state: one that lost its counts starts a new source.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=64)]
    source: Annotated[str, Field(min_length=1, max_length=128)]
    type: Annotated[str, Field(min_length=1, max_length=128)]
    time: Instant
    stream: Annotated[str, Field(max_length=32)] | None = None
    sequence: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class Counts(ContractModel):
    """Notifications with an ad, and what is known of their receipts."""

    inserted: Count
    delivered: Count
    failed: Count
    no_receipt: Count


class ProgressRow(Counts):
    """The counts of an ad order since its beginning."""

    ad_order_id: AdOrderId
    as_of: Instant


class OrderProgress(ContractModel):
    """The orders whose counts have changed, every five minutes."""

    rows: Annotated[tuple[ProgressRow, ...], Field(max_length=MAX_ROWS)]


class HourlyRow(Counts):
    """The counts of an ad order in a LADA, of the notifications of one hour."""

    ad_order_id: AdOrderId
    lada: Lada


class HourPart(ContractModel):
    """Part n of m of one revision of an hour. A revision restates every row that has changed.

    Revision 1 has all rows. The hour is that of insertion, in UTC. The final revision, 72 h later,
    may have no rows; nothing follows it.
    """

    hour_start: Instant
    revision: Revision
    final: bool
    part: Part
    parts: Part


class HourlyCounts(HourPart):
    rows: Annotated[tuple[HourlyRow, ...], Field(max_length=MAX_ROWS)]


class TrafficRow(ContractModel):
    """The notifications of a LADA in one hour.

    notifications = eligible + suppressedConsent + suppressedLength; eligible = withAd + unsold.
    """

    lada: Lada
    notifications: Count
    eligible: Count
    with_ad: Count
    suppressed_consent: Count
    suppressed_length: Count
    unsold: Count


class LadaTraffic(HourPart):
    rows: Annotated[tuple[TrafficRow, ...], Field(max_length=MAX_ROWS)]


class StateChange(ContractModel):
    """A change of state of one ad order at the gateway."""

    ad_order_id: AdOrderId
    observed_generation: Annotated[int, Field(ge=1, le=2**63 - 1)]
    state: OrderState
    state_reason: Annotated[str, Field(max_length=200)] = ""


class StreamHead(ContractModel):
    """The newest sequence of a stream; 0 before its first event."""

    stream: Annotated[str, Field(max_length=32)]
    last_sequence: Annotated[int, Field(ge=0, le=2**31 - 1)]


class Heartbeat(ContractModel):
    """Every 60 s: the newest sequence of each stream, and the gateway's clock."""

    clock: Instant
    streams: Annotated[tuple[StreamHead, ...], Field(max_length=32)]
