"""Signatures of webhook events, as Standard Webhooks 1.0 defines them."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from standardwebhooks import Webhook

from campaigns.models.webhook import SECRET_PREFIX

ROTATION_OVERLAP = timedelta(hours=24)  # both secrets sign, so that receivers can change over


def new_secret() -> str:
    """Return a random key of 32 bytes, as whsec_ and base64."""
    return f"{SECRET_PREFIX}{base64.b64encode(secrets.token_bytes(32)).decode()}"


def headers(event_id: str, at: datetime, body: str, keys: Iterable[str]) -> dict[str, str]:
    """Return the headers that sign a body: one signature over id, time and body for each key."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(event_id, at, body) for key in keys),
    }
