"""CloudEvents for webhooks: for each line of a campaign's history, and for results that are final.

They are queued in the transaction of what they tell, so nothing is sent that did not happen.
Events carry ids and the new status, never people or what they wrote; receivers that need more
read the campaign by the API.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.booking import BOOKING
from campaigns.models import Campaign, Event, Webhook, WebhookDelivery
from campaigns.models.webhook import RESULTS_FINAL_TYPE, TEST_TYPE
from campaigns.moves import MOVE_EVENT_TYPES, MOVES
from core.wake import wake

EVENT_TYPES = (*MOVE_EVENT_TYPES, RESULTS_FINAL_TYPE)


def enqueue(line: Event) -> None:
    """Queue a line of history for the webhooks of its brand that subscribe to its type."""
    data = {
        "status": line.to_status,
        "bookingStatus": BOOKING[line.to_status],
        "version": line.version_number,
        "at": _format_time(line.at),
        "action": line.move,
        "told": str(line.label),
    }
    _enqueue(line.campaign, f"evt-{line.pk}", MOVES[line.move].event_type, line.at, data)


def enqueue_final_results(
    campaign: Campaign, first: date, last: date, counts: Mapping[str, int], at: datetime
) -> None:
    """Queue that the counts of a campaign are final, from a channel day to another.

    `counts` are those of the span, by their names in the API.
    """
    data = {
        "fromDay": first.isoformat(),
        "untilDay": last.isoformat(),
        "grain": "day",
        "finalizedAt": _format_time(at),
        **counts,
    }
    event_id = f"results-{campaign.folio}-{first}-{last}"
    _enqueue(campaign, event_id, RESULTS_FINAL_TYPE, at, data)


def _enqueue(
    campaign: Campaign, event_id: str, event_type: str, at: datetime, data: Mapping[str, Any]
) -> None:
    """Queue an event of a campaign for the webhooks of its brand that subscribe to its type."""
    subscribers = list(
        Webhook.objects.subscribed_to(campaign.brand_id, event_type).values_list("pk", flat=True)
    )
    if not subscribers:
        return
    data = {"id": campaign.folio, "brand": campaign.brand.slug, **data}
    body = cloud_event(event_id, event_type, "campaigns", campaign.folio, at, data)
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
