"""Failing webhooks: paused after three days, backed off, and no delay for others."""

from datetime import timedelta

from django.core import mail
from django.db import connection
from django.utils import timezone

from campaigns import notice_mails
from campaigns.models import Brand, Notice, Webhook, WebhookDelivery
from campaigns.models.webhook import MAX_IN_FLIGHT
from campaigns.webhooks import deliveries, subscriptions
from core.advisory_locks import Key
from tests.campaigns.webhooks.attempts import FAILED, TAKEN, attempt, fresh, queue
from tests.sinks import Sink

DAYS = timedelta(days=1)


# ── pauses ───────────────────────────────────────────────────────────────────


def fail_until_paused(webhook, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    while not fresh(webhook).paused:
        due = webhook.deliveries.waiting().earliest("due_at").due_at
        time_machine.move_to(max(due, webhook.backoff_until or due, timezone.now()), tick=False)
        attempt(FAILED)


def test_an_unreachable_sink_is_paused_after_three_days_and_owners_are_notified(
    webhook, delivery, owner, editor, time_machine
):
    fail_until_paused(webhook, time_machine)

    assert webhook.paused_for == Webhook.PausedFor.DEAD
    assert webhook.paused_at - delivery.requested_at == timedelta(days=3)
    [notice] = Notice.objects.all()
    assert (notice.user, notice.kind, notice.webhook) == (owner, "hook_dead", webhook)
    assert notice_mails.send_due() == 1
    [message] = mail.outbox
    assert message.to == [owner.email]
    assert message.subject == f"Se pausó un webhook: {webhook.host}"
    for form in (message.body, message.alternatives[0][0]):
        assert "reanúdalo" in form
        assert webhook.host in form
        assert "ya puede reservar" not in form


def test_one_success_in_three_days_prevents_the_pause(webhook, delivery, time_machine):
    began = timezone.now()
    time_machine.move_to(began, tick=False)
    for day in range(5):
        time_machine.move_to(began + day * DAYS, tick=False)
        queue(webhook, 10 + day)
        attempt(FAILED)
        time_machine.shift(6 * 3600)
        attempt(TAKEN)

    assert not fresh(webhook).paused


def test_a_paused_webhook_is_sent_nothing_and_resuming_sends_what_waits(
    sink, webhook, delivery, editor, time_machine
):
    fail_until_paused(webhook, time_machine)
    queue(webhook, 2)
    time_machine.shift(10 * DAYS)
    queue(webhook, 3)
    assert deliveries.deliver_due() == 0
    assert sink.requests == []

    subscriptions.resume(webhook.pk, by=editor)

    assert deliveries.deliver_due() == 2
    assert {received.headers["webhook-id"] for received in sink.requests} == {"evt-2", "evt-3"}
    assert (fresh(webhook).failures, webhook.failing_since) == (0, None)


def test_410_pauses_at_once_and_keeps_what_waits(sink, webhook, delivery, owner, editor):
    sink.status = 410
    deliveries.deliver_due()

    assert (fresh(webhook).paused_for, fresh(delivery).state) == ("gone", "waiting")
    assert Notice.objects.get().kind == "hook_gone"
    sink.status = 200
    subscriptions.resume(webhook.pk, by=editor)
    assert deliveries.deliver_due() == 1
    assert fresh(delivery).state == "delivered"


# ── limits and back-off ──────────────────────────────────────────────────────


def test_a_webhook_has_few_calls_in_flight_and_one_while_it_fails(webhook):
    for number in range(10):
        queue(webhook, number)

    taken = [deliveries.claim() for _ in range(MAX_IN_FLIGHT)]
    assert deliveries.claim() is None
    deliveries.record(taken[0], TAKEN)
    assert deliveries.claim() is not None
    for claimed in taken[1:3]:
        deliveries.record(claimed, FAILED)
        assert deliveries.claim() is None
    deliveries.record(taken[3], TAKEN)
    assert deliveries.claim() is not None


def test_a_failing_webhook_gets_one_call_at_a_time(webhook):
    for number in range(3):
        queue(webhook, number)
    attempt(FAILED)

    assert deliveries.claim() is not None
    assert deliveries.claim() is None


def test_a_failing_webhook_backs_off_longer_each_time(webhook, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for number in range(20):
        queue(webhook, number)
    rests = []
    for _ in range(12):
        attempt(FAILED)
        rest = fresh(webhook).backoff_until
        if rest is not None:
            assert deliveries.claim() is None
            rests.append((rest - timezone.now()).total_seconds())
            time_machine.move_to(rest, tick=False)

    assert rests == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_an_unreachable_sink_with_many_events_does_not_delay_another(sink, webhook, brand, editor):
    slow = Sink()
    slow.status, slow.delay = 500, 0.6
    unreachable = subscriptions.create(brand.pk, slow.url, by=editor)
    for number in range(50):
        queue(unreachable, number)
    for number in range(20):
        queue(webhook, number)

    deliveries.deliver_due()
    slow.stop()

    assert len(sink.requests) == 20
    assert slow.max_concurrent <= MAX_IN_FLIGHT
    assert len(slow.requests) <= MAX_IN_FLIGHT + 2
    quick = WebhookDelivery.objects.filter(webhook=webhook).latest("delivered_at")
    tried = WebhookDelivery.objects.filter(webhook=unreachable, tried_at__lt=quick.delivered_at)
    assert tried.count() <= MAX_IN_FLIGHT  # the other did not wait for what these leave behind


def test_the_webhook_served_least_recently_comes_first(webhook, brand, editor):
    other = subscriptions.create(brand.pk, "http://127.0.0.1:9/x", by=editor)
    for number in range(3):
        queue(webhook, number)
    queue(other, 9)

    assert [deliveries.claim().webhook_id for _ in range(3)] == [webhook.pk, other.pk, webhook.pk]


def test_a_suspended_brand_is_sent_what_happens_to_it(delivery, brand):
    Brand.objects.update(active=False)

    assert deliveries.claim() is not None


def test_a_brand_that_was_never_activated_is_sent_nothing(delivery, brand):
    Brand.objects.update(active=False, activated_at=None)

    assert deliveries.claim() is None


def test_nothing_is_sent_while_another_worker_holds_the_lock(delivery, sink):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [int(Key.WEBHOOKS)])

    assert deliveries.deliver_due() == 0

    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [int(Key.WEBHOOKS)])
    other.close()
    assert deliveries.deliver_due() == 1
