"""The errors of a call to the gateway, one class for each meaning."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from campaigns.gateway.http_response import GatewayResponse

MAX_RETRY_AFTER = 86_400.0
"""Seconds. A longer Retry-After is cut to one day."""


class GatewayError(Exception):
    """A call that failed, or of which the outcome is not known.

    `retryable` is whether the same call, sent again later, may succeed. `status` is None if there
    was no response. `code` is the contract's, or empty if the response is not the contract's.
    `retry_after` is in seconds, or None if the gateway did not send it.
    """

    retryable: ClassVar[bool] = False

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
        label = " ".join(str(part) for part in (self.status, self.code) if part)
        return f"{label or type(self).__name__}: {self.message} [{self.correlator}]"


class NoResponse(GatewayError):
    """No response, or a success that cannot be read. The call may have taken effect."""

    retryable = True


class Unavailable(GatewayError):
    """408 or 5xx, of the gateway or a proxy. The call may have taken effect."""

    retryable = True


class TooManyRequests(GatewayError):
    """429: above the rate limit."""

    retryable = True


class QuotaExceeded(TooManyRequests):
    """429 QUOTA_EXCEEDED: the gateway holds its maximum of active orders."""


class Aborted(GatewayError):
    """409 ABORTED: a conflict with a concurrent change of the same order."""

    retryable = True


class Unauthenticated(GatewayError):
    """401 even with a fresh token, or the credentials themselves are refused."""


class Forbidden(GatewayError):
    """403: the token lacks the scope of the operation."""


class NotFound(GatewayError):
    """404 AD_ORDER_NOT_FOUND: the gateway itself reports that it has no such order."""


class StaleGeneration(GatewayError):
    """The gateway already holds a newer generation of the order."""


class GenerationConflict(GatewayError):
    """The gateway holds this generation of the order with other content."""


class IncompatibleState(GatewayError):
    """The order's state does not allow the change."""


class RequestRejected(GatewayError):
    """Any other 4xx, a redirect, or a response of something that is not the gateway."""


_BY_STATUS: Mapping[int, type[GatewayError]] = {
    401: Unauthenticated,
    403: Forbidden,
    408: Unavailable,
    429: TooManyRequests,
}
# A proxy may send these statuses too, so they need the contract's code: a proxy's 404 must not be
# read as "there is no such order".
_BY_CODE: Mapping[tuple[int, str], type[GatewayError]] = {
    (404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND"): NotFound,
    (409, "ABORTED"): Aborted,
    (409, "INCOMPATIBLE_STATE"): IncompatibleState,
    (409, "MISSED_CALL_ADS.GENERATION_CONFLICT"): GenerationConflict,
    (409, "MISSED_CALL_ADS.STALE_GENERATION"): StaleGeneration,
    (429, "QUOTA_EXCEEDED"): QuotaExceeded,
}


def error_from_response(response: GatewayResponse, *, correlator: str) -> GatewayError:
    """Return the error that a response without success stands for."""
    status = response.status
    code, message = _read_error_body(response)
    if status >= 500:
        error_class: type[GatewayError] = Unavailable
    else:
        error_class = _BY_CODE.get((status, code)) or _BY_STATUS.get(status, RequestRejected)
    return error_class(
        message,
        code=code,
        status=status,
        correlator=correlator,
        retry_after=_read_retry_after(response.headers),
    )


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return Retry-After in seconds, from 0 to MAX_RETRY_AFTER; None if absent or unreadable.

    A date is relative to the response's own `Date`, so that a difference between the two clocks
    does not matter (RFC 9110, section 10.2.3).
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,15}", value):
        return min(float(value), MAX_RETRY_AFTER)
    until = _parse_http_date(value)
    if until is None:
        return None
    now = _parse_http_date(headers.get("date", "")) or datetime.now(UTC)
    return min(max((until - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _parse_http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_error_body(response: GatewayResponse) -> tuple[str, str]:
    """Return code and message of the contract's error body, or "" and a general message."""
    try:
        data: Any = json.loads(response.body)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        code, message = data.get("code"), data.get("message")
        if (
            isinstance(code, str)
            and isinstance(message, str)
            and data.get("status") == response.status
        ):
            return code[:96], message[:512]
    return "", f"A response {response.status} that is not of the contract"
