"""The client: a method for every operation of the API."""

from __future__ import annotations

from types import TracebackType
from typing import TypeVar

from llamada_perdida.operations import Operations

Self = TypeVar("Self", bound="Client")


class Client(Operations):
    """A client with a brand's credentials: `Client("https://portal.example", id, secret)`."""

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
