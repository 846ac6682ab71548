"""Send ad orders to the gateway, so that every generation takes effect there once.

A worker claims an order with a lease, calls the gateway outside any transaction, and records the
outcome. Each call carries the whole requested state with its generation, so a repeat after a lost
response, a killed worker or an expired lease changes nothing at the gateway.

Orders that pause or cancel are urgent: they go first, by a queue and a worker of their own, are
tried again every few seconds, and do not ask the breaker.
"""

import random
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from campaigns import breaker, lifecycle
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import Scope
from campaigns.gateway.errors import GatewayError
from campaigns.gateway.responses import AdOrderStatus
from campaigns.models import AdOrder
from campaigns.models.ad_order import AdOrderQuerySet
from core.wake import wake

log = structlog.get_logger(__name__)

URGENT_RETRY = timedelta(seconds=5)
SWEEP = 60  # seconds for which one task sends; the next one goes on

# What the outcome of a call may change; `generation` and `document` belong to the campaign.
OUTCOME_FIELDS = (
    "acknowledged_generation",
    "acknowledged_at",
    "content_hash",
    "gateway_state",
    "idle_from",
    "stop_confirmed_at",
    "refused_generation",
    "failing_since",
    "next_attempt_at",
    "lease_until",
    "last_error",
)


class AdOrderClaim(NamedTuple):
    """One worker's right to send one generation of an ad order until its lease ends."""

    order_id: uuid.UUID
    campaign_id: int
    generation: int
    document: dict[str, Any]  # as `AdOrderDocument.to_json` returned it
    is_urgent: bool
    lease_until: datetime


@cache
def gateway_client(scope: Scope) -> GatewayClient:
    """Return the client of this process for a scope, which keeps its token and connections.

    One a scope: orders go out also where the gateway does not grant the other scopes.
    """
    return GatewayClient(
        base_url=settings.GATEWAY_URL,
        token_url=settings.GATEWAY_TOKEN_URL,
        client_id=settings.GATEWAY_CLIENT_ID,
        client_secret=settings.GATEWAY_CLIENT_SECRET,
        scopes=[scope],
        deadline=settings.GATEWAY_TIMEOUT,
    )


def send_due() -> None:
    """Send all orders that are due, urgent ones first, until the breaker opens."""
    _send_each(claim)


def send_urgent() -> None:
    """Send the urgent orders that are due."""
    _send_each(claim_urgent)


def _send_each(claim: Callable[[], AdOrderClaim | None]) -> None:
    until = time.monotonic() + SWEEP
    while time.monotonic() < until and (claimed := claim()):
        if not claimed.is_urgent and not breaker.allows():
            _give_back(claimed)
            return
        send(claimed)


def claim() -> AdOrderClaim | None:
    """Claim an urgent order, or the one that has been due the longest; None if none is due."""
    return claim_urgent() or _claim(AdOrder.objects.due(timezone.now()))


def claim_urgent() -> AdOrderClaim | None:
    """Claim the urgent order that has been due the longest; return None if none is due."""
    return _claim(AdOrder.objects.stopping_due(timezone.now()))


@transaction.atomic
def _claim(orders: AdOrderQuerySet) -> AdOrderClaim | None:
    now = timezone.now()
    order = (
        orders.select_for_update(skip_locked=True, no_key=True).order_by("next_attempt_at").first()
    )
    if order is None:
        return None
    order.lease_until = now + timedelta(seconds=settings.GATEWAY_LEASE)
    order.attempts += 1
    order.save(update_fields=["lease_until", "attempts"])
    return AdOrderClaim(
        order_id=order.pk,
        campaign_id=order.campaign_id,
        generation=order.generation,
        document=order.document,
        is_urgent=order.stops,
        lease_until=order.lease_until,
    )


def _give_back(claimed: AdOrderClaim) -> None:
    """Undo a claim: the order stays due, and no attempt was made."""
    AdOrder.objects.filter(pk=claimed.order_id, lease_until=claimed.lease_until).update(
        lease_until=None, attempts=Greatest(F("attempts") - 1, 0)
    )


def send(claimed: AdOrderClaim, client: GatewayClient | None = None) -> None:
    """Send a claimed generation to the gateway and record the outcome, also in the breaker."""
    client = client or gateway_client(Scope.WRITE_ORDERS)
    with structlog.contextvars.bound_contextvars(
        ad_order=str(claimed.order_id), generation=claimed.generation
    ):
        try:
            accepted = client.put_ad_order(str(claimed.order_id), claimed.document)
        except GatewayError as error:
            breaker.record(error)
            _record_failure(claimed, error)
        else:
            breaker.record(None)
            _record_accepted(claimed, accepted.status)


@transaction.atomic
def resend(order_id: uuid.UUID) -> None:
    """Make a refused or failing order due now, after a person has removed the cause."""
    order = AdOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    order.refused_generation = None
    order.failing_since = None
    order.attempts = 0
    order.next_attempt_at = timezone.now()
    order.save(update_fields=["refused_generation", "failing_since", "attempts", "next_attempt_at"])
    wake("campaigns.tasks.send_urgent" if order.stops else "campaigns.tasks.send_due")


@transaction.atomic
def _record_accepted(claimed: AdOrderClaim, status: AdOrderStatus) -> None:
    """Confirm a generation. Lock the campaign first, then the order."""
    lifecycle.schedule(claimed.campaign_id)
    order = _lock_and_end_lease(claimed)
    if order.acknowledged_generation < claimed.generation:
        order.acknowledged_generation = claimed.generation
        order.acknowledged_at = timezone.now()
        order.content_hash = status.content_hash
        order.gateway_state = status.state.value
        order.note_taken(claimed.document)
        order.failing_since = None
        order.last_error = ""
    order.save(update_fields=OUTCOME_FIELDS)
    log.info("ad_order_accepted", state=status.state.value)


@transaction.atomic
def _record_failure(claimed: AdOrderClaim, error: GatewayError) -> None:
    """Set the next attempt if the error is retryable, else leave the order to a person.

    A failure does not matter any more if its generation is confirmed, or a newer one exists.
    """
    order = _lock_and_end_lease(claimed)
    if order.acknowledged_generation < order.generation == claimed.generation:
        now = timezone.now()
        order.last_error = str(error)[:500]
        order.failing_since = order.failing_since or now
        if error.retryable:
            delay = URGENT_RETRY if order.stops else _retry_delay(order.attempts, error)
            order.next_attempt_at = now + delay
        else:
            order.refused_generation = claimed.generation
    order.save(update_fields=OUTCOME_FIELDS)
    log.warning("ad_order_failed", error=error, retryable=error.retryable, attempts=order.attempts)


def _lock_and_end_lease(claimed: AdOrderClaim) -> AdOrder:
    """Lock the order and end this claim's lease, but not the lease of a later claim."""
    order = AdOrder.objects.select_for_update(no_key=True).get(pk=claimed.order_id)
    if order.lease_until == claimed.lease_until:
        order.lease_until = None
    return order


def _retry_delay(attempts: int, error: GatewayError) -> timedelta:
    """Return the gateway's Retry-After, else full jitter: uniform in 0…min(cap, base · 2ⁿ).

    Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
    """
    if error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    ceiling = min(
        settings.GATEWAY_BACKOFF_CAP, settings.GATEWAY_BACKOFF_BASE * 2 ** min(attempts - 1, 30)
    )
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311 (spread, not secrecy)
