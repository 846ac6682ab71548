"""The inbox: events as they came. The row, body included, is the claim; nothing is set before."""

from datetime import timedelta

import structlog
from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from campaigns.gateway.contract_model import ContractMismatch
from campaigns.gateway.events import Envelope
from campaigns.models import InboxEvent, StreamPosition
from campaigns.reports import known_orders
from core.wake import wake

log = structlog.get_logger(__name__)

APPLY = "campaigns.tasks.apply_reports"
KEPT_FOR = timedelta(days=14)
SET_ASIDE_KEPT_FOR = timedelta(days=90)

_INSERT = """
    INSERT INTO campaigns_inboxevent
        (source, event_id, type, stream, sequence, body, received_at, set_aside, detail)
    VALUES (%s, %s, %s, %s, %s, %s, %s, '', '')
    ON CONFLICT (source, event_id) DO NOTHING
"""


def read(body: bytes, *, event_id: str | None = None) -> Envelope:
    """Return the envelope of an event, which has the id that was signed, if one is given.

    Raises ContractMismatch.
    """
    envelope = Envelope.from_json(body)
    if event_id not in (None, envelope.id):
        raise ContractMismatch("id: not the one of webhook-id")
    texts = (envelope.source, envelope.id, envelope.type, envelope.stream or "")
    if not all(text.isprintable() for text in texts):  # PostgreSQL stores no NUL
        raise ContractMismatch("An attribute has control characters")
    return envelope


def store(envelope: Envelope, body: bytes) -> bool:
    """Store an event; return False for a repeat, which changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                envelope.source,
                envelope.id,
                envelope.type,
                envelope.stream or "",
                envelope.sequence,
                body,
                timezone.now(),
            ],
        )
        return cursor.rowcount == 1


def apply_again(events: QuerySet[InboxEvent]) -> int:
    """Make events that were set aside due again; return how many."""
    count = events.exclude(set_aside="").update(set_aside="", detail="")
    if count:
        wake(APPLY)
    return count


def release_known() -> int:
    """Make the events due whose unknown orders are now known; return how many."""
    waiting = InboxEvent.objects.filter(set_aside=InboxEvent.Reason.UNKNOWN_ORDER)
    details = list(waiting.values_list("detail", flat=True).distinct())
    if not details:
        return 0
    known = known_orders.among({number for detail in details for number in detail.split()})
    due = [detail for detail in details if not known.keys().isdisjoint(detail.split())]
    return apply_again(waiting.filter(detail__in=due)) if due else 0


def delete_old() -> None:
    """Delete events that were applied KEPT_FOR ago, or set aside SET_ASIDE_KEPT_FOR ago.

    Those that come after a gap stay: their numbers are still needed.
    """
    now = timezone.now()
    InboxEvent.objects.exclude(set_aside="").filter(
        received_at__lt=now - SET_ASIDE_KEPT_FOR
    ).delete()
    position = StreamPosition.objects.filter(source=OuterRef("source"), stream=OuterRef("stream"))
    InboxEvent.objects.filter(applied_at__isnull=False, received_at__lt=now - KEPT_FOR).alias(
        read_to=Subquery(position.values("sequence"))
    ).filter(Q(sequence__isnull=True) | Q(sequence__lte=F("read_to"))).delete()
