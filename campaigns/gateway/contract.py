"""Constants, enumerations and the canonical JSON of contract `missed-call-ads` v0.1.

`missed-call-ads.yaml` beside this file is the contract itself.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

BASE_PATH = "/missed-call-ads/v0.1"
TOKEN_PATH = "/oauth2/token"  # noqa: S105  a path, not a secret
TIME_ZONE = "America/Mexico_City"

ORDER_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"""Pattern of a whole ad order id. The portal chooses the id."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 $.,/@"
NOTIFICATION_SEPTETS = 160
MIN_MAX_AD_SEPTETS = 90
MAX_MAX_AD_SEPTETS = 110

MAX_BODY_BYTES = 64 * 1024
MAX_ACTIVE_ORDERS = 1_000
REQUESTS_PER_SECOND = 10
REQUEST_BURST = 20
MAX_PER_PAGE = 200


class Scope(StrEnum):
    """The scopes of an access token: what it permits."""

    WRITE_ORDERS = "missed-call-ads:ad-orders:write"
    READ_ORDERS = "missed-call-ads:ad-orders:read"
    UPDATE_CHANNEL = "missed-call-ads:channel:update"
    READ_REPORTS = "missed-call-ads:delivery-reports:read"
    CREATE_TEST_DELIVERIES = "missed-call-ads:test-deliveries:create"


class DesiredState(StrEnum):
    """The state that the portal requests of an ad order. CANCELLED is final."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"


class OrderState(StrEnum):
    """The state of an ad order at the gateway."""

    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"


class ChannelState(StrEnum):
    """Whether the channel carries ads."""

    ON = "ON"
    OFF = "OFF"


class PacingMode(StrEnum):
    """The pacing of an ad order's daily goal: evenly over the day, or as soon as possible."""

    EVEN = "EVEN"
    ASAP = "ASAP"


class Weekday(StrEnum):
    """The days of the week, from Monday."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


def canonical_json(value: Any) -> bytes:
    """Return JSON in the form that both sides hash (RFC 8785, for integers and strings).

    Members are sorted by name at every level, there is no white space, the encoding is UTF-8.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def content_hash(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an ad order's document *without* `generation`, in hexadecimal.

    The generation shows which document is newer, the hash whether two documents are equal; so a
    repeat under the same generation changes nothing. Every other member is hashed as it is sent:
    defaults are not filled in, an absent member stays absent, arrays keep their order. `reason`
    of a change of state is not part of the document.
    """
    content = {name: value for name, value in document.items() if name != "generation"}
    return hashlib.sha256(canonical_json(content)).hexdigest()
