"""Everything that can go wrong between the portal and the gateway: one class for each meaning."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

MAX_RETRY_AFTER = 86_400.0
"""Seconds. No gateway sends us away for longer than a day."""


class GatewayError(Exception):
    """A call that did not do what was asked, or of which that is not known.

    `heals` says whether the same call, sent again later, may succeed. `status` is None where there
    was no answer; `code` is the contract's, or empty where the answer was not the contract's.
    `retry_after` is in seconds and is only there when the gateway named it.
    """

    heals: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int | None = None,
        correlator: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.correlator = correlator
        self.retry_after = retry_after

    def __str__(self) -> str:
        said = " ".join(str(part) for part in (self.status, self.code) if part)
        return f"{said or type(self).__name__}: {self.message} [{self.correlator}]"


class NoAnswer(GatewayError):
    """No answer, or a success that cannot be read. It may or may not have taken effect."""

    heals = True


class Unavailable(GatewayError):
    """408 or 5xx: it, or something before it, cannot answer now. It may have taken effect."""

    heals = True


class TooManyRequests(GatewayError):
    """429: faster than the limit."""

    heals = True


class QuotaExceeded(TooManyRequests):
    """429 QUOTA_EXCEEDED: as many active orders as the gateway takes."""


class Aborted(GatewayError):
    """409 ABORTED: another change of the same order was in the way."""

    heals = True


class Unauthenticated(GatewayError):
    """401 even with a fresh token, or the credentials themselves are refused."""


class Forbidden(GatewayError):
    """403: the token does not carry the scope of the operation."""


class NotFound(GatewayError):
    """The gateway, by its own word, has no such order."""


class StaleGeneration(GatewayError):
    """The gateway already holds a newer generation of the order."""


class GenerationConflict(GatewayError):
    """The gateway holds this generation of the order with other content."""


class IncompatibleState(GatewayError):
    """The order's state does not allow the change."""


class PreconditionFailed(GatewayError):
    """412: the order has another ETag, or does not exist."""


class Refused(GatewayError):
    """Any other 4xx, a redirect, or an answer of something that is not the gateway."""


_BY_STATUS: Mapping[int, type[GatewayError]] = {
    401: Unauthenticated,
    403: Forbidden,
    408: Unavailable,
    412: PreconditionFailed,
    429: TooManyRequests,
}
# Where the status alone could come from anything on the way, only the contract's code counts: a
# proxy's 404 must not read as "there is no such order".
_BY_CODE: Mapping[tuple[int, str], type[GatewayError]] = {
    (404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND"): NotFound,
    (409, "ABORTED"): Aborted,
    (409, "INCOMPATIBLE_STATE"): IncompatibleState,
    (409, "MISSED_CALL_ADS.GENERATION_CONFLICT"): GenerationConflict,
    (409, "MISSED_CALL_ADS.STALE_GENERATION"): StaleGeneration,
    (429, "QUOTA_EXCEEDED"): QuotaExceeded,
}


def from_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, correlator: str
) -> GatewayError:
    """Make of an answer that is no success the failure that it means."""
    code, message = _error_body(status, body)
    if status >= 500:
        kind: type[GatewayError] = Unavailable
    else:
        kind = _BY_CODE.get((status, code)) or _BY_STATUS.get(status, Refused)
    return kind(
        message,
        code=code,
        status=status,
        correlator=correlator,
        retry_after=retry_after(headers),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After as seconds, from 0 to MAX_RETRY_AFTER; None if absent or unreadable.

    A date is taken against the answer's own `Date`, so that two clocks that differ do no harm
    (RFC 9110, section 10.2.3).
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,15}", value):
        return min(float(value), MAX_RETRY_AFTER)
    until = _http_date(value)
    if until is None:
        return None
    now = _http_date(headers.get("date", "")) or datetime.now(UTC)
    return min(max((until - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _error_body(status: int, body: bytes) -> tuple[str, str]:
    """Give code and message of the contract's error body, or no code and a plain message."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        code, message = data.get("code"), data.get("message")
        if isinstance(code, str) and isinstance(message, str) and data.get("status") == status:
            return code[:96], message[:512]
    return "", f"An answer {status} that is not of the contract"
