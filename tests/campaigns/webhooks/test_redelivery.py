"""Test events and redeliveries, and how long deliveries are kept."""

from datetime import timedelta

from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from campaigns.models import Webhook, WebhookDelivery
from campaigns.webhooks import deliveries, subscriptions
from tests.campaigns.webhooks.attempts import FAILED, attempt, fresh, queue

DAYS = timedelta(days=1)


def test_a_test_is_sent_once_even_if_paused_or_backing_off(sink, webhook, editor):
    subscriptions.pause(webhook.pk, by=editor)
    queue(webhook)
    sink.status = 500
    trial = subscriptions.send_test(webhook.pk, by=editor)

    assert deliveries.deliver_due() == 1
    assert (fresh(trial).state, trial.attempts, trial.last_status) == ("given_up", 1, 500)
    assert fresh(webhook).failures == 0
    assert Verifier(webhook.secret).verify(sink.requests[0].body, sink.requests[0].headers)[
        "type"
    ] == ("mx.movistar.llamada-perdida.v1.webhook-test")


def test_a_successful_test_ends_the_back_off(sink, webhook, editor, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for number in range(4):
        queue(webhook, number)
    for _ in range(3):
        attempt(FAILED)
    assert deliveries.claim() is None

    subscriptions.send_test(webhook.pk, by=editor)

    assert deliveries.deliver_due() == 2
    assert {received.headers["webhook-id"] for received in sink.requests} >= {"evt-3"}


def test_a_redelivery_has_the_same_id_and_body(sink, delivery, editor):
    deliveries.deliver_due()
    subscriptions.redeliver(delivery.pk, by=editor)

    assert fresh(delivery).state == "waiting"
    assert deliveries.deliver_due() == 1
    first, second = sink.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert fresh(delivery).state == "delivered"


def test_a_given_up_delivery_can_be_tried_for_three_days_more(delivery, editor, time_machine):
    time_machine.move_to(timezone.now() + 3 * DAYS, tick=False)
    attempt(FAILED)
    Webhook.objects.update(paused_at=None, paused_for="")
    assert fresh(delivery).state == "given_up"

    subscriptions.redeliver(delivery.pk, by=editor)
    attempt(FAILED)

    assert fresh(delivery).state == "waiting"
    assert delivery.due_at > timezone.now()


def test_deliveries_are_kept_for_thirty_days(delivery, webhook, time_machine):
    time_machine.move_to(timezone.now() + 29 * DAYS)
    deliveries.delete_old()
    assert WebhookDelivery.objects.exists()

    time_machine.shift(DAYS)
    deliveries.delete_old()

    assert not WebhookDelivery.objects.exists()
    assert Webhook.objects.exists()
