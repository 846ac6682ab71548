"""Proof that a webhook's event is ours and fresh, as Standard Webhooks says."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from standardwebhooks import Webhook

from campaigns.models.webhook import KEY

BOTH_WORK = timedelta(hours=24)  # after a rotation, for the receiver to change over


def new_secret() -> str:
    """Draw a key of 32 bytes, written as whsec_ and base64."""
    return f"{KEY}{base64.b64encode(secrets.token_bytes(32)).decode()}"


def headers(event_id: str, at: datetime, body: str, keys: Iterable[str]) -> dict[str, str]:
    """Give the headers that prove a body: a signature over id, time and body with each key."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(event_id, at, body) for key in keys),
    }
