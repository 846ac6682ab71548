"""Events as a gateway sends them, for tests: built by hand, signed and posted to the sink."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from campaigns.gateway.events import EVENTS_PATH, HEARTBEAT_TYPE, MEDIA_TYPE, Stream
from campaigns.reports import inbox
from campaigns.webhooks import signing

SOURCE = "urn:missed-call-ads:gateway:tests"
HOUR = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(
    hours=30
)
_numbers = itertools.count(1)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def event(
    stream: Stream | None, data: dict[str, Any], sequence: int = 1, /, **others: Any
) -> bytes:
    """Return an event; `others` replace its attributes. With no stream it is a heartbeat."""
    kind = stream.value if stream else "heartbeat"
    attributes = {
        "specversion": "1.0",
        "id": f"{kind}-{sequence}" if stream else f"heartbeat-{next(_numbers)}",
        "source": SOURCE,
        "type": stream.event_type if stream else HEARTBEAT_TYPE,
        "time": rfc3339(HOUR + timedelta(hours=2, seconds=sequence)),
        "datacontenttype": "application/json",
        "data": data,
    }
    if stream:
        attributes |= {"stream": stream.value, "sequence": sequence}
    return json.dumps(attributes | others).encode()


def counts(
    inserted: int, delivered: int = 0, failed: int = 0, no_receipt: int = 0
) -> dict[str, int]:
    return {
        "inserted": inserted,
        "delivered": delivered,
        "failed": failed,
        "noReceipt": no_receipt,
    }


def row(order: object, lada: str = "55", inserted: int = 10, *rest: int) -> dict[str, Any]:
    """Return a row of an hour: inserted, delivered, failed, noReceipt."""
    return {"adOrderId": str(order), "lada": lada, **counts(inserted, *rest)}


def hourly(
    rows: list[dict[str, Any]],
    sequence: int = 1,
    /,
    *,
    hour: datetime = HOUR,
    revision: int = 1,
    part: int = 1,
    parts: int = 1,
    final: bool = False,
    **others: Any,
) -> bytes:
    data = {
        "hourStart": rfc3339(hour),
        "revision": revision,
        "final": final,
        "part": part,
        "parts": parts,
        "rows": rows,
    }
    return event(Stream.HOURLY_COUNTS, data, sequence, **others)


def progress(
    order: object, inserted: int, sequence: int = 1, *, at: datetime = HOUR, **others: Any
) -> bytes:
    rows = [{"adOrderId": str(order), "asOf": rfc3339(at), **counts(inserted)}]
    return event(Stream.ORDER_PROGRESS, {"rows": rows}, sequence, **others)


def traffic_row(lada: str = "55", eligible: int = 80, with_ad: int = 30) -> dict[str, Any]:
    return {
        "lada": lada,
        "notifications": eligible + 20,
        "eligible": eligible,
        "withAd": with_ad,
        "suppressedConsent": 15,
        "suppressedLength": 5,
        "unsold": eligible - with_ad,
    }


def traffic(
    rows: list[dict[str, Any]], sequence: int = 1, *, revision: int = 1, **others: Any
) -> bytes:
    data = {
        "hourStart": rfc3339(HOUR),
        "revision": revision,
        "final": False,
        "part": 1,
        "parts": 1,
        "rows": rows,
    }
    return event(Stream.LADA_TRAFFIC, data, sequence, **others)


def state(
    order: object, state: str, sequence: int = 1, *, generation: int = 1, **others: Any
) -> bytes:
    data = {
        "adOrderId": str(order),
        "observedGeneration": generation,
        "state": state,
        "stateReason": "porque sí",
    }
    return event(Stream.STATE_CHANGES, data, sequence, **others)


def heartbeat(heads: dict[Stream, int], **others: Any) -> bytes:
    streams = [{"stream": stream.value, "lastSequence": last} for stream, last in heads.items()]
    return event(None, {"clock": rfc3339(timezone.now()), "streams": streams}, **others)


def signed(body: bytes, *, secret: str = "", at: datetime | None = None) -> dict[str, str]:
    """Return the headers that sign a body under the id it has, or "x" if it has none."""
    try:
        event_id = json.loads(body)["id"]
    except (ValueError, KeyError, TypeError):
        event_id = "x"
    key = secret or settings.GATEWAY_EVENT_SECRETS[0]
    return signing.headers(event_id, at or datetime.now(UTC), body.decode(), [key])


def post(body: bytes, headers: dict[str, str] | None = None, media_type: str = MEDIA_TYPE) -> Any:
    """Post a body to the sink, signed unless headers are given."""
    headers = signed(body) if headers is None else headers
    return Client().post(EVENTS_PATH, body, content_type=media_type, headers=headers)


def receive(*bodies: bytes) -> None:
    """Put events into the inbox, as the sink does with those that are signed."""
    for body in bodies:
        inbox.store(inbox.read(body), body)
