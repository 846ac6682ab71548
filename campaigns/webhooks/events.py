"""What the programs of a brand are told: each line of a campaign's history, as a CloudEvent.

Written with the line, in its transaction: what did not happen is told to nobody. Events carry
ids and the new state, never people or words of theirs; who wants more reads the campaign.
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


def tell(line: Event) -> None:
    """Queue a line of history for the webhooks of its brand that want it."""
    campaign = line.campaign
    kind = MOVES[line.move].event_type
    hearing = list(Webhook.objects.hearing(campaign.brand_id, kind).values_list("pk", flat=True))
    if not hearing:
        return
    event_id = f"evt-{line.pk}"
    data = {
        "id": campaign.folio,
        "brand": campaign.brand.slug,
        "status": line.to_status,
        "bookingStatus": BOOKING[line.to_status],
        "version": line.version_number,
        "at": _written(line.at),
        "action": line.move,
        "told": str(line.label),
    }
    body = cloud_event(event_id, kind, "campaigns", campaign.folio, line.at, data)
    rows = [
        WebhookDelivery(
            webhook_id=pk, event_id=event_id, type=kind, subject=campaign.folio, body=body
        )
        for pk in hearing
    ]
    WebhookDelivery.objects.bulk_create(rows)
    wake("campaigns.tasks.deliver_webhooks")


def write_test(webhook: Webhook, event_id: str) -> WebhookDelivery:
    """Queue an event of no campaign, whatever types the webhook wants."""
    now, subject = timezone.now(), str(webhook.pk)
    data = {"id": webhook.pk, "brand": webhook.brand.slug, "at": _written(now)}
    data["told"] = _("Prueba: si lees esto y la firma es válida, tu webhook está listo.")
    body = cloud_event(event_id, TEST_TYPE, "webhooks", subject, now, data)
    wake("campaigns.tasks.deliver_webhooks")
    return WebhookDelivery.objects.create(
        webhook=webhook, event_id=event_id, type=TEST_TYPE, subject=subject, body=body
    )


def cloud_event(
    event_id: str, kind: str, collection: str, subject: str, at: datetime, data: Mapping[str, Any]
) -> str:
    """Write a CloudEvent 1.0 as JSON: the text that is signed and sent, byte by byte."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": f"{settings.PORTAL_URL}/api/v1/{collection}",
            "type": kind,
            "subject": subject,
            "time": _written(at),
            "datacontenttype": "application/json",
            "data": data,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
