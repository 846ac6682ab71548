"""What is done about differences: through the outbox wherever the order is ours.

Each looks at the order again with its row locked. One that has changed since it was compared, or
that a worker holds, is left as it is: the next comparison sees it anew.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import DesiredState, OrderState
from campaigns.gateway.responses import AdOrderStatus
from campaigns.lifecycle.transitions import lock, request_state
from campaigns.models import AdOrder, Drift
from campaigns.reconciliation.compare import INSERTING, Difference, OurOrder
from core.wake import wake

log = structlog.get_logger(__name__)

BATCH = 100  # orders renewed in one transaction
REASON = "Conciliación: no coincide con lo que pide el portal."
Kind = Drift.Kind


def send_again(differences: Iterable[Difference]) -> dict[str, int]:
    """Request again what the gateway lost or has otherwise; return the new generation by order."""
    renewed: dict[str, int] = {}
    rest = iter(differences)
    while batch := list(islice(rest, BATCH)):
        renewed |= _renew(batch)
    return renewed


@transaction.atomic
def _renew(differences: Iterable[Difference]) -> dict[str, int]:
    found = {each.order_id: each for each in differences}
    renewed = {}
    for order in _unchanged(found.values()):
        their = found[str(order.pk)].theirs
        AdOrder.objects.renew(order, above=their.generation if their else 0)
        renewed[str(order.pk)] = order.generation
    if renewed:
        wake("campaigns.tasks.send_due")
    return renewed


def replace_running(difference: Difference, client: GatewayClient) -> int | None:
    """Request again what runs with other content; return the new generation, or None.

    Text, category and target change only while an order is not running, so it is paused there
    first. Meanwhile no worker sends it: a change made here in between gets the generation above
    that of the pause. Raises GatewayError where it could not be paused.
    """
    their = difference.theirs
    assert their is not None
    if not _lease(difference):
        return None
    paused = False
    try:
        pause(their, client)
        paused = True
    finally:
        generation = _end_lease(difference.order_id, above=their.generation + 1, renews=paused)
    return generation


@transaction.atomic
def _lease(difference: Difference) -> bool:
    for order in _unchanged([difference]):
        order.lease_until = timezone.now() + timedelta(seconds=settings.GATEWAY_LEASE)
        order.save(update_fields=["lease_until"])
        return True
    return False


@transaction.atomic
def _end_lease(order_id: str, *, above: int, renews: bool) -> int:
    """Return the generation. A change made under the lease is renewed too: its own may be taken."""
    order = AdOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    order.lease_until = None
    if renews or not order.confirmed:
        AdOrder.objects.renew(order, above=above)
        wake("campaigns.tasks.send_due")
    else:
        order.save(update_fields=["lease_until"])
    return order.generation


def pause(their: AdOrderStatus, client: GatewayClient) -> None:
    """Pause an order at the gateway, above its own generation. Raises GatewayError."""
    client.set_desired_state(
        their.ad_order_id, DesiredState.PAUSED, generation=their.generation + 1, reason=REASON
    )
    log.warning("ad_order_paused_there", ad_order=their.ad_order_id, was=their.state.value)


@transaction.atomic
def stop_overrun(difference: Difference) -> bool:
    """Request a pause of an order that goes on above its goal; return whether that was needed."""
    our, their = difference.ours, difference.theirs
    assert our is not None and their is not None
    if their.state not in INSERTING or our.desired_state is not DesiredState.ACTIVE:
        return False
    campaign = lock(our.campaign_id)
    for _order in _unchanged([difference]):
        request_state(campaign, DesiredState.PAUSED)
        return True
    return False


def _unchanged(differences: Iterable[Difference]) -> Iterable[AdOrder]:
    """Return the orders of differences, locked, that are still as they were compared."""
    ours: dict[str, OurOrder] = {each.order_id: each.ours for each in differences if each.ours}
    rows = AdOrder.objects.at_rest(timezone.now()).filter(pk__in=ours)
    rows = rows.select_for_update(skip_locked=True, no_key=True).order_by("pk")
    return [order for order in rows if order.generation == ours[str(order.pk)].generation]


def runs_otherwise(difference: Difference) -> bool:
    """Return whether the gateway inserts the content of an order that we want otherwise."""
    their = difference.theirs
    return (
        difference.kind is Kind.CONTENT and their is not None and their.state is OrderState.ACTIVE
    )
