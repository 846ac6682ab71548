"""Sinks over real HTTP, and a webhook of the brand at one of them."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.models import Brand, Webhook
from campaigns.webhooks import sink as calls
from campaigns.webhooks import subscriptions
from portal.accounts.models import User
from tests.sinks import Sink, certificate

NAME = "avisos.tumarca.mx"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A program on this machine, which the setting lets webhooks reach."""
    settings.WEBHOOK_PRIVATE_SINKS = True
    sink = Sink()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return certificate(NAME, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls_sink(pem: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A program on this machine with a good certificate for NAME; the guard is on."""
    server, vouched = pem
    trusted = ssl.create_default_context(cafile=str(vouched))
    monkeypatch.setattr(calls, "_tls", lambda: trusted)
    sink = Sink(server)
    yield sink
    sink.stop()


@pytest.fixture(autouse=True)
def _guarded(settings: Any) -> None:
    """As in production; `sink` opens it."""
    settings.WEBHOOK_PRIVATE_SINKS = False


@pytest.fixture
def webhook(sink: Sink, brand: Brand, editor: User) -> Webhook:
    return subscriptions.create(brand.pk, sink.url, by=editor)
