"""What goes wrong, a class a kind. `code` is stable and for programs; `message` is for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class LlamadaPerdidaError(Exception):
    """The base of all that this client raises."""


class NoAnswer(LlamadaPerdidaError):
    """The API could not be reached, or did not answer, as often as it was tried.

    What was asked for may have been done: with its Idempotency-Key it can be asked for again.
    """

    def __init__(self, message: str, idempotency_key: str | None = None) -> None:
        self.idempotency_key = idempotency_key
        super().__init__(message)


class SignInRefused(LlamadaPerdidaError):
    """No token was given: the secret is wrong or renewed, or the program was revoked."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(f"{code}: {message}")


class Refused(LlamadaPerdidaError):
    """The API said no. `details` says what and where, `correlator` is what to tell support."""

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
    """400 and its kind: something in the request is not understood."""


class Unauthenticated(Refused):
    """401: the token is not taken, not even a new one."""


class NotAllowed(Refused):
    """403: the program may not do this."""


class NotFound(Refused):
    """404: there is none, or it is another brand's."""


class Conflict(Refused):
    """409: what there is does not allow it now."""


class Stale(Refused):
    """412 or 428: it changed since it was read."""


class Unprocessable(Refused):
    """422: understood, and it cannot be done as it is."""


class TooManyRequests(Refused):
    """429: the limit is passed, and its end is farther than this client waits."""


class Unavailable(Refused):
    """5xx: something of ours failed, as often as it was tried."""


_KINDS: Mapping[int, type[Refused]] = {
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: Stale,
    422: Unprocessable,
    428: Stale,
    429: TooManyRequests,
}


def kind_of(status: int) -> type[Refused]:
    """Give the class of a status."""
    return _KINDS.get(status, Unavailable if status >= 500 else BadRequest)
