"""The gateway's counts as the sink stores them, without the gateway."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from campaigns.gateway.events import Stream
from campaigns.models import (
    AdOrder,
    Campaign,
    GatewaySource,
    OrderCount,
    ReportHour,
    TrafficHour,
)

HOUR = timedelta(hours=1)


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """Return an instant of a channel day."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def count(campaign: Campaign, inserted: int, delivered: int = 0, **fields: Any) -> None:
    """Store the newest counts of a campaign's order."""
    counts = {"inserted": inserted, "delivered": delivered, "failed": 0, "no_receipt": 0}
    order = AdOrder.objects.get(campaign=campaign)
    OrderCount.objects.update_or_create(
        ad_order=order.pk, defaults=counts | {"as_of": timezone.now()} | fields
    )


def beat(moment: datetime | None = None) -> None:
    """Store a heartbeat of the gateway, by default now."""
    GatewaySource.objects.update_or_create(
        source="urn:test", defaults={"heartbeat_at": moment or timezone.now()}
    )


def count_traffic(hour: datetime, lada: str, notifications: int, eligible: int) -> None:
    """Store the traffic of a LADA in an hour."""
    counts = {"notifications": notifications, "eligible": eligible, "with_ad": 0}
    rest = {"suppressed_consent": notifications - eligible, "suppressed_length": 0}
    TrafficHour.objects.create(hour=hour, lada=lada, revision=1, unsold=eligible, **counts, **rest)


def make_final(first: date, last: date, stream: str = Stream.HOURLY_COUNTS) -> None:
    """Store every hour of some channel days as final."""
    begin, end = at(first), at(last + timedelta(days=1))
    ReportHour.objects.bulk_create(
        ReportHour(
            stream=stream,
            hour=begin + number * HOUR,
            revision=2,
            final=True,
            completed_at=timezone.now(),
        )
        for number in range((end - begin) // HOUR)
    )
