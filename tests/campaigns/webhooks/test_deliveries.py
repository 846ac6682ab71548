"""Bringing events to sinks: signed, again until taken, at each sink's own pace."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from campaigns import notices
from campaigns.models import Brand, Notice, Webhook, WebhookDelivery
from campaigns.models.webhook import AT_ONCE
from campaigns.moves import MOVES
from campaigns.webhooks import deliveries, events, signing, subscriptions
from campaigns.webhooks import sink as calls
from campaigns.webhooks.sink import Outcome
from core.advisory_locks import Key
from tests.sinks import Sink

DAYS = timedelta(days=1)
FAILED = Outcome(500, "Contestó 500 en lugar de 2xx.", 12)
TAKEN = Outcome(204, "", 12)


def queue(webhook, number=1):
    """Write an event as a line of history does."""
    kind, when = MOVES["start"].event_type, timezone.now()
    event_id = f"evt-{number}"
    body = events.cloud_event(event_id, kind, "campaigns", "LP-ABC234", when, {"told": "Al aire"})
    return WebhookDelivery.objects.create(
        webhook=webhook, event_id=event_id, type=kind, subject="LP-ABC234", body=body
    )


@pytest.fixture
def delivery(webhook):
    return queue(webhook)


def attempt(outcome):
    """Claim the next delivery and note an outcome without a call."""
    claimed = deliveries.claim()
    assert claimed is not None
    deliveries.note(claimed, outcome)


def fresh(row):
    row.refresh_from_db()
    return row


# ── what is sent ─────────────────────────────────────────────────────────────


def test_an_event_is_sent_signed_and_noted(sink, webhook, delivery):
    assert deliveries.deliver_due() == 1

    [heard] = sink.heard
    assert Verifier(webhook.secret).verify(heard.body, heard.headers) == json.loads(delivery.body)
    assert heard.body.decode() == delivery.body
    assert heard.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert heard.headers["webhook-id"] == "evt-1"
    fresh(delivery)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 1, 204)
    assert (delivery.due_at, delivery.lease_until, delivery.last_error) == (None, None, "")
    assert fresh(webhook).last_delivered_at == delivery.delivered_at
    assert deliveries.deliver_due() == 0


def test_another_key_or_a_changed_body_does_not_verify(sink, webhook, delivery):
    deliveries.deliver_due()
    [heard] = sink.heard

    with pytest.raises(WebhookVerificationError):
        Verifier(signing.new_secret()).verify(heard.body, heard.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(webhook.secret).verify(heard.body + b" ", heard.headers)


def test_both_secrets_sign_for_a_day_after_a_rotation(sink, webhook, editor, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    old = webhook.secret
    new = subscriptions.rotate(webhook.pk, by=editor).secret

    queue(webhook, 1)
    deliveries.deliver_due()
    for key in (old, new):
        assert Verifier(key).verify(sink.heard[0].body, sink.heard[0].headers)

    time_machine.shift(DAYS)
    queue(webhook, 2)
    deliveries.deliver_due()
    assert Verifier(new).verify(sink.heard[1].body, sink.heard[1].headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(sink.heard[1].body, sink.heard[1].headers)
    deliveries.forget_old()
    assert (fresh(webhook).previous_secret, webhook.previous_until) == ("", None)


# ── again until taken ────────────────────────────────────────────────────────


def test_what_fails_is_tried_by_the_table_until_three_days_are_over(delivery, time_machine):
    began = timezone.now()
    time_machine.move_to(began, tick=False)
    WebhookDelivery.objects.update(asked_at=began, due_at=began)
    waits = []

    while fresh(delivery).due_at:
        due = max(delivery.due_at, fresh(delivery.webhook).rests_until or delivery.due_at)
        time_machine.move_to(due, tick=False)
        before = timezone.now()
        attempt(FAILED)
        if fresh(delivery).due_at:
            waits.append((delivery.due_at - before).total_seconds())

    assert timezone.now() - began == timedelta(days=3)
    assert delivery.state == "given_up"
    assert (delivery.last_status, delivery.last_error) == (500, FAILED.error)
    table = [*deliveries.PAUSES, *[deliveries.PAUSES[-1]] * 20]
    for waited, pause in zip(waits[:-1], table, strict=False):
        assert 0.75 * pause <= waited <= 1.25 * pause
    assert 15 <= delivery.attempts <= 22


def test_pauses_are_spread():
    waits = {deliveries._pause(6, FAILED).total_seconds() for _ in range(200)}

    assert 0.75 * 3_600 <= min(waits) < 0.8 * 3_600
    assert 1.2 * 3_600 < max(waits) <= 1.25 * 3_600


def test_what_the_sink_asks_for_wins_within_reason(webhook, delivery, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    attempt(Outcome(503, "x", 1, retry_after=900))

    assert fresh(delivery).due_at == timezone.now() + timedelta(seconds=900)
    assert fresh(webhook).rests_until == delivery.due_at
    time_machine.shift(901)
    attempt(Outcome(429, "x", 1, retry_after=10**9))
    assert fresh(delivery).due_at == timezone.now() + timedelta(hours=6)


def test_a_lost_worker_is_followed_by_another_with_the_same_id(sink, delivery, time_machine):
    time_machine.move_to(timezone.now())
    lost = deliveries.claim()
    deliveries.send(lost)  # and dies before it notes that

    assert deliveries.claim() is None
    time_machine.shift(61)
    assert deliveries.deliver_due() == 1
    assert [heard.headers["webhook-id"] for heard in sink.heard] == ["evt-1", "evt-1"]
    assert fresh(delivery).state == "delivered"


def test_a_late_failure_does_not_undo_what_was_taken_meanwhile(delivery, time_machine):
    time_machine.move_to(timezone.now())
    late = deliveries.claim()
    time_machine.shift(61)
    attempt(TAKEN)

    deliveries.note(late, FAILED)

    assert fresh(delivery).state == "delivered"
    assert fresh(delivery.webhook).failures == 0


def test_a_late_success_counts(delivery, time_machine):
    time_machine.move_to(timezone.now())
    late = deliveries.claim()
    time_machine.shift(61)
    second = deliveries.claim()

    deliveries.note(late, TAKEN)
    deliveries.note(second, FAILED)

    assert fresh(delivery).state == "delivered"


def test_a_webhook_that_is_deleted_under_way_breaks_nothing(delivery, editor):
    claimed = deliveries.claim()
    subscriptions.delete(delivery.webhook_id, by=editor)

    deliveries.note(claimed, TAKEN)

    assert not WebhookDelivery.objects.exists()


def test_an_error_of_ours_stops_no_other(sink, webhook, monkeypatch):
    queue(webhook, 1)
    queue(webhook, 2)
    real = calls.post

    def post(url, headers, body):
        if headers["webhook-id"] == "evt-1":
            raise ZeroDivisionError
        return real(url, headers, body)

    monkeypatch.setattr(calls, "post", post)

    assert deliveries.deliver_due() == 2
    assert [heard.headers["webhook-id"] for heard in sink.heard] == ["evt-2"]
    assert WebhookDelivery.objects.get(event_id="evt-1").state == "waiting"


# ── dead sinks ───────────────────────────────────────────────────────────────


def fail_until_paused(webhook, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    while not fresh(webhook).paused:
        due = webhook.deliveries.waiting().earliest("due_at").due_at
        time_machine.move_to(max(due, webhook.rests_until or due, timezone.now()), tick=False)
        attempt(FAILED)


def test_a_dead_sink_is_paused_after_three_days_and_owners_are_told(
    webhook, delivery, owner, editor, time_machine
):
    fail_until_paused(webhook, time_machine)

    assert webhook.paused_for == Webhook.PausedFor.DEAD
    assert webhook.paused_at - delivery.asked_at == timedelta(days=3)
    [notice] = Notice.objects.all()
    assert (notice.user, notice.kind, notice.webhook) == (owner, "hook_dead", webhook)
    assert notices.mail_due() == 1
    [letter] = mail.outbox
    assert letter.to == [owner.email]
    assert letter.subject == f"Se pausó un webhook: {webhook.host}"
    for form in (letter.body, letter.alternatives[0][0]):
        assert "reanúdalo" in form
        assert webhook.host in form
        assert "ya puede reservar" not in form


def test_one_success_in_three_days_keeps_it_going(webhook, delivery, time_machine):
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
    assert sink.heard == []

    subscriptions.resume(webhook.pk, by=editor)

    assert deliveries.deliver_due() == 2
    assert {heard.headers["webhook-id"] for heard in sink.heard} == {"evt-2", "evt-3"}
    assert (fresh(webhook).failures, webhook.failing_since) == (0, None)


def test_410_pauses_at_once_and_what_waits_is_kept(sink, webhook, delivery, owner, editor):
    sink.status = 410
    deliveries.deliver_due()

    assert (fresh(webhook).paused_for, fresh(delivery).state) == ("gone", "waiting")
    assert Notice.objects.get().kind == "hook_gone"
    sink.status = 200
    subscriptions.resume(webhook.pk, by=editor)
    assert deliveries.deliver_due() == 1
    assert fresh(delivery).state == "delivered"


# ── each at its own pace ─────────────────────────────────────────────────────


def test_few_calls_of_one_webhook_at_once_and_one_while_it_fails(webhook):
    for number in range(10):
        queue(webhook, number)

    taken = [deliveries.claim() for _ in range(AT_ONCE)]
    assert deliveries.claim() is None
    deliveries.note(taken[0], TAKEN)
    assert deliveries.claim() is not None
    for claimed in taken[1:3]:
        deliveries.note(claimed, FAILED)
        assert deliveries.claim() is None
    deliveries.note(taken[3], TAKEN)
    assert deliveries.claim() is not None


def test_one_that_fails_is_tried_by_one_call_at_a_time(webhook):
    for number in range(3):
        queue(webhook, number)
    attempt(FAILED)

    assert deliveries.claim() is not None
    assert deliveries.claim() is None


def test_a_webhook_that_fails_rests_longer_each_time(webhook, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for number in range(20):
        queue(webhook, number)
    rests = []
    for _ in range(12):
        attempt(FAILED)
        rest = fresh(webhook).rests_until
        if rest is not None:
            assert deliveries.claim() is None
            rests.append((rest - timezone.now()).total_seconds())
            time_machine.move_to(rest, tick=False)

    assert rests == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_a_dead_sink_with_much_to_get_does_not_hold_up_another(sink, webhook, brand, editor):
    slow = Sink()
    slow.status, slow.pause = 500, 0.6
    dead = subscriptions.create(brand.pk, slow.url, by=editor)
    for number in range(50):
        queue(dead, number)
    for number in range(20):
        queue(webhook, number)

    deliveries.deliver_due()
    slow.stop()

    assert len(sink.heard) == 20
    assert slow.most_at_once <= AT_ONCE
    assert len(slow.heard) <= AT_ONCE + 2
    quick = WebhookDelivery.objects.filter(webhook=webhook).latest("delivered_at")
    first_failure = WebhookDelivery.objects.filter(webhook=dead).earliest("tried_at").tried_at
    assert quick.delivered_at - first_failure < timedelta(seconds=1.5)


def test_the_webhook_least_served_comes_first(webhook, brand, editor):
    other = subscriptions.create(brand.pk, "http://127.0.0.1:9/x", by=editor)
    for number in range(3):
        queue(webhook, number)
    queue(other, 9)

    assert [deliveries.claim().webhook_id for _ in range(3)] == [webhook.pk, other.pk, webhook.pk]


def test_a_suspended_brand_is_sent_nothing(delivery, brand):
    Brand.objects.update(active=False)

    assert deliveries.claim() is None


def test_where_another_worker_sends_there_is_nothing_to_do(delivery, sink):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [int(Key.WEBHOOKS)])

    assert deliveries.deliver_due() == 0

    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [int(Key.WEBHOOKS)])
    other.close()
    assert deliveries.deliver_due() == 1


# ── tests and repeats ────────────────────────────────────────────────────────


def test_a_test_is_sent_once_also_to_one_that_is_paused_or_rests(sink, webhook, editor):
    subscriptions.pause(webhook.pk, by=editor)
    queue(webhook)
    sink.status = 500
    trial = subscriptions.test(webhook.pk, by=editor)

    assert deliveries.deliver_due() == 1
    assert (fresh(trial).state, trial.attempts, trial.last_status) == ("given_up", 1, 500)
    assert fresh(webhook).failures == 0
    assert Verifier(webhook.secret).verify(sink.heard[0].body, sink.heard[0].headers)["type"] == (
        "mx.movistar.llamada-perdida.v1.webhook-test"
    )


def test_a_test_that_succeeds_ends_the_rest(sink, webhook, editor, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for number in range(4):
        queue(webhook, number)
    for _ in range(3):
        attempt(FAILED)
    assert deliveries.claim() is None

    subscriptions.test(webhook.pk, by=editor)

    assert deliveries.deliver_due() == 2
    assert {heard.headers["webhook-id"] for heard in sink.heard} >= {"evt-3"}


def test_a_repeat_has_the_same_id_and_body(sink, delivery, editor):
    deliveries.deliver_due()
    subscriptions.redeliver(delivery.pk, by=editor)

    assert fresh(delivery).state == "waiting"
    assert deliveries.deliver_due() == 1
    first, second = sink.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert fresh(delivery).state == "delivered"


def test_what_was_given_up_is_tried_for_three_days_more(delivery, editor, time_machine):
    time_machine.move_to(timezone.now() + 3 * DAYS, tick=False)
    attempt(FAILED)
    Webhook.objects.update(paused_at=None, paused_for="")
    assert fresh(delivery).state == "given_up"

    subscriptions.redeliver(delivery.pk, by=editor)
    attempt(FAILED)

    assert fresh(delivery).state == "waiting"
    assert delivery.due_at > timezone.now()


def test_thirty_days_are_kept(delivery, webhook, time_machine):
    time_machine.move_to(timezone.now() + 29 * DAYS)
    deliveries.forget_old()
    assert WebhookDelivery.objects.exists()

    time_machine.shift(DAYS)
    deliveries.forget_old()

    assert not WebhookDelivery.objects.exists()
    assert Webhook.objects.exists()


# ── the database keeps the rules ─────────────────────────────────────────────


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
        (Webhook, {"secret": "x"}),
        (Webhook, {"previous_secret": "whsec_x"}),
        (Webhook, {"url": "ftp://x"}),
    ],
)  # fmt: skip
def test_half_a_state_is_refused(delivery, model, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**changes)


def test_an_event_is_queued_once_for_a_webhook(delivery):
    with pytest.raises(IntegrityError), transaction.atomic():
        queue(delivery.webhook)
