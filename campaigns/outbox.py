"""Bring to the gateway what it shall hold: every generation once in effect, whatever fails.

A worker claims an order with a lease, calls the gateway outside any transaction
and notes the outcome. The call carries the whole wanted state with its
generation, so a repeat after a lost answer, a dead worker or an overlong lease
changes nothing at the gateway.
"""

import random
import uuid
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns import lifecycle
from campaigns.gateway.answers import Accepted
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import AdOrderDocument, Scope
from campaigns.gateway.failures import GatewayError
from campaigns.models import AdOrder
from core.wake import wake

log = structlog.get_logger(__name__)

# What the outcome of a call may change; `generation` and `document` are the campaign's.
NOTED = (
    "acknowledged_generation",
    "acknowledged_at",
    "content_hash",
    "gateway_state",
    "refused_generation",
    "failing_since",
    "next_attempt_at",
    "lease_until",
    "last_error",
)


class Claim(NamedTuple):
    """One worker's right to send one generation of an order, for a lease."""

    order_id: uuid.UUID
    campaign_id: int
    generation: int
    document: dict[str, Any]  # as `AdOrderDocument.to_json` wrote it
    lease_until: datetime


@cache
def gateway() -> GatewayClient:
    """The process's own client, so that its token and connections are used again."""
    return GatewayClient(
        base_url=settings.GATEWAY_URL,
        token_url=settings.GATEWAY_TOKEN_URL,
        client_id=settings.GATEWAY_CLIENT_ID,
        client_secret=settings.GATEWAY_CLIENT_SECRET,
        scopes=[Scope.WRITE_ORDERS],
        deadline=settings.GATEWAY_TIMEOUT,
    )


@transaction.atomic
def claim() -> Claim | None:
    """Take the longest due order that nobody owns, or None when nothing is due."""
    now = timezone.now()
    order = (
        AdOrder.objects.due(now)
        .select_for_update(skip_locked=True, no_key=True)
        .order_by("next_attempt_at")
        .first()
    )
    if order is None:
        return None
    order.lease_until = now + timedelta(seconds=settings.GATEWAY_LEASE)
    order.attempts += 1
    order.save(update_fields=["lease_until", "attempts"])
    return Claim(
        order_id=order.pk,
        campaign_id=order.campaign_id,
        generation=order.generation,
        document=order.document,
        lease_until=order.lease_until,
    )


def send(claimed: Claim, client: GatewayClient | None = None) -> None:
    """Put one claimed generation to the gateway and note the outcome."""
    with structlog.contextvars.bound_contextvars(
        ad_order=str(claimed.order_id), generation=claimed.generation
    ):
        document = AdOrderDocument.from_json(claimed.document)
        try:
            answer = (client or gateway()).put_ad_order(str(claimed.order_id), document)
        except GatewayError as error:
            _note_failure(claimed, error)
        else:
            _note_accepted(claimed, answer)


@transaction.atomic
def resend(order_id: uuid.UUID) -> None:
    """Try a refused or failing order again now: a person has seen to the cause."""
    order = AdOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    order.refused_generation = None
    order.failing_since = None
    order.attempts = 0
    order.next_attempt_at = timezone.now()
    order.save(update_fields=["refused_generation", "failing_since", "attempts", "next_attempt_at"])
    wake("campaigns.tasks.send_due")


@transaction.atomic
def _note_accepted(claimed: Claim, answer: Accepted) -> None:
    """Confirm a generation; locks go campaign first, then order."""
    lifecycle.schedule(claimed.campaign_id)
    order = _lock_and_let_go(claimed)
    if order.acknowledged_generation < claimed.generation:
        order.acknowledged_generation = claimed.generation
        order.acknowledged_at = timezone.now()
        order.content_hash = answer.content_hash
        order.gateway_state = answer.state.value
        order.failing_since = None
        order.last_error = ""
    order.save(update_fields=NOTED)
    log.info("ad_order_accepted", state=answer.state.value)


@transaction.atomic
def _note_failure(claimed: Claim, error: GatewayError) -> None:
    """Set the next attempt where waiting may heal it; else leave it to a person.

    Where the generation is confirmed or a newer one is wanted meanwhile, its failure is history.
    """
    order = _lock_and_let_go(claimed)
    if order.acknowledged_generation < order.generation == claimed.generation:
        now = timezone.now()
        order.last_error = str(error)[:500]
        if error.heals:
            order.failing_since = order.failing_since or now
            order.next_attempt_at = now + _wait(order.attempts, error)
        else:
            order.refused_generation = claimed.generation
    order.save(update_fields=NOTED)
    log.warning("ad_order_failed", error=str(error), heals=error.heals, attempts=order.attempts)


def _lock_and_let_go(claimed: Claim) -> AdOrder:
    """Lock the order and end this claim's lease, never that of a worker who came after it."""
    order = AdOrder.objects.select_for_update(no_key=True).get(pk=claimed.order_id)
    if order.lease_until == claimed.lease_until:
        order.lease_until = None
    return order


def _wait(attempts: int, error: GatewayError) -> timedelta:
    """Wait as the gateway says, else full jitter: uniform in 0…min(cap, base · 2ⁿ).

    Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
    """
    if error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    ceiling = min(
        settings.GATEWAY_BACKOFF_CAP, settings.GATEWAY_BACKOFF_BASE * 2 ** min(attempts - 1, 30)
    )
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311 (spread, not secrecy)
