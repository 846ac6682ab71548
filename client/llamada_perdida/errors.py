"""The exceptions of the client. `code` is stable and for programs; `message` is for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class LlamadaPerdidaError(Exception):
    """Base class of all exceptions of this client."""


class NoAnswer(LlamadaPerdidaError):
    """No response was received in any of the attempts.

    The request may have taken effect: repeat it with the same `idempotency_key`.
    """

    def __init__(self, message: str, idempotency_key: str | None = None) -> None:
        self.idempotency_key = idempotency_key
        super().__init__(message)


class SignInRefused(LlamadaPerdidaError):
    """No token was issued: the secret is wrong or was renewed, or the API client was revoked."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(f"{code}: {message}")


class Refused(LlamadaPerdidaError):
    """The API refused a request.

    `details` has the fields and reasons, `correlator` identifies the request for support,
    `retry_after` is in seconds.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Sequence[Mapping[str, Any]] = (),
        *,
        correlator: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.status, self.code, self.message = status, code, message
        self.details = list(details)
        self.correlator, self.retry_after = correlator, retry_after
        super().__init__(f"{status} {code}: {message}")


class BadRequest(Refused):
    """400 and other 4xx without a class of their own: the request is malformed."""


class Unauthenticated(Refused):
    """401: the token was rejected, and so was a new one."""


class NotAllowed(Refused):
    """403: the API client lacks the scope or permission."""


class NotFound(Refused):
    """404: it does not exist, or belongs to another brand."""


class Conflict(Refused):
    """409: not allowed in the current state."""


class Stale(Refused):
    """412 or 428: the resource changed since it was read."""


class Unprocessable(Refused):
    """422: well-formed, but the content is not acceptable."""


class TooManyRequests(Refused):
    """429: too many requests, and Retry-After is longer than this client waits."""


class Unavailable(Refused):
    """5xx: the API failed in every attempt."""


_CLASSES: Mapping[int, type[Refused]] = {
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: Unprocessable,
    428: Stale,
    429: TooManyRequests,
}


def error_class(status: int) -> type[Refused]:
    """Return the exception class for an HTTP status."""
    return _CLASSES.get(status, Unavailable if status >= 500 else BadRequest)
