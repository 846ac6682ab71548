"""Deliveries in the queue, and attempts at them without a call."""

from django.utils import timezone

from campaigns.models import WebhookDelivery
from campaigns.moves import MOVES
from campaigns.webhooks import deliveries, events
from campaigns.webhooks.sink import CallResult

FAILED = CallResult(500, "Contestó 500 en lugar de 2xx.", 12)
TAKEN = CallResult(204, "", 12)


def queue(webhook, number=1):
    """Queue an event as an entry of the history does."""
    kind, when = MOVES["start"].event_type, timezone.now()
    event_id = f"evt-{number}"
    body = events.cloud_event(event_id, kind, "campaigns", "LP-ABC234", when, {"told": "Al aire"})
    return WebhookDelivery.objects.create(
        webhook=webhook, event_id=event_id, type=kind, subject="LP-ABC234", body=body
    )


def attempt(result):
    """Claim the next delivery and record a result without a call."""
    claimed = deliveries.claim()
    assert claimed is not None
    deliveries.record(claimed, result)


def fresh(row):
    row.refresh_from_db()
    return row
