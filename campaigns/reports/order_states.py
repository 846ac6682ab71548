"""The state of one ad order at the gateway, as an event reports it."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from campaigns.gateway.events import StateChange
from campaigns.models import AdOrder
from core.wake import wake


def write(order_id: UUID, change: StateChange, at: datetime) -> None:
    """Write a state of the confirmed generation or a newer one, unless a later one is known.

    `at` is the time of the event by the gateway's clock. Locks this one order, nothing else.
    """
    rows = AdOrder.objects.filter(
        Q(gateway_state_at__isnull=True) | Q(gateway_state_at__lte=at),
        pk=order_id,
        acknowledged_generation__lte=change.observed_generation,
        generation__gte=change.observed_generation,
    )
    if rows.update(
        gateway_state=change.state.value,
        gateway_state_reason=change.state_reason[:300],
        gateway_state_at=at,
    ):
        wake("campaigns.tasks.advance_due")
