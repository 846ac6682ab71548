"""The limit of new ad texts: the operator's setting, or less where the gateway carries less.

Texts that were approved under a higher limit keep running.
"""

import time

from django.conf import settings

from campaigns.models import GatewayCapabilities

KEPT_FOR = 5.0  # seconds for which a process keeps what the gateway carries

_kept: int | None = None  # None: the gateway was never asked
_kept_until = 0.0  # by the monotonic clock


def current() -> int:
    """Return the characters that a new ad text may have."""
    carried = gateway_limit()
    return settings.AD_TEXT_LIMIT if carried is None else min(settings.AD_TEXT_LIMIT, carried)


def gateway_limit() -> int | None:
    """Return the characters that the gateway carries, None if it never said. At most one query."""
    global _kept, _kept_until
    if time.monotonic() >= _kept_until:
        known = GatewayCapabilities.objects.filter(read_at__isnull=False)
        _kept = known.values_list("max_ad_septets", flat=True).first()
        _kept_until = time.monotonic() + KEPT_FOR
    return _kept


def forget() -> None:
    """Read the gateway's limit anew at the next call."""
    global _kept_until
    _kept_until = 0.0
