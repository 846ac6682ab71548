"""Delivery of events to webhooks: at least once, for three days.

A worker claims a delivery with a lease, calls the sink outside any transaction and records the
result. If the worker dies in between, another one sends the event again with the same
`webhook-id`, by which receivers recognise duplicates. The webhook that was served least recently
comes first, with a few calls at a time; one that fails gets one call at a time, with a growing
back-off. So a slow or unreachable sink delays no other.
"""

import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import notices
from campaigns.models import Webhook, WebhookDelivery
from campaigns.models.webhook import MAX_IN_FLIGHT, TEST_TYPE
from campaigns.webhooks import signing, sink
from campaigns.webhooks.sink import CallResult
from core import advisory_locks
from core.advisory_locks import Key

log = structlog.get_logger(__name__)

TRIED_FOR = timedelta(days=3)
KEPT_FOR = timedelta(days=30)
LEASE = timedelta(seconds=60)  # more than a call's deadline plus the slowest DNS lookup

# Between attempts; the last one repeats. Each varies at random by a quarter to either side.
RETRY_DELAYS = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 25_200)  # seconds
JITTER = 0.25
MAX_RETRY_AFTER = 6 * 3600  # seconds

# From this many failures in a row the whole webhook backs off, twice as long each time.
BACKOFF_AFTER = 3
FIRST_BACKOFF, MAX_BACKOFF = 5, 600  # seconds

MAX_CALLS = 32  # in flight in one worker
ROUND = 50.0  # seconds after which a worker starts no more calls, to be free for other tasks
POLL_INTERVAL = 0.5  # seconds, while calls are in flight


class DeliveryClaim(NamedTuple):
    """One worker's right to send one event to one webhook, for a lease."""

    delivery_id: int
    webhook_id: int
    url: str
    event_id: str
    body: str
    keys: list[str]
    lease_until: datetime


def deliver_due() -> int:
    """Send all that is due, many at once; return the number of calls made.

    Only this thread uses the database; those of the pool only make calls. Return 0 at once where
    another worker is delivering: it looks for new work while its calls are in flight.
    """
    with advisory_locks.session_lock(Key.WEBHOOKS) as acquired:
        return _deliver_until(time.monotonic() + ROUND) if acquired else 0


def _deliver_until(deadline: float) -> int:
    """Make calls until none is due, or until a deadline on the monotonic clock; return how many."""
    in_flight: dict[Future[CallResult], DeliveryClaim] = {}
    calls = 0
    with ThreadPoolExecutor(MAX_CALLS, thread_name_prefix="webhook") as pool:
        while True:
            while (
                len(in_flight) < MAX_CALLS and time.monotonic() < deadline and (claimed := claim())
            ):
                in_flight[pool.submit(send, claimed)] = claimed
            if not in_flight:
                return calls
            for done in wait(in_flight, POLL_INTERVAL, FIRST_COMPLETED).done:
                record(in_flight.pop(done), done.result())
                calls += 1


@transaction.atomic
def claim() -> DeliveryClaim | None:
    """Claim the longest due delivery of the webhook served least recently, if there is one."""
    now = timezone.now()
    webhook = (
        Webhook.objects.sendable(now)
        .select_for_update(skip_locked=True, no_key=True, of=("self",))
        .order_by(F("served_at").asc(nulls_first=True), "id")
        .first()
    )
    if webhook is None:
        return None
    rows = webhook.deliveries.ready(now)
    if not _may_send_events(webhook, now):
        rows = rows.filter(type=TEST_TYPE)
    delivery = rows.select_for_update(no_key=True).order_by("due_at", "id").first()
    if delivery is None:  # another worker was faster
        return None
    delivery.lease_until = now + LEASE
    delivery.attempts += 1
    delivery.tried_at = webhook.served_at = now
    delivery.save(update_fields=["lease_until", "attempts", "tried_at"])
    webhook.save(update_fields=["served_at"])
    return DeliveryClaim(
        delivery_id=delivery.pk,
        webhook_id=webhook.pk,
        url=webhook.url,
        event_id=delivery.event_id,
        body=delivery.body,
        keys=webhook.secrets_at(now),
        lease_until=delivery.lease_until,
    )


def send(claimed: DeliveryClaim) -> CallResult:
    """Sign a claimed event and call the sink. Runs in a thread of a pool, without the database."""
    try:
        signature = signing.headers(claimed.event_id, timezone.now(), claimed.body, claimed.keys)
        headers = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "user-agent": "llamada-perdida-webhooks/1",
        }
        return sink.post(claimed.url, headers | signature, claimed.body.encode())
    except Exception:  # an unforeseen failure must not stop the other calls
        log.exception("webhook_send_failed", delivery=claimed.delivery_id)
        return CallResult(None, _("Falló algo nuestro; se intenta de nuevo."), 0)


@transaction.atomic
def record(claimed: DeliveryClaim, result: CallResult) -> None:
    """Record the result of a call. Lock the webhook, then the delivery, as everywhere.

    A failure counts only while its lease is the current one; a success always counts.
    """
    webhook = _lock_webhook(claimed.webhook_id)
    rows = WebhookDelivery.objects.select_for_update(no_key=True)
    delivery = rows.filter(pk=claimed.delivery_id).first()
    if webhook is None or delivery is None:  # deleted meanwhile
        return
    if delivery.lease_until != claimed.lease_until and not result.delivered:
        return
    delivery.lease_until = None
    delivery.last_status = result.status
    delivery.last_error = result.error[:300]
    delivery.last_milliseconds = result.milliseconds
    now = timezone.now()
    if result.delivered:
        _record_success(webhook, delivery, now)
    else:
        _record_failure(webhook, delivery, result, now)
    delivery.save()
    webhook.save()
    log.info(
        "webhook_called",
        webhook=webhook.pk,
        delivery=delivery.pk,
        status=result.status,
        attempts=delivery.attempts,
        state=delivery.state.value,
    )


def delete_old() -> None:
    """Delete deliveries older than KEPT_FOR, in any state, and expired previous secrets."""
    now = timezone.now()
    WebhookDelivery.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    Webhook.objects.filter(previous_until__lte=now).update(previous_secret="", previous_until=None)


def _record_success(webhook: Webhook, delivery: WebhookDelivery, now: datetime) -> None:
    delivery.due_at = delivery.given_up_at = None
    delivery.delivered_at = webhook.last_delivered_at = now
    webhook.failures = 0
    webhook.failing_since = webhook.backoff_until = None


def _record_failure(
    webhook: Webhook, delivery: WebhookDelivery, result: CallResult, now: datetime
) -> None:
    """Schedule the next attempt or give up; back the webhook off or pause it."""
    if not delivery.is_test:
        _count_failure(webhook, delivery, result, now)
    give_up_at = delivery.requested_at + TRIED_FOR
    if delivery.is_test or now >= give_up_at:
        delivery.due_at, delivery.given_up_at = None, now
    else:
        delivery.due_at = min(now + _retry_delay(delivery.attempts, result), give_up_at)
    if result.gone:
        _pause_webhook(webhook, Webhook.PausedFor.GONE, now)
    elif not delivery.is_test and _is_unreachable(webhook, now):
        _pause_webhook(webhook, Webhook.PausedFor.DEAD, now)


def _count_failure(
    webhook: Webhook, delivery: WebhookDelivery, result: CallResult, now: datetime
) -> None:
    """Count a failure of the webhook (not of a test), and back it off."""
    webhook.failures += 1
    if webhook.failing_since is None:
        last_delivered = webhook.last_delivered_at or delivery.requested_at
        webhook.failing_since = max(last_delivered, delivery.requested_at)
    if backoff := _backoff(webhook.failures, result):
        webhook.backoff_until = now + backoff


def _is_unreachable(webhook: Webhook, now: datetime) -> bool:
    """Return whether every attempt has failed for TRIED_FOR."""
    return webhook.failing_since is not None and now - webhook.failing_since >= TRIED_FOR


def _pause_webhook(webhook: Webhook, reason: Webhook.PausedFor, now: datetime) -> None:
    if webhook.paused:
        return
    webhook.paused_at, webhook.paused_for = now, reason
    notices.notify_paused(webhook)
    log.warning("webhook_paused", webhook=webhook.pk, reason=reason.value)


def _retry_delay(attempts: int, result: CallResult) -> timedelta:
    """Return the time to the next attempt: the sink's Retry-After within bounds, or the table's."""
    if result.retry_after is not None:
        return timedelta(seconds=min(max(result.retry_after, RETRY_DELAYS[0]), MAX_RETRY_AFTER))
    seconds = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
    factor = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (jitter, not secrecy)
    return timedelta(seconds=seconds * factor)


def _backoff(failures: int, result: CallResult) -> timedelta | None:
    """Return how long nothing is sent to the webhook, or None."""
    if result.retry_after is not None:
        return timedelta(seconds=min(result.retry_after, MAX_RETRY_AFTER))
    if failures < BACKOFF_AFTER:
        return None
    seconds = FIRST_BACKOFF * 2 ** min(failures - BACKOFF_AFTER, 10)
    return timedelta(seconds=min(seconds, MAX_BACKOFF))


def _may_send_events(webhook: Webhook, now: datetime) -> bool:
    """Return whether more than tests may be sent; repeats `sendable` on the locked row."""
    in_flight = webhook.deliveries.filter(lease_until__gt=now).count()
    backing_off = webhook.backoff_until is not None and webhook.backoff_until > now
    limit = 1 if webhook.failures else MAX_IN_FLIGHT
    return not webhook.paused and not backing_off and in_flight < limit


def _lock_webhook(webhook_id: int) -> Webhook | None:
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("brand")
    return rows.filter(pk=webhook_id).first()
