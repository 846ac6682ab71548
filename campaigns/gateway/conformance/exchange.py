"""A request and its response, as a check judges them and a report shows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.gateway.conformance.contract_file import Operation, read_json
from campaigns.gateway.http_response import GatewayResponse

MAX_SHOWN_BODY = 2_000
"""Characters of a body that a report shows."""

_SHOWN_HEADERS = ("content-type", "x-correlator", "etag", "location", "retry-after")
_TOKEN = re.compile(r'("access_token"\s*:\s*")[^"]*')


class CheckFailed(Exception):
    """The gateway does not keep a rule; the message says what it did instead.

    `exchange` shows it, where that is not the last one.
    """

    def __init__(self, message: str, exchange: "Exchange | None" = None) -> None:
        super().__init__(message)
        self.exchange = exchange


class CheckSkipped(Exception):
    """A rule cannot be checked here; the message says why."""


@dataclass(frozen=True)
class Exchange:
    """A request and its response. `headers` are those sent, without the credentials."""

    operation: Operation | None
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    response: GatewayResponse

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def data(self) -> Any:
        """The JSON of the response, or None if it is not JSON."""
        return read_json(self.response)

    @property
    def code(self) -> str:
        """The code of an error body, or nothing."""
        return str(self.get("code") or "")

    def get(self, name: str) -> Any:
        """Return a member of the response's JSON object, or None."""
        data = self.data
        return data.get(name) if isinstance(data, dict) else None

    def header(self, name: str) -> str:
        return self.response.headers.get(name, "")

    def expect(self, status: int, code: str = "") -> "Exchange":
        """Return the exchange itself. Raise CheckFailed if its status or error code is another."""
        if (self.status, self.code if code else "") != (status, code):
            expected = f"{status} {code}".strip()
            received = f"{self.status} {self.code}".strip()
            raise CheckFailed(f"expected {expected}, received {received}", self)
        return self

    def to_json(self) -> dict[str, Any]:
        """Return it for a report: bodies cut to MAX_SHOWN_BODY, no token."""
        received = self.response.headers
        return {
            "request": {
                "method": self.method,
                "url": self.url,
                "headers": dict(self.headers),
                "body": _shown(self.body),
            },
            "response": {
                "status": self.status,
                "headers": {name: received[name] for name in _SHOWN_HEADERS if name in received},
                "body": _TOKEN.sub(r"\1…", _shown(self.response.body)),
            },
        }


@dataclass(frozen=True)
class Deviation:
    """A response that is not as the contract describes: in which part, and how."""

    part: str
    message: str
    exchange: Exchange


def require(condition: object, message: str, exchange: Exchange | None = None) -> None:
    """Raise CheckFailed with a message unless a condition holds."""
    if not condition:
        raise CheckFailed(message, exchange)


def _shown(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    more = len(text) - MAX_SHOWN_BODY
    return f"{text[:MAX_SHOWN_BODY]}… and {more} more" if more > 0 else text
