"""CloudEvents for webhooks: one for each line of a campaign's history.

They are queued in the transaction that writes the line, so nothing is sent that did not happen.
Events carry ids and the new status, never people or what they wrote; receivers that need more
read the campaign by the API.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.booking import BOOKING
from campaigns.models import Event, Webhook, WebhookDelivery
from campaigns.models.webhook import TEST_TYPE
from campaigns.moves import MOVES
from core.wake import wake


def enqueue(line: Event) -> None:
    """Queue a line of history for the webhooks of its brand that subscribe to its type."""
    campaign = line.campaign
    event_type = MOVES[line.move].event_type
    subscribers = list(
        Webhook.objects.subscribed_to(campaign.brand_id, event_type).values_list("pk", flat=True)
    )
    if not subscribers:
        return
    event_id = f"evt-{line.pk}"
    data = {
        "id": campaign.folio,
        "brand": campaign.brand.slug,
        "status": line.to_status,
        "bookingStatus": BOOKING[line.to_status],
        "version": line.version_number,
        "at": _format_time(line.at),
        "action": line.move,
        "told": str(line.label),
    }
    body = cloud_event(event_id, event_type, "campaigns", campaign.folio, line.at, data)
    rows = [
        WebhookDelivery(
            webhook_id=pk, event_id=event_id, type=event_type, subject=campaign.folio, body=body
        )
        for pk in subscribers
    ]
    WebhookDelivery.objects.bulk_create(rows)
    wake("campaigns.tasks.deliver_webhooks")


def enqueue_test(webhook: Webhook, event_id: str) -> WebhookDelivery:
    """Queue an event of no campaign, whatever types the webhook subscribes to."""
    now, subject = timezone.now(), str(webhook.pk)
    data = {"id": webhook.pk, "brand": webhook.brand.slug, "at": _format_time(now)}
    data["told"] = _("Prueba: si lees esto y la firma es válida, tu webhook está listo.")
    body = cloud_event(event_id, TEST_TYPE, "webhooks", subject, now, data)
    wake("campaigns.tasks.deliver_webhooks")
    return WebhookDelivery.objects.create(
        webhook=webhook, event_id=event_id, type=TEST_TYPE, subject=subject, body=body
    )


def cloud_event(
    event_id: str,
    event_type: str,
    collection: str,
    subject: str,
    at: datetime,
    data: Mapping[str, Any],
) -> str:
    """Return a CloudEvent 1.0 as JSON: the exact text that is signed and sent."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": f"{settings.PORTAL_URL}/api/v1/{collection}",
            "type": event_type,
            "subject": subject,
            "time": _format_time(at),
            "datacontenttype": "application/json",
            "data": data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _format_time(moment: datetime) -> str:
    """Return a moment in UTC as RFC 3339 with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
