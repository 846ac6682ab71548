"""Sinks over real HTTP, and a webhook of the brand for one of them."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.models import Brand, Webhook, WebhookDelivery
from campaigns.webhooks import sink as calls
from campaigns.webhooks import subscriptions
from portal.accounts.models import User
from tests.campaigns.webhooks.attempts import queue
from tests.sinks import Sink, certificate

NAME = "avisos.tumarca.mx"


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A server on this machine, which the setting allows for webhooks."""
    settings.WEBHOOK_PRIVATE_SINKS = True
    sink = Sink()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return certificate(NAME, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls_sink(pem: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A server on this machine with a valid certificate for NAME; private addresses are refused."""
    server, vouched = pem
    trusted = ssl.create_default_context(cafile=str(vouched))
    monkeypatch.setattr(calls, "_tls", lambda: trusted)
    sink = Sink(server)
    yield sink
    sink.stop()


@pytest.fixture(autouse=True)
def _private_sinks_refused(settings: Any) -> None:
    """As in production; the fixture `sink` allows them."""
    settings.WEBHOOK_PRIVATE_SINKS = False


@pytest.fixture
def webhook(sink: Sink, brand: Brand, editor: User) -> Webhook:
    return subscriptions.create(brand.pk, sink.url, by=editor)


@pytest.fixture
def delivery(webhook: Webhook) -> WebhookDelivery:
    return queue(webhook)
