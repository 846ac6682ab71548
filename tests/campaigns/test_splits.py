"""The goals of today and tomorrow are split by LADA, and the split of each new day follows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle, outbox
from campaigns.gateway.contract import MAX_BODY_BYTES, canonical_json
from campaigns.lifecycle import system
from campaigns.models import AdOrder, Campaign, Event, order_document
from inventory.models import Allocation, Capacity, Reservation
from segments.models import Lada

pytestmark = pytest.mark.django_db

DAYS = 4  # of the campaign, 150 on each


@pytest.fixture
def sell(brand, editor, reviewer, terms, on_sale):
    """Return a function that sells a campaign in two LADAs, and queues its order."""
    Capacity.objects.filter(lada="33").update(gross=1_000, capacity=1_000)
    Capacity.objects.filter(lada="55").update(gross=2_000, capacity=2_000)

    def sold():
        wanted = {
            "area": {"ladas": ["33", "55"]},
            "ends_on": on_sale + timedelta(days=DAYS - 1),
            "volume": 150 * DAYS,
        }
        campaign = lifecycle.draft(brand.pk, terms | wanted, by=editor)
        lifecycle.submit(campaign.pk, by=editor)
        lifecycle.hold_submitted()
        lifecycle.approve(campaign.pk, version=1, by=reviewer)
        return AdOrder.objects.get(campaign=campaign)

    return sold


@pytest.fixture
def move_to(time_machine, sandbox, on_sale):
    """Return a function that sets both clocks to a day of the campaign, a minute after midnight."""
    start = timezone.now()

    def move(number):
        midnight = timezone.localtime(start).replace(hour=0, minute=1, second=0)
        days = (on_sale + timedelta(days=number) - timezone.localdate(start)).days
        moment = midnight + timedelta(days=days)
        time_machine.move_to(moment, tick=False)
        sandbox.set_clock(seconds=(moment - start).total_seconds())
        lifecycle.advance_due()

    return move


def send_all(client):
    AdOrder.objects.update(next_attempt_at=timezone.now())
    while claimed := outbox.claim():
        outbox.send(claimed, client)


def splits(order):
    """Return the split days of an order's goal, each with its counts by LADA."""
    order.refresh_from_db()
    return {
        day["date"]: {group["ladas"][0]: group["count"] for group in day["split"]}
        for day in order.document["goal"]["daily"]
        if "split" in day
    }


def cells(order, *numbers):
    """Return what the plan has in the cells of some days of the campaign."""
    found = Reservation.objects.get(pk=order.campaign.reservation_id)
    days = [found.starts_on + timedelta(days=number) for number in numbers]
    return {day.isoformat(): found.planned_by_lada(day) for day in days}


def test_the_split_of_a_day_is_sent_when_it_is_tomorrow(sell, move_to, client):
    order = sell()
    send_all(client)
    assert splits(order) == {}
    assert lifecycle.follow_plan() == 0
    first = order.document

    move_to(-1)
    assert (lifecycle.follow_plan(), lifecycle.follow_plan()) == (1, 0)
    send_all(client)

    assert splits(order) == cells(order, 0)
    assert sum(cells(order, 0)[order.campaign.starts_on.isoformat()].values()) == 150
    assert {name for name in first if first[name] != order.document[name]} == {"generation", "goal"}
    held = client.get_ad_order(str(order.pk))
    assert (order.generation, order.confirmed) == (2, True)
    assert held.document.to_json() == order.document
    assert held.status.content_hash == order.content_hash

    move_to(0)
    assert (lifecycle.follow_plan(), lifecycle.follow_plan()) == (1, 0)
    assert splits(order) == cells(order, 0, 1)
    send_all(client)
    assert Event.objects.latest("id").move == "start"  # a new generation is no event of its own


def test_the_last_day_has_no_day_after_it_to_split(sell, move_to, client):
    order = sell()
    send_all(client)
    move_to(DAYS - 2)
    assert lifecycle.follow_plan() == 1
    send_all(client)
    generation = AdOrder.objects.get().generation

    move_to(DAYS - 1)

    assert lifecycle.follow_plan() == 0
    assert splits(order) == cells(order, DAYS - 2, DAYS - 1)
    assert order.generation == generation


def test_a_paused_order_gets_its_split_and_a_cancelled_one_does_not(sell, move_to, client, editor):
    paused, cancelled = sell(), sell()
    send_all(client)
    lifecycle.pause(paused.campaign_id, by=editor)
    lifecycle.cancel(cancelled.campaign_id, by=editor)
    send_all(client)
    cancelled.refresh_from_db()
    before = cancelled.document

    move_to(-1)
    assert lifecycle.follow_plan() == 1
    send_all(client)

    assert splits(paused) == cells(paused, 0)
    assert client.get_ad_order(str(paused.pk)).status.state == "PAUSED"
    cancelled.refresh_from_db()
    assert cancelled.document == before
    lifecycle.resume(paused.campaign_id, by=editor)
    assert splits(paused) == cells(paused, 0)


def test_an_order_that_the_gateway_does_not_take_is_left_alone_until_it_does(
    sell, move_to, client, sandbox
):
    order = sell()
    sandbox.inject_fault("status", status=503, operation="putAdOrder")
    send_all(client)
    sandbox.clear_faults()
    order.refresh_from_db()
    failing = (order.generation, order.attempts, order.failing_since)
    assert order.failing_since is not None

    move_to(-1)
    assert lifecycle.follow_plan() == 0
    order.refresh_from_db()
    assert (order.generation, order.attempts, order.failing_since) == failing

    send_all(client)
    assert lifecycle.follow_plan() == 1
    assert splits(order) == cells(order, 0)


def test_some_orders_are_split_at_a_time(sell, move_to, client, monkeypatch):
    monkeypatch.setattr(system, "SPLITS_AT_A_TIME", 2)
    for _ in range(3):
        sell()
    send_all(client)

    move_to(-1)

    assert [lifecycle.follow_plan() for _ in range(3)] == [2, 1, 0]


def test_an_order_without_any_place_keeps_no_other_waiting(sell, move_to, client, monkeypatch):
    monkeypatch.setattr(system, "SPLITS_AT_A_TIME", 1)
    lost, other = sell(), sell()
    send_all(client)
    Allocation.objects.filter(pk=lost.campaign.reservation_id).update(
        quantities=[0] * (2 * DAYS), at_risk=150 * DAYS
    )

    move_to(-1)

    assert [lifecycle.follow_plan() for _ in range(3)] == [0, 1, 0]
    assert splits(other) == cells(other, 0)
    assert splits(lost) == {}
    Allocation.objects.filter(pk=lost.campaign.reservation_id).update(
        quantities=[150, 0] * DAYS, at_risk=0, goals_revision=2
    )
    assert lifecycle.follow_plan() == 1
    assert splits(lost) == cells(lost, 0)


def test_the_largest_order_is_well_below_the_limit_of_a_body(db):
    """All LADAs but one for a year, two days split, each cell with millions."""
    every = list(Lada.objects.order_by("code").values_list("code", flat=True))
    assert len(every) == 413
    ladas, days, today = every[1:], 366, timezone.localdate()
    reservation = Reservation(
        ladas=ladas, starts_on=today, ends_on=today + timedelta(days=days - 1), quantity=1
    )
    reservation.allocation = Allocation(quantities=[9_999_999] * (len(ladas) * days))

    goal = order_document.goal(Campaign(reservation=reservation)).to_json()

    assert sum("split" in day for day in goal["daily"]) == 2
    target = {"scope": "LADAS", "ladas": ladas}
    size = len(canonical_json({"goal": goal, "target": target}))
    assert size < 0.8 * MAX_BODY_BYTES
