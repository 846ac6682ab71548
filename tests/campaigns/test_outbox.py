"""The outbox against the sandbox, over HTTP."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import breaker, lifecycle, outbox
from campaigns.gateway.errors import Unavailable
from campaigns.models import AdOrder, Campaign


@pytest.fixture
def order(approved):
    return AdOrder.objects.get(campaign=approved)


def send_all(client):
    sent = 0
    while claimed := outbox.claim():
        outbox.send(claimed, client)
        sent += 1
    return sent


def sent_generations(sandbox, order):
    return [entry["generation"] for entry in sandbox.ledger(str(order.pk))]


def make_due(order):
    AdOrder.objects.filter(pk=order.pk).update(next_attempt_at=timezone.now(), lease_until=None)


def test_an_approved_campaign_reaches_the_gateway_and_is_scheduled(order, sandbox, client):
    assert send_all(client) == 1

    order.refresh_from_db()
    held = client.get_ad_order(str(order.pk))
    assert order.confirmed
    assert order.campaign.status == Campaign.Status.SCHEDULED
    assert (order.gateway_state, order.lease_until) == ("SCHEDULED", None)
    assert held.document.to_json() == order.document
    assert order.content_hash == held.document.content_hash
    assert sent_generations(sandbox, order) == [1]


def test_nothing_confirmed_is_sent_again(order, sandbox, client):
    send_all(client)

    assert send_all(client) == 0


def test_after_a_lost_response_the_repeat_confirms_one_order(order, sandbox, client):
    sandbox.inject_fault("drop_after_commit", times=1)

    outbox.send(outbox.claim(), client)

    order.refresh_from_db()
    assert sent_generations(sandbox, order) == [1]
    assert (order.acknowledged_generation, order.campaign.status) == (0, "approved")
    assert not order.refused
    make_due(order)
    send_all(client)
    order.refresh_from_db()
    assert order.confirmed
    assert sent_generations(sandbox, order) == [1]


@pytest.mark.parametrize("fault", ["drop_before_commit", "connection_reset", "truncated_body"])
def test_a_retryable_error_is_retried_with_jitter(order, sandbox, client, fault):
    sandbox.inject_fault(fault, times=1)
    before = timezone.now()

    outbox.send(outbox.claim(), client)

    order.refresh_from_db()
    assert not order.refused
    assert before <= order.next_attempt_at <= timezone.now() + timedelta(seconds=2)
    assert order.failing_since is not None
    make_due(order)
    send_all(client)
    order.refresh_from_db()
    assert (order.confirmed, order.failing_since, order.last_error) == (True, None, "")
    assert sent_generations(sandbox, order) == [1]


def test_retry_after_of_the_gateway_is_used(order, sandbox, client):
    sandbox.inject_fault("too_many_requests", times=1, retry_after=120)

    send_all(client)

    order.refresh_from_db()
    wait = order.next_attempt_at - timezone.now()
    assert timedelta(seconds=110) < wait <= timedelta(seconds=120)
    assert not order.needs_attention


def test_a_refused_order_waits_for_a_person_and_the_status_stays(order, sandbox, client):
    document = order.document | {"target": {"scope": "LADAS", "ladas": ["999", "990", "123"]}}
    AdOrder.objects.filter(pk=order.pk).update(document=document)

    send_all(client)

    order.refresh_from_db()
    assert order.needs_attention
    assert "UNKNOWN_LADA" in order.last_error
    assert order.campaign.status == Campaign.Status.APPROVED
    assert send_all(client) == 0
    assert list(AdOrder.objects.needing_attention(timezone.now())) == [order]

    AdOrder.objects.filter(pk=order.pk).update(
        document=order.document | {"target": {"scope": "NATIONAL"}}
    )
    outbox.resend(order.pk)
    send_all(client)
    order.refresh_from_db()
    assert order.confirmed
    assert not order.needs_attention
    assert not AdOrder.objects.needing_attention(timezone.now()).exists()


def test_half_an_hour_of_failures_needs_attention_and_is_retried(order):
    claimed = outbox.claim()
    outbox._record_failure(claimed, Unavailable("503"))
    AdOrder.objects.update(failing_since=timezone.now() - timedelta(minutes=30))
    order.refresh_from_db()

    assert order.needs_attention
    make_due(order)
    assert outbox.claim() is not None


def test_the_retry_delay_grows_to_its_cap_and_is_uniform(settings):
    error = Unavailable("503")

    for attempts, most in [(1, 2), (2, 4), (5, 32), (9, 300), (500, 300)]:
        waits = [outbox._retry_delay(attempts, error).total_seconds() for _ in range(200)]
        assert 0 <= min(waits) < most * 0.2
        assert most * 0.8 < max(waits) <= most


# ── leases and generations ───────────────────────────────────────────────────


def test_a_claimed_order_cannot_be_claimed_until_its_lease_ends(order, time_machine):
    time_machine.move_to(timezone.now())
    first = outbox.claim()

    assert outbox.claim() is None
    time_machine.shift(61)
    again = outbox.claim()
    assert (again.order_id, again.generation) == (first.order_id, first.generation)


def test_an_invalid_document_is_refused_and_waits_for_a_person(order, sandbox, client):
    AdOrder.objects.update(document={"rubbish": True})

    outbox.send(outbox.claim(), client)

    order.refresh_from_db()
    assert order.needs_attention
    assert "INVALID_ARGUMENT" in order.last_error
    assert outbox.claim() is None
    assert sent_generations(sandbox, order) == []


def test_a_generation_requested_meanwhile_is_sent_next(order, sandbox, client, editor):
    claimed = outbox.claim()
    lifecycle.cancel(order.campaign_id, by=editor)

    outbox.send(claimed, client)

    order.refresh_from_db()
    assert (order.acknowledged_generation, order.generation) == (1, 2)
    assert order.campaign.status == Campaign.Status.CANCELLED
    send_all(client)
    order.refresh_from_db()
    assert (order.confirmed, order.gateway_state) == (True, "CANCELLED")
    assert sent_generations(sandbox, order) == [1, 2]


def test_the_failure_of_an_old_generation_does_not_delay_the_new_one(
    order, sandbox, client, editor
):
    old = outbox.claim()
    lifecycle.cancel(order.campaign_id, by=editor)
    sandbox.inject_fault("too_many_requests", times=1, retry_after=120)

    outbox.send(old, client)

    order.refresh_from_db()
    assert (order.failing_since, order.last_error) == (None, "")
    assert outbox.claim().generation == 2


def test_a_late_confirmation_of_an_old_generation_does_not_set_the_order_back(
    order, sandbox, client, editor
):
    old = outbox.claim()
    accepted = client.put_ad_order(str(order.pk), old.document)
    lifecycle.schedule(order.campaign_id)
    lifecycle.pause(order.campaign_id, by=editor)
    make_due(order)
    send_all(client)

    outbox._record_accepted(old, accepted.status)

    order.refresh_from_db()
    assert (order.acknowledged_generation, order.gateway_state) == (2, "PAUSED")


def test_an_old_generation_that_arrives_late_changes_nothing(order, sandbox, client, editor):
    late = outbox.claim()
    outbox.send(late, client)
    lifecycle.pause(order.campaign_id, by=editor)
    send_all(client)

    outbox.send(late, client)

    order.refresh_from_db()
    assert order.confirmed
    assert not order.needs_attention
    assert client.get_ad_order(str(order.pk)).status.state == "PAUSED"
    assert sent_generations(sandbox, order) == [1, 2]


def test_a_confirmed_old_generation_does_not_end_the_lease_of_a_newer_one(
    order, sandbox, client, editor, time_machine
):
    """A slow worker records its outcome while another worker holds the order."""
    time_machine.move_to(timezone.now())
    slow = outbox.claim()
    lifecycle.cancel(order.campaign_id, by=editor)
    time_machine.shift(61)
    owner = outbox.claim()

    outbox.send(slow, client)

    assert outbox.claim() is None
    outbox.send(owner, client)
    order.refresh_from_db()
    assert order.confirmed


# ── the breaker ──────────────────────────────────────────────────────────────


@pytest.fixture
def outbox_client(client, monkeypatch):
    """Make the outbox use the client of the sandbox."""
    monkeypatch.setattr(outbox, "gateway_client", lambda _scope: client)
    return client


def fail_in_a_row(order, times=breaker.OPENS_AFTER):
    for _ in range(times):
        make_due(order)
        outbox.send_due()


def test_while_the_breaker_is_open_no_attempt_is_made(order, sandbox, outbox_client):
    sandbox.inject_fault("status", status=503)
    fail_in_a_row(order)
    order.refresh_from_db()
    assert (order.attempts, breaker.state().is_open) == (5, True)
    sandbox.clear_faults()
    make_due(order)
    order.refresh_from_db()
    due_at = order.next_attempt_at

    outbox.send_due()

    order.refresh_from_db()
    assert (order.attempts, order.next_attempt_at, order.lease_until) == (5, due_at, None)
    assert sent_generations(sandbox, order) == []

    breaker.reset()
    outbox.send_due()
    order.refresh_from_db()
    assert (order.confirmed, sent_generations(sandbox, order)) == (True, [1])


def test_a_refusal_does_not_open_the_breaker(order, sandbox, outbox_client):
    sandbox.inject_fault("too_many_requests")

    fail_in_a_row(order, times=8)

    assert not breaker.state().is_open


def test_a_pause_passes_an_open_breaker_and_its_answer_closes_it(
    order, sandbox, outbox_client, reviewer
):
    outbox.send_due()
    sandbox.inject_fault("status", status=503, times=breaker.OPENS_AFTER)
    for _ in range(breaker.OPENS_AFTER):
        breaker.record(Unavailable("503"))
    sandbox.clear_faults()
    lifecycle.staff_pause(order.campaign_id, reason="Se equivocaron.", by=reviewer)

    outbox.send_urgent()

    assert sent_generations(sandbox, order) == [1, 2]
    assert not breaker.state().is_open


# ── urgent orders ────────────────────────────────────────────────────────────


def test_a_pause_is_tried_again_every_few_seconds_whatever_the_gateway_says(
    order, sandbox, outbox_client, reviewer
):
    outbox.send_due()
    lifecycle.staff_pause(order.campaign_id, reason="Se equivocaron.", by=reviewer)
    sandbox.inject_fault("too_many_requests", times=1, retry_after=120)
    AdOrder.objects.update(attempts=12)

    outbox.send_urgent()

    order.refresh_from_db()
    wait = order.next_attempt_at - timezone.now()
    assert timedelta(seconds=3) < wait <= outbox.URGENT_RETRY
    make_due(order)
    outbox.send_urgent()
    order.refresh_from_db()
    assert (order.confirmed, order.gateway_state) == (True, "PAUSED")


def test_a_pause_does_not_wait_for_an_older_generation_that_hangs(
    order, sandbox, outbox_client, reviewer
):
    """A worker sends generation 1; generation 2 overtakes it, and the gateway refuses the first."""
    lifecycle.schedule(order.campaign_id)
    hanging = outbox.claim()
    lifecycle.staff_pause(order.campaign_id, reason="Se equivocaron.", by=reviewer)
    assert outbox.claim_urgent().generation == 2  # with the lease of generation 1
    assert outbox.claim_urgent() is None
    make_due(order)

    outbox.send_urgent()
    outbox.send(hanging)

    order.refresh_from_db()
    assert (order.confirmed, order.gateway_state, order.refused) == (True, "PAUSED", False)
    assert sent_generations(sandbox, order) == [2]


def test_what_goes_on_air_is_not_urgent(order, sandbox, outbox_client):
    outbox.send_urgent()

    assert sent_generations(sandbox, order) == []


def test_among_due_orders_a_stop_is_first(order, draft, editor, reviewer, brand, terms):
    lifecycle.schedule(order.campaign_id)
    lifecycle.staff_pause(order.campaign_id, reason="Se equivocaron.", by=reviewer)
    other = lifecycle.draft(brand.pk, terms | {"name": "Otra"}, by=editor)
    lifecycle.submit(other.pk, by=editor)
    lifecycle.hold_submitted()
    other = lifecycle.approve(other.pk, version=1, by=reviewer)
    AdOrder.objects.filter(campaign=other).update(
        next_attempt_at=timezone.now() - timedelta(hours=1)
    )

    assert outbox.claim().order_id == order.pk
    assert outbox.claim().order_id == other.ad_order.pk
