"""The signature of the gateway's events, as Standard Webhooks 1.0 defines it."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from standardwebhooks import Webhook, WebhookVerificationError

from campaigns.reports.outcomes import Outcome

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
TOLERANCE = timedelta(minutes=5)  # the library's own: of real time, to either side
MIN_SECRET_BYTES = 24  # as Standard Webhooks demands
MAX_SECRETS = 2


class BadSignature(Exception):
    """A body was not signed with one of our secrets within TOLERANCE; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.value)


def check(headers: Mapping[str, str], body: bytes) -> None:
    """Check a raw body against each of GATEWAY_EVENT_SECRETS, in constant time.

    Raises BadSignature.
    """
    given = {name: headers.get(name, "") for name in HEADERS}
    if not all(given.values()):
        raise BadSignature(Outcome.UNSIGNED)
    outcome = Outcome.BAD_SIGNATURE
    for secret in settings.GATEWAY_EVENT_SECRETS:
        try:
            Webhook(secret).verify(body, given, json_parse=False)
        except WebhookVerificationError as error:
            if "timestamp" in str(error):
                outcome = Outcome.STALE
        except ValueError:  # a header, or the body, that is not text of the expected form
            pass
        else:
            return
    raise BadSignature(outcome)


def are_strong(secrets: Sequence[str]) -> bool:
    """Return whether there are one or two secrets, each whsec_ and enough bytes in base64."""
    return 1 <= len(secrets) <= MAX_SECRETS and all(map(_is_strong, secrets))


def _is_strong(secret: str) -> bool:
    prefix, _, encoded = secret.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return prefix == "whsec" and len(key) >= MIN_SECRET_BYTES and len(set(key)) > 8
