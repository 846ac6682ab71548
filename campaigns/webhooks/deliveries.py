"""Bring events to webhooks: at least once, each sink at its own pace, for three days.

A worker claims a delivery with a lease, calls the sink outside any transaction and notes the
outcome. Whoever dies in between is followed by another, with the same `webhook-id`: receivers
know a repeat by it. The webhook least served comes first, with few calls at once, and one that
fails is tried by one call at a time between rests: a slow or dead sink holds up no other.
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
from campaigns.models.webhook import AT_ONCE, TEST_TYPE
from campaigns.webhooks import signing, sink
from campaigns.webhooks.sink import Outcome
from core import advisory_locks
from core.advisory_locks import Key

log = structlog.get_logger(__name__)

TRIED_FOR = timedelta(days=3)
KEPT_FOR = timedelta(days=30)
LEASE = timedelta(seconds=60)  # beyond a call's deadline and the longest wait for the DNS

# From an attempt to the next; the last one repeats. Each is spread by a quarter to either side.
PAUSES = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 25_200)  # seconds
SPREAD = 0.25
LONGEST_WAIT = 6 * 3600  # seconds that a sink may ask for by Retry-After

# After so many failures in a row the whole webhook rests between attempts, twice as long each time.
RESTS_AFTER = 3
FIRST_REST, LONGEST_REST = 5, 600  # seconds

TOGETHER = 32  # calls under way in one worker
ROUND = 50.0  # seconds until a worker begins no more calls and is free for other work
LOOK_AGAIN = 0.5  # seconds, while calls are under way


class Claim(NamedTuple):
    """One worker's right to send one event to one webhook, for a lease."""

    delivery_id: int
    webhook_id: int
    url: str
    event_id: str
    body: str
    keys: list[str]
    lease_until: datetime


def deliver_due() -> int:
    """Send all that is due, many at once; say how many calls were made.

    Only this thread talks to the database; those of the pool only call. Where another worker is
    at it, there is nothing to do: it looks again while its calls are under way.
    """
    with advisory_locks.session_lock(Key.WEBHOOKS) as alone:
        return _deliver(time.monotonic() + ROUND) if alone else 0


def _deliver(until: float) -> int:
    flying: dict[Future[Outcome], Claim] = {}
    made = 0
    with ThreadPoolExecutor(TOGETHER, thread_name_prefix="webhook") as pool:
        while True:
            while len(flying) < TOGETHER and time.monotonic() < until and (claimed := claim()):
                flying[pool.submit(send, claimed)] = claimed
            if not flying:
                return made
            for done in wait(flying, LOOK_AGAIN, FIRST_COMPLETED).done:
                note(flying.pop(done), done.result())
                made += 1


@transaction.atomic
def claim() -> Claim | None:
    """Take the longest due event of the webhook that was served the longest ago, or None."""
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
    if not _goes_on(webhook, now):
        rows = rows.filter(type=TEST_TYPE)
    delivery = rows.select_for_update(no_key=True).order_by("due_at", "id").first()
    if delivery is None:  # another worker was quicker
        return None
    delivery.lease_until = now + LEASE
    delivery.attempts += 1
    delivery.tried_at = webhook.served_at = now
    delivery.save(update_fields=["lease_until", "attempts", "tried_at"])
    webhook.save(update_fields=["served_at"])
    return Claim(
        delivery_id=delivery.pk,
        webhook_id=webhook.pk,
        url=webhook.url,
        event_id=delivery.event_id,
        body=delivery.body,
        keys=webhook.secrets_at(now),
        lease_until=delivery.lease_until,
    )


def send(claimed: Claim) -> Outcome:
    """Sign a claimed event and call the sink. No database here: it runs in a thread of a pool."""
    try:
        proof = signing.headers(claimed.event_id, timezone.now(), claimed.body, claimed.keys)
        told = {
            "content-type": "application/cloudevents+json; charset=utf-8",
            "user-agent": "llamada-perdida-webhooks/1",
        }
        return sink.post(claimed.url, told | proof, claimed.body.encode())
    except Exception:  # one that fails in an unforeseen way stops no other
        log.exception("webhook_not_sent", delivery=claimed.delivery_id)
        return Outcome(None, _("Falló algo nuestro; se intenta de nuevo."), 0)


@transaction.atomic
def note(claimed: Claim, outcome: Outcome) -> None:
    """Note how a call went; webhook first, then delivery, as everywhere.

    A failure counts only under the lease it was made with; what was taken was taken.
    """
    webhook = _locked_webhook(claimed.webhook_id)
    rows = WebhookDelivery.objects.select_for_update(no_key=True)
    delivery = rows.filter(pk=claimed.delivery_id).first()
    if webhook is None or delivery is None:  # deleted meanwhile
        return
    if delivery.lease_until != claimed.lease_until and not outcome.delivered:
        return
    delivery.lease_until = None
    delivery.last_status = outcome.status
    delivery.last_error = outcome.error[:300]
    delivery.last_milliseconds = outcome.milliseconds
    now = timezone.now()
    if outcome.delivered:
        _note_taken(webhook, delivery, now)
    else:
        _note_failure(webhook, delivery, outcome, now)
    delivery.save()
    webhook.save()
    log.info(
        "webhook_called",
        webhook=webhook.pk,
        delivery=delivery.pk,
        status=outcome.status,
        attempts=delivery.attempts,
        state=delivery.state.value,
    )


def forget_old() -> None:
    """Forget deliveries after thirty days, whatever became of them, and secrets that are over."""
    now = timezone.now()
    WebhookDelivery.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    Webhook.objects.filter(previous_until__lte=now).update(previous_secret="", previous_until=None)


def _note_taken(webhook: Webhook, delivery: WebhookDelivery, now: datetime) -> None:
    delivery.due_at = delivery.given_up_at = None
    delivery.delivered_at = webhook.last_delivered_at = now
    webhook.failures = 0
    webhook.failing_since = webhook.rests_until = None


def _note_failure(
    webhook: Webhook, delivery: WebhookDelivery, outcome: Outcome, now: datetime
) -> None:
    """Set the next attempt, or give up; let the webhook rest, or pause it."""
    if not delivery.is_test:
        _count_failure(webhook, delivery, outcome, now)
    ends = delivery.asked_at + TRIED_FOR
    if delivery.is_test or now >= ends:
        delivery.due_at, delivery.given_up_at = None, now
    else:
        delivery.due_at = min(now + _pause(delivery.attempts, outcome), ends)
    if outcome.gone:
        _pause_webhook(webhook, Webhook.PausedFor.GONE, now)
    elif not delivery.is_test and _is_dead(webhook, now):
        _pause_webhook(webhook, Webhook.PausedFor.DEAD, now)


def _count_failure(
    webhook: Webhook, delivery: WebhookDelivery, outcome: Outcome, now: datetime
) -> None:
    """Hold a failure against the webhook; those of tests are their own affair."""
    webhook.failures += 1
    if webhook.failing_since is None:
        since = webhook.last_delivered_at or delivery.asked_at
        webhook.failing_since = max(since, delivery.asked_at)
    if rest := _rest(webhook.failures, outcome):
        webhook.rests_until = now + rest


def _is_dead(webhook: Webhook, now: datetime) -> bool:
    """Say whether all that was sent has failed for three days."""
    return webhook.failing_since is not None and now - webhook.failing_since >= TRIED_FOR


def _pause_webhook(webhook: Webhook, reason: Webhook.PausedFor, now: datetime) -> None:
    if webhook.paused:
        return
    webhook.paused_at, webhook.paused_for = now, reason
    notices.tell_paused(webhook)
    log.warning("webhook_paused", webhook=webhook.pk, reason=reason.value)


def _pause(attempts: int, outcome: Outcome) -> timedelta:
    """Say how long until the next attempt: as the sink asked, within reason, else by the table."""
    if outcome.retry_after is not None:
        return timedelta(seconds=min(max(outcome.retry_after, PAUSES[0]), LONGEST_WAIT))
    seconds = PAUSES[min(attempts, len(PAUSES)) - 1]
    spread = random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 (spread, not secrecy)
    return timedelta(seconds=seconds * spread)


def _rest(failures: int, outcome: Outcome) -> timedelta | None:
    """Say how long the whole webhook is left alone, if it is."""
    if outcome.retry_after is not None:
        return timedelta(seconds=min(outcome.retry_after, LONGEST_WAIT))
    if failures < RESTS_AFTER:
        return None
    seconds = FIRST_REST * 2 ** min(failures - RESTS_AFTER, 10)
    return timedelta(seconds=min(seconds, LONGEST_REST))


def _goes_on(webhook: Webhook, now: datetime) -> bool:
    """Say whether more than tests may be sent: as `sendable` does, now that it is locked."""
    flying = webhook.deliveries.filter(lease_until__gt=now).count()
    rested = webhook.rests_until is None or webhook.rests_until <= now
    return not webhook.paused and rested and flying < (1 if webhook.failures else AT_ONCE)


def _locked_webhook(webhook_id: int) -> Webhook | None:
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("brand")
    return rows.filter(pk=webhook_id).first()
