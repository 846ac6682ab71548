"""The gateway is sent new goals of a moved reservation when its days change, and only then."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from campaigns import lifecycle, outbox
from campaigns.models import AdOrder, Campaign
from inventory import reservations
from inventory.models import Allocation, Capacity
from inventory.terms import Terms

Status = Campaign.Status
PATIENCE = 60  # seconds


@pytest.fixture
def day(on_sale):
    """100 notifications in each cell; the first of two days."""
    Capacity.objects.update(gross=100, capacity=100)
    return on_sale


@pytest.fixture
def sell(brand, editor, reviewer, terms, day):
    """Return a function that sells a campaign of 100 in some LADAs, in one day or more."""

    def sold(ladas, days=1):
        wanted = {
            "area": {"ladas": ladas},
            "starts_on": day,
            "ends_on": day + timedelta(days=days - 1),
            "volume": 100,
            "daily_cap": 100,
        }
        campaign = lifecycle.draft(brand.pk, terms | wanted, by=editor)
        lifecycle.submit(campaign.pk, by=editor)
        lifecycle.hold_submitted()
        lifecycle.approve(campaign.pk, version=1, by=reviewer)
        lifecycle.schedule(campaign.pk)
        return AdOrder.objects.get(campaign=campaign)

    return sold


def take_all(lada, day):
    """Hold every notification of one cell, so that flexible reservations are moved."""
    return reservations.hold(
        Terms(
            quantity=100,
            ladas=[lada],
            starts_on=day,
            ends_on=day,
        ),
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(hours=1),
    )


def goals(order):
    return {entry["date"]: entry["count"] for entry in order.document["goal"]["daily"]}


def send_all(client):
    while claimed := outbox.claim():
        outbox.send(claimed, client)


def test_an_order_begins_with_the_plan_it_was_made_from(sell, day):
    order = sell(["33"], days=2)

    assert order.goals_revision == order.campaign.reservation.allocation.goals_revision == 1
    assert sum(goals(order).values()) == order.document["goal"]["total"] == 100
    assert lifecycle.follow_plan() == 0


def test_a_move_within_the_day_sends_the_gateway_nothing(sell, day, sandbox, client):
    order = sell(["33", "55"])
    send_all(client)

    take_all("33", day)

    assert Allocation.objects.get(pk=order.campaign.reservation_id).quantities == [0, 100]
    assert lifecycle.follow_plan() == 0
    order.refresh_from_db()
    assert order.generation == 1
    assert outbox.claim() is None


def test_a_move_between_days_is_one_new_generation_with_the_new_goals(sell, day, sandbox, client):
    order = sell(["33"], days=2)
    send_all(client)
    second = day + timedelta(days=1)

    take_all("33", day)

    assert (lifecycle.follow_plan(), lifecycle.follow_plan()) == (1, 0)
    send_all(client)
    order.refresh_from_db()
    assert goals(order) == {second.isoformat(): 100}
    assert (order.generation, order.confirmed, order.desired_state) == (2, True, "ACTIVE")
    held = client.get_ad_order(str(order.pk)).document
    assert held.to_json() == order.document
    assert [entry["generation"] for entry in sandbox.ledger(str(order.pk))] == [1, 2]
    assert order.campaign.events.latest("id").move == "schedule"


def test_the_days_to_come_of_a_live_campaign_change_too(sell, day, sandbox, client, time_machine):
    order = sell(["33"], days=6)
    send_all(client)
    time_machine.move_to(timezone.now() + timedelta(days=3))
    sandbox.set_clock(days=3)
    lifecycle.advance_due()
    last = day + timedelta(days=5)
    before = goals(order)[last.isoformat()]

    take_all("33", last)
    lifecycle.follow_plan()
    send_all(client)

    order.refresh_from_db()
    assert before > 0
    assert last.isoformat() not in goals(order)
    assert order.document["goal"]["total"] == 100
    assert (order.confirmed, order.gateway_state) == (True, "ACTIVE")
    assert order.campaign.status == Status.LIVE


def test_a_move_that_was_undone_is_only_recorded(sell):
    order = sell(["33"], days=2)
    Allocation.objects.update(goals_revision=F("goals_revision") + 2)

    assert lifecycle.follow_plan() == 0

    order.refresh_from_db()
    assert (order.generation, order.goals_revision) == (1, 3)
    assert not AdOrder.objects.behind_plan().exists()


def test_a_paused_order_gets_its_new_days_and_stays_paused(sell, day, editor):
    order = sell(["33"], days=2)
    lifecycle.pause(order.campaign_id, by=editor)

    take_all("33", day)
    lifecycle.follow_plan()

    order.refresh_from_db()
    assert (order.generation, order.desired_state) == (3, "PAUSED")
    assert order.document["desiredState"] == "PAUSED"
    assert goals(order) == {(day + timedelta(days=1)).isoformat(): 100}


def test_an_order_that_is_over_is_left_alone(sell, editor):
    order = sell(["33"], days=2)
    lifecycle.cancel(order.campaign_id, by=editor)

    Allocation.objects.update(goals_revision=F("goals_revision") + 1)
    assert lifecycle.follow_plan() == 0

    order.refresh_from_db()
    assert (order.generation, order.desired_state) == (2, "CANCELLED")


def test_only_what_is_planned_is_requested_of_the_gateway(sell, day):
    order = sell(["33"], days=2)
    Allocation.objects.update(quantities=[30, 0], at_risk=70, goals_revision=2)

    assert lifecycle.follow_plan() == 1

    order.refresh_from_db()
    assert order.document["goal"] == {
        "unit": "NOTIFICATIONS",
        "total": 30,
        "daily": [{"date": day.isoformat(), "count": 30}],
    }


def test_an_order_with_nothing_planned_waits_until_cells_are_found(sell, day):
    """The contract has no empty goal."""
    order = sell(["33"], days=2)
    Allocation.objects.update(quantities=[0, 0], at_risk=100, goals_revision=2)

    assert lifecycle.follow_plan() == 0
    assert AdOrder.objects.behind_plan().get() == order
    Allocation.objects.update(quantities=[100, 0], at_risk=0, goals_revision=3)
    assert lifecycle.follow_plan() == 1

    order.refresh_from_db()
    assert goals(order) == {day.isoformat(): 100}


def test_a_hold_that_moves_another_wakes_the_task_that_follows_the_plan(
    sell, draft, day, editor, monkeypatch
):
    sell(["33"], days=2)
    woken: list[str] = []
    monkeypatch.setattr("campaigns.lifecycle.system.wake", woken.append)
    other = lifecycle.copy(draft.pk, by=editor)
    wanted = {"area": {"ladas": ["33"]}, "ends_on": day, "volume": 100, "daily_cap": 100}
    lifecycle.edit(other.pk, wanted, revision=1, by=editor)
    lifecycle.submit(other.pk, by=editor)

    lifecycle.hold_submitted()

    assert woken == ["campaigns.tasks.follow_plan"]
    assert lifecycle.follow_plan() == 1


# ── at once, with real commits ───────────────────────────────────────────────


def at_once(*works: Callable[[], object]) -> None:
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=PATIENCE)
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(timeout=PATIENCE)


def test_pausing_while_the_plan_is_followed_loses_neither(transactional_db, sell, day, editor):
    order = sell(["33"], days=2)
    campaign_id, rounds = order.campaign_id, 20
    days = [day, day + timedelta(days=1)]

    for number in range(rounds):
        other = take_all("33", days[number % 2])
        act = lifecycle.resume if number % 2 else lifecycle.pause
        at_once(
            lifecycle.follow_plan,
            lambda act=act: act(campaign_id, by=editor),
            lifecycle.follow_plan,
        )
        lifecycle.follow_plan()  # where the campaign was busy, the sweep comes after

        order.refresh_from_db()
        wanted = "ACTIVE" if number % 2 else "PAUSED"
        assert (order.desired_state, order.document["desiredState"]) == (wanted, wanted)
        assert goals(order) == {days[1 - number % 2].isoformat(): 100}
        assert order.generation == order.document["generation"] == 1 + 2 * (number + 1)
        reservations.release(other.pk)


def test_cancelling_while_the_plan_is_followed_is_final(transactional_db, sell, day, editor):
    for _ in range(10):
        order = sell(["33"], days=2)
        other = take_all("33", day)

        at_once(
            lifecycle.follow_plan,
            lambda order=order: lifecycle.cancel(order.campaign_id, by=editor),
        )
        lifecycle.follow_plan()

        order.refresh_from_db()
        assert order.campaign.status == Status.CANCELLED
        assert order.document["desiredState"] == "CANCELLED"
        assert order.generation in (2, 3)
        reservations.release(other.pk)
