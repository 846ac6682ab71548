"""Verification of webhooks. Source: Standard Webhooks 1.0, symmetric signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from llamada_perdida.errors import LlamadaPerdidaError

TOLERANCE = 300  # seconds that a clock may differ


class BadSignature(LlamadaPerdidaError):
    """The event is forged, altered or too old: respond with 400 and discard it."""


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    now: float | None = None,
) -> Any:
    """Verify the signature of a request and return its event, parsed. Raise BadSignature.

    `body` is the raw body, not what a framework has parsed. An event may be delivered more than
    once: its `webhook-id` stays the same.
    """
    raw = body.encode() if isinstance(body, str) else body
    received = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, at = received["webhook-id"], received["webhook-timestamp"]
        signatures = received["webhook-signature"].split()
        age = abs((time.time() if now is None else now) - int(at))
    except (KeyError, ValueError):
        raise BadSignature("its headers are missing or malformed") from None
    if age > TOLERANCE:
        raise BadSignature("it is too old, or from the future")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("the secret is not one of a webhook: whsec_…") from None
    signed = f"{event_id}.{at}.".encode() + raw
    expected = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    # All are compared, so that the time taken does not depend on which one matches.
    if not sum(hmac.compare_digest(expected, each.encode()) for each in signatures):
        raise BadSignature("no signature matches")
    return json.loads(raw)
