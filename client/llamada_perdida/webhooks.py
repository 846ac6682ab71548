"""Whether an event is ours and fresh. Source: Standard Webhooks 1.0, symmetric signatures."""

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
    """The event is not ours, was changed on its way, or is too old: answer 400 and drop it."""


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    now: float | None = None,
) -> Any:
    """Give the event of a request, read, once its signature is proven. Raises BadSignature.

    `body` is what came, to the byte: not what a framework has parsed. The same event may come
    twice: know it by its `webhook-id`.
    """
    raw = body.encode() if isinstance(body, str) else body
    sent = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, at = sent["webhook-id"], sent["webhook-timestamp"]
        signatures = sent["webhook-signature"].split()
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
    # Each is compared, whichever fits: how long it takes tells nothing.
    if not sum(hmac.compare_digest(expected, each.encode()) for each in signatures):
        raise BadSignature("no signature fits")
    return json.loads(raw)
