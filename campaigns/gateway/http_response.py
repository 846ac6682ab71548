"""A response of the gateway, read to its end."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """Status, headers and whole body of an HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes
