"""Two workers at once, on real PostgreSQL with real commits."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from campaigns.models import Webhook, WebhookDelivery
from campaigns.webhooks import deliveries, subscriptions
from campaigns.webhooks.deliveries import DeliveryClaim
from tests.campaigns.webhooks.attempts import TAKEN, queue

WORKERS = 4
EVENTS = 40


def together(work: Callable[[], list[DeliveryClaim]]) -> list[DeliveryClaim]:
    """Run `work` in all workers at the same time, and return all claims."""
    barrier = Barrier(WORKERS)

    def run() -> list[DeliveryClaim]:
        try:
            barrier.wait(timeout=30)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(run) for _ in range(WORKERS)]
        return [claimed for done in futures for claimed in done.result(timeout=60)]


@pytest.fixture
def queued(transactional_db, sink, brand, editor):
    for at in range(3):
        hook = subscriptions.create(brand.pk, f"{sink.url}/{at}", by=editor)
        for number in range(EVENTS):
            queue(hook, number)


def send_all() -> list[DeliveryClaim]:
    sent, idle = [], 0
    while idle < 20:
        claimed = deliveries.claim()
        if claimed is None:
            idle += 1
            continue
        deliveries.record(claimed, deliveries.send(claimed))
        sent.append(claimed)
    return sent


def test_workers_at_once_never_send_one_delivery_twice(queued, sink):
    sent = together(send_all)

    assert len(sent) == len(sink.requests) == 3 * EVENTS
    received = Counter(
        (received.path, received.headers["webhook-id"]) for received in sink.requests
    )
    assert set(received.values()) == {1}
    assert not WebhookDelivery.objects.waiting().exists()


def test_without_the_lease_the_same_workers_send_twice(queued, monkeypatch):
    """Negative control: the lease is what makes the test above pass."""
    everybody_has_read = Barrier(WORKERS)

    def unguarded() -> DeliveryClaim | None:
        with transaction.atomic():
            row = WebhookDelivery.objects.waiting().select_related("webhook").earliest("id")
        everybody_has_read.wait(timeout=30)
        return DeliveryClaim(
            row.pk, row.webhook_id, row.webhook.url, row.event_id, row.body, [], row.due_at
        )

    monkeypatch.setattr(deliveries, "claim", unguarded)

    claimed = together(lambda: [deliveries.claim()])

    assert len({claim.delivery_id for claim in claimed}) < len(claimed)


def test_the_limit_of_a_webhook_holds_across_workers(transactional_db, sink, brand, editor):
    hook = subscriptions.create(brand.pk, sink.url, by=editor)
    for number in range(EVENTS):
        queue(hook, number)

    claimed = together(lambda: [c for _ in range(5) if (c := deliveries.claim())])

    assert len(claimed) <= deliveries.MAX_IN_FLIGHT
    for claim in claimed:
        deliveries.record(claim, TAKEN)
    assert Webhook.objects.get().failures == 0


def test_one_worker_sends_and_the_others_are_free(queued, sink):
    sink.delay = 0.05

    made = together(lambda: [deliveries.deliver_due()])

    assert sorted(made) == [0, 0, 0, 3 * EVENTS]
    assert len(sink.requests) == 3 * EVENTS
