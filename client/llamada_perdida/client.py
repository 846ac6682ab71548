"""The client: every operation of the API as a method."""

from __future__ import annotations

from types import TracebackType
from typing import TypeVar

from llamada_perdida.operations import Operations

Self = TypeVar("Self", bound="Client")


class Client(Operations):
    """Acts for a brand: `Client("https://portal.example", client_id, client_secret)`."""

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
