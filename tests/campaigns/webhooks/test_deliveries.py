"""Delivery of events: signed, retried for three days, and recorded."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from campaigns.models import Webhook, WebhookDelivery
from campaigns.webhooks import deliveries, signing, subscriptions
from campaigns.webhooks import sink as calls
from campaigns.webhooks.sink import CallResult
from tests.campaigns.webhooks.attempts import FAILED, TAKEN, attempt, fresh, queue

DAYS = timedelta(days=1)


# ── what is sent ─────────────────────────────────────────────────────────────


def test_an_event_is_sent_signed_and_recorded(sink, webhook, delivery):
    assert deliveries.deliver_due() == 1

    [received] = sink.requests
    assert Verifier(webhook.secret).verify(received.body, received.headers) == json.loads(
        delivery.body
    )
    assert received.body.decode() == delivery.body
    assert received.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert received.headers["webhook-id"] == "evt-1"
    fresh(delivery)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 1, 204)
    assert (delivery.due_at, delivery.lease_until, delivery.last_error) == (None, None, "")
    assert fresh(webhook).last_delivered_at == delivery.delivered_at
    assert deliveries.deliver_due() == 0


def test_another_key_or_a_changed_body_does_not_verify(sink, webhook, delivery):
    deliveries.deliver_due()
    [received] = sink.requests

    with pytest.raises(WebhookVerificationError):
        Verifier(signing.new_secret()).verify(received.body, received.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(webhook.secret).verify(received.body + b" ", received.headers)


def test_both_secrets_sign_for_a_day_after_a_rotation(sink, webhook, editor, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    old = webhook.secret
    new = subscriptions.rotate(webhook.pk, by=editor).secret

    queue(webhook, 1)
    deliveries.deliver_due()
    for key in (old, new):
        assert Verifier(key).verify(sink.requests[0].body, sink.requests[0].headers)

    time_machine.shift(DAYS)
    queue(webhook, 2)
    deliveries.deliver_due()
    assert Verifier(new).verify(sink.requests[1].body, sink.requests[1].headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(sink.requests[1].body, sink.requests[1].headers)
    deliveries.delete_old()
    assert (fresh(webhook).previous_secret, webhook.previous_until) == ("", None)


# ── retries ────────── ───────────────────────────────────────────────────────


def test_a_failed_delivery_is_retried_by_the_table_for_three_days(delivery, time_machine):
    began = timezone.now()
    time_machine.move_to(began, tick=False)
    WebhookDelivery.objects.update(requested_at=began, due_at=began)
    waits = []

    while fresh(delivery).due_at:
        due = max(delivery.due_at, fresh(delivery.webhook).backoff_until or delivery.due_at)
        time_machine.move_to(due, tick=False)
        before = timezone.now()
        attempt(FAILED)
        if fresh(delivery).due_at:
            waits.append((delivery.due_at - before).total_seconds())

    # It gives up after three days, or when the back-off of its webhook that ends later is over.
    late = timezone.now() - began - timedelta(days=3)
    assert timedelta(0) <= late <= timedelta(seconds=deliveries.MAX_BACKOFF)
    assert delivery.state == "given_up"
    assert (delivery.last_status, delivery.last_error) == (500, FAILED.error)
    table = [*deliveries.RETRY_DELAYS, *[deliveries.RETRY_DELAYS[-1]] * 20]
    for waited, pause in zip(waits[:-1], table, strict=False):
        assert 0.75 * pause <= waited <= 1.25 * pause
    assert 15 <= delivery.attempts <= 22


def test_retry_delays_vary_at_random():
    waits = {deliveries._retry_delay(6, FAILED).total_seconds() for _ in range(200)}

    assert 0.75 * 3_600 <= min(waits) < 0.8 * 3_600
    assert 1.2 * 3_600 < max(waits) <= 1.25 * 3_600


def test_retry_after_wins_within_bounds(webhook, delivery, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    attempt(CallResult(503, "x", 1, retry_after=900))

    assert fresh(delivery).due_at == timezone.now() + timedelta(seconds=900)
    assert fresh(webhook).backoff_until == delivery.due_at
    time_machine.shift(901)
    attempt(CallResult(429, "x", 1, retry_after=10**9))
    assert fresh(delivery).due_at == timezone.now() + timedelta(hours=6)


def test_after_a_lost_worker_another_sends_the_same_id(sink, delivery, time_machine):
    time_machine.move_to(timezone.now())
    lost = deliveries.claim()
    deliveries.send(lost)  # and dies before it notes that

    assert deliveries.claim() is None
    time_machine.shift(61)
    assert deliveries.deliver_due() == 1
    assert [received.headers["webhook-id"] for received in sink.requests] == ["evt-1", "evt-1"]
    assert fresh(delivery).state == "delivered"


def test_a_late_failure_does_not_undo_a_success(delivery, time_machine):
    time_machine.move_to(timezone.now())
    late = deliveries.claim()
    time_machine.shift(61)
    attempt(TAKEN)

    deliveries.record(late, FAILED)

    assert fresh(delivery).state == "delivered"
    assert fresh(delivery.webhook).failures == 0


def test_a_late_success_counts(delivery, time_machine):
    time_machine.move_to(timezone.now())
    late = deliveries.claim()
    time_machine.shift(61)
    second = deliveries.claim()

    deliveries.record(late, TAKEN)
    deliveries.record(second, FAILED)

    assert fresh(delivery).state == "delivered"


def test_a_webhook_deleted_during_a_call_breaks_nothing(delivery, editor):
    claimed = deliveries.claim()
    subscriptions.delete(delivery.webhook_id, by=editor)

    deliveries.record(claimed, TAKEN)

    assert not WebhookDelivery.objects.exists()


def test_an_unforeseen_error_does_not_stop_other_calls(sink, webhook, monkeypatch):
    queue(webhook, 1)
    queue(webhook, 2)
    real = calls.post

    def post(url, headers, body):
        if headers["webhook-id"] == "evt-1":
            raise ZeroDivisionError
        return real(url, headers, body)

    monkeypatch.setattr(calls, "post", post)

    assert deliveries.deliver_due() == 2
    assert [received.headers["webhook-id"] for received in sink.requests] == ["evt-2"]
    assert WebhookDelivery.objects.get(event_id="evt-1").state == "waiting"


# ── constraints ────────────── ───────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (WebhookDelivery, {"due_at": None}),
        (WebhookDelivery, {"delivered_at": timezone.now()}),
        (WebhookDelivery, {"due_at": None, "given_up_at": timezone.now(), "lease_until": None}
         | {"delivered_at": timezone.now()}),
        (Webhook, {"paused_at": timezone.now()}),
        (Webhook, {"paused_for": "dead"}),
        (Webhook, {"failures": 1}),
        (Webhook, {"secret": ""}),
        (Webhook, {"secret": RawSQL("'whsec_x'", [])}),
        (Webhook, {"previous_secret": RawSQL("'whsec_x'", []), "previous_until": timezone.now()}),
        (Webhook, {"previous_secret": "whsec_x"}),
        (Webhook, {"url": "ftp://x"}),
    ],
)  # fmt: skip
def test_the_database_refuses_inconsistent_states(delivery, model, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**changes)


def test_an_event_is_queued_once_for_a_webhook(delivery):
    with pytest.raises(IntegrityError), transaction.atomic():
        queue(delivery.webhook)
