"""The content of an event, typed and checked against all that can be wrong with it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from campaigns.gateway.contract import TIME_ZONE
from campaigns.gateway.contract_model import ContractMismatch
from campaigns.gateway.events import (
    HEARTBEAT_TYPE,
    Counts,
    Envelope,
    Heartbeat,
    HourlyCounts,
    HourPart,
    LadaTraffic,
    OrderProgress,
    StateChange,
    Stream,
    TrafficRow,
)
from campaigns.models import InboxEvent

Content = HourlyCounts | LadaTraffic | OrderProgress | StateChange | Heartbeat
Reason = InboxEvent.Reason

ZONE = ZoneInfo(TIME_ZONE)
HOUR = timedelta(hours=1)
MAX_IN_AN_HOUR = 80_000_000  # notifications; the sum of a day stays below 2³¹


class SetAside(Exception):
    """An event may not be applied. `detail` is technical: it is shown to staff."""

    def __init__(self, reason: InboxEvent.Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(reason.value)


class _Hourly(Envelope):
    data: HourlyCounts


class _Traffic(Envelope):
    data: LadaTraffic


class _Progress(Envelope):
    data: OrderProgress


class _State(Envelope):
    data: StateChange


class _Heartbeat(Envelope):
    data: Heartbeat


_MODELS: dict[str, Any] = {
    Stream.HOURLY_COUNTS.event_type: _Hourly,
    Stream.LADA_TRAFFIC.event_type: _Traffic,
    Stream.ORDER_PROGRESS.event_type: _Progress,
    Stream.STATE_CHANGES.event_type: _State,
    HEARTBEAT_TYPE: _Heartbeat,
}
_STREAMS = {stream.event_type: stream.value for stream in Stream}


def read(event: InboxEvent, now: datetime) -> tuple[datetime, Content]:
    """Return the time and the checked content of an event. Raises SetAside."""
    model = _MODELS.get(event.type)
    if model is None:
        raise SetAside(Reason.UNKNOWN_TYPE, event.type)
    if event.stream != _STREAMS.get(event.type, "") or bool(event.stream) != bool(event.sequence):
        raise SetAside(Reason.WRONG_STREAM, event.stream)
    try:
        envelope = model.from_json(bytes(event.body))
    except ContractMismatch as error:
        raise SetAside(Reason.INVALID, str(error)) from error
    content: Content = envelope.data
    _check(content, now)
    return envelope.time, content


def channel_day_start(hour: datetime) -> datetime:
    """Return the moment at which the channel day of an hour begins."""
    return hour.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def oldest_kept(now: datetime) -> datetime:
    """Return the moment before which hours are not kept any more."""
    return now - timedelta(days=settings.REPORT_HOURS_KEPT_DAYS)


def _check(content: Content, now: datetime) -> None:
    latest = now + timedelta(seconds=settings.GATEWAY_CLOCK_AHEAD)
    match content:
        case HourlyCounts():
            _check_hour(content, now, latest)
            _check_once((row.ad_order_id, row.lada) for row in content.rows)
            _check_counts(content.rows, MAX_IN_AN_HOUR)
        case LadaTraffic():
            _check_hour(content, now, latest)
            _check_once(row.lada for row in content.rows)
            _check_traffic(content.rows)
        case OrderProgress():
            _check_once(row.ad_order_id for row in content.rows)
            _check_counts(content.rows)
            if any(row.as_of > latest for row in content.rows):
                raise SetAside(Reason.FUTURE, "asOf")


def _check_hour(part: HourPart, now: datetime, latest: datetime) -> None:
    start = part.hour_start
    if start.minute or start.second or start.microsecond or start.utcoffset() != timedelta():
        raise SetAside(Reason.INCONSISTENT, f"hourStart {start.isoformat()}")
    if part.part > part.parts:
        raise SetAside(Reason.INCONSISTENT, f"part {part.part} of {part.parts}")
    if start + HOUR > latest:
        raise SetAside(Reason.FUTURE, f"hourStart {start.isoformat()}")
    if channel_day_start(start) < oldest_kept(now):
        raise SetAside(Reason.EXPIRED, f"hourStart {start.isoformat()}")


def _check_once(keys: Iterable[object]) -> None:
    seen = list(keys)
    if len(set(seen)) < len(seen):
        raise SetAside(Reason.INCONSISTENT, "two rows of one key")


def _check_counts(rows: Iterable[Counts], most: int | None = None) -> None:
    for row in rows:
        if row.delivered + row.failed + row.no_receipt > row.inserted:
            raise SetAside(
                Reason.INCONSISTENT,
                f"{row.delivered} + {row.failed} + {row.no_receipt} > {row.inserted}",
            )
        if most is not None and row.inserted > most:
            raise SetAside(Reason.INCONSISTENT, f"{row.inserted} in an hour")


def _check_traffic(rows: Iterable[TrafficRow]) -> None:
    for row in rows:
        suppressed = row.suppressed_consent + row.suppressed_length
        if (
            row.notifications != row.eligible + suppressed
            or row.eligible != row.with_ad + row.unsold
        ):
            raise SetAside(Reason.INCONSISTENT, f"LADA {row.lada}")
