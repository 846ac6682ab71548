"""What the gateway can carry: read at the start of a worker and every hour, kept in one row."""

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns import breaker, gateway_words, outbox, text_limit
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import Scope
from campaigns.gateway.errors import GatewayError
from campaigns.models import GatewayCapabilities
from segments.models import Lada

log = structlog.get_logger(__name__)

READ_EVERY = timedelta(hours=1)
RETRY_AFTER = timedelta(minutes=1)


class Report(NamedTuple):
    """What staff need to know: each member is empty, or False, while there is nothing to say."""

    read_at: datetime | None
    cause: str  # why it could not be read the last time, in words
    last_error: str
    lowers_limit: bool
    limit: int  # of new texts, in characters
    unknown_there: list[str]  # LADAs of the catalogue that the gateway does not know
    unknown_here: list[str]  # and the reverse

    @property
    def needs_attention(self) -> bool:
        return bool(self.cause or self.lowers_limit or self.unknown_there or self.unknown_here)


def read(client: GatewayClient | None = None) -> None:
    """Read the capabilities now. After an error what was known stays, and it is tried again."""
    client = client or outbox.gateway_client(Scope.READ_ORDERS)
    now = timezone.now()
    try:
        found = client.get_capabilities()
    except GatewayError as error:
        outcome: dict[str, object] = {
            "last_error": str(error)[:500],
            "next_reading_at": now + RETRY_AFTER,
        }
        log.warning("capabilities_not_read", error=error)
    else:
        breaker.record(None)
        outcome = {
            "max_ad_septets": found.max_ad_septets,
            "base_text_septets": found.base_text_septets,
            "ladas": sorted(found.ladas),
            "features": sorted(found.features),
            "blocked_categories": sorted(found.blocked_categories),
            "test_handsets": list(found.test_handsets),
            "read_at": now,
            "next_reading_at": now + READ_EVERY,
            "last_error": "",
        }
    GatewayCapabilities.objects.update_or_create(pk=1, defaults=outcome)
    text_limit.forget()


def read_due(client: GatewayClient | None = None) -> bool:
    """Read them if that is due and no other worker does it; return whether it was.

    While the breaker is open they are read for its sake: without an order that is due nothing
    else would find that the gateway responds again.
    """
    if not _claim_reading() and not (breaker.state().is_open and breaker.allows()):
        return False
    read(client)
    return True


@transaction.atomic
def _claim_reading() -> bool:
    GatewayCapabilities.objects.get_or_create(pk=1)
    now = timezone.now()
    due = GatewayCapabilities.objects.filter(next_reading_at__lte=now)
    lease = now + timedelta(seconds=settings.GATEWAY_LEASE)
    return due.update(next_reading_at=lease) == 1


def report() -> Report:
    """Return what staff need to know, in two queries at most."""
    row = GatewayCapabilities.objects.first() or GatewayCapabilities()
    here = set(Lada.objects.values_list("code", flat=True)) if row.read_at else set()
    there = set(row.ladas) if row.read_at else set()
    return Report(
        read_at=row.read_at,
        cause=gateway_words.cause(row.last_error),
        last_error=row.last_error,
        lowers_limit=row.read_at is not None and row.max_ad_septets < settings.AD_TEXT_LIMIT,
        limit=min(settings.AD_TEXT_LIMIT, row.max_ad_septets or settings.AD_TEXT_LIMIT),
        unknown_there=sorted(here - there),
        unknown_here=sorted(there - here),
    )


def figures() -> dict[str, object]:
    """Return the same for programs."""
    now = report()
    return {
        "capabilities_read_at": now.read_at,
        "ad_text_limit": now.limit,
        "ladas_unknown_to_gateway": now.unknown_there,
        "ladas_unknown_here": now.unknown_here,
    }


def test_handsets() -> list[str]:
    """Return the aliases of the gateway's test handsets."""
    row = GatewayCapabilities.objects.first()
    return row.test_handsets if row else []
