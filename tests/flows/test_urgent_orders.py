"""A pause with real processes: it waits for no orders before it, nor for a call that hangs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import AdOrder
from core.wake import wake
from tests.processes import Celery, Sandbox, wait_until
from tests.sizes import pick

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PATIENCE = 150  # seconds: the machine may be busy
OTHERS = pick(20, 200)


@pytest.fixture
def gateway(tmp_path):
    with Sandbox(tmp_path / "gateway") as sandbox:
        yield sandbox


@pytest.fixture
def celery(gateway):
    started = []

    def start(program):
        process = Celery(program, gateway)
        started.append(process)
        wait_until(lambda: " ready." in process.output, timeout=PATIENCE)
        return process

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def on_air(approved, gateway):
    """Return the order of a campaign that the gateway has."""
    order = AdOrder.objects.get(campaign=approved)
    with gateway.client() as client:
        client.put_ad_order(str(order.pk), order.document)
    lifecycle.schedule(approved.pk)
    AdOrder.objects.update(acknowledged_generation=1, acknowledged_at=timezone.now())
    return order


@pytest.fixture
def make_due(on_air, brand, editor, reviewer, terms, settings):
    """Approve a number of campaigns, whose orders have been due for minutes."""
    settings.OPEN_HOLDS_PER_BRAND = OTHERS + 1

    def make(count):
        _approve(count, brand, terms, editor, reviewer)
        earlier = timezone.now() - timedelta(minutes=5)
        AdOrder.objects.exclude(pk=on_air.pk).update(next_attempt_at=earlier)
        assert AdOrder.objects.due(timezone.now()).count() == count

    return make


def _approve(count, brand, terms, editor, reviewer):
    for number in range(count):
        own = {"name": f"Otra {number}", "volume": 30, "area": {"ladas": ["55"]}}
        campaign = lifecycle.draft(brand.pk, terms | own, by=editor)
        lifecycle.submit(campaign.pk, by=editor)
    while lifecycle.hold_submitted():
        pass
    for campaign in brand.campaigns.filter(status="in_review"):
        lifecycle.approve(campaign.pk, version=1, by=reviewer)


def hang_once(gateway):
    """Let the first call that sends an order hang, for less than a client waits."""
    gateway.inject_fault("latency", milliseconds=9_000, times=1, operation="putAdOrder")


def wait_for_the_call(gateway):
    wake("campaigns.tasks.send_due")
    wait_until(lambda: not gateway.control_request("GET", "/faults"), timeout=PATIENCE)


def sent(gateway):
    """Return what the gateway took after the first order, as order and state."""
    return [(line["order_id"], line["desired_state"]) for line in gateway.ledger()[1:]]


def test_a_pause_passes_the_other_orders_and_a_worker_that_hangs(
    make_due, on_air, gateway, celery, reviewer
):
    make_due(OTHERS)
    hang_once(gateway)
    celery("urgent-worker")
    worker = celery("worker")
    wait_for_the_call(gateway)
    worker.freeze()

    lifecycle.staff_pause(on_air.campaign_id, reason="Se envió otro texto.", by=reviewer)

    wait_until(lambda: (str(on_air.pk), "PAUSED") in sent(gateway), timeout=PATIENCE)
    assert len(sent(gateway)) <= 2  # with the call that hung


def test_without_a_worker_of_its_own_it_waits_for_the_call(
    make_due, on_air, gateway, celery, reviewer
):
    """The negative control: and then the pause is next, before the others."""
    make_due(5)
    hang_once(gateway)
    celery("worker")
    wait_for_the_call(gateway)

    lifecycle.staff_pause(on_air.campaign_id, reason="Se envió otro texto.", by=reviewer)

    wait_until(lambda: len(sent(gateway)) > 1, timeout=PATIENCE)
    assert sent(gateway)[0][1] == "ACTIVE"
    assert sent(gateway)[1] == (str(on_air.pk), "PAUSED")
