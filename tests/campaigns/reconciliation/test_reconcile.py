"""Each class of difference: planted at the real sandbox, found, healed, logged once, resolved."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.utils import timezone

from campaigns import channel, lifecycle, tasks
from campaigns.gateway.contract import DesiredState, OrderState
from campaigns.models import (
    AdOrder,
    ChannelSwitch,
    DayCount,
    Drift,
    GatewaySource,
    OrderCount,
    ReconciliationRun,
    ReportHour,
)
from campaigns.reconciliation import actions, heal, reconcile
from campaigns.reconciliation.reconcile import Clients
from core.advisory_locks import Key
from tests.campaigns.reconciliation.conftest import RUNNING, WHOLE

pytestmark = pytest.mark.django_db

STRAY = "orden-de-nadie"


# ── MISSING, STALE, CONTENT, STATE: sent again through the outbox ────────────


def lose(gateway, order):
    gateway.sandbox.lose_state()


def go_back(gateway, order):
    """Confirm a newer generation, and bring the older one back as a restored backup would."""
    older = order.document
    AdOrder.objects.renew(order, above=0)
    gateway.send()
    gateway.sandbox.lose_state()
    gateway.client.put_ad_order(str(order.pk), older)


def hold_other_content(gateway, order):
    first, *_others = order.document["goal"]["daily"]
    goal = order.document["goal"] | {"total": 30, "daily": [first | {"count": 30}]}
    gateway.sandbox.lose_state()
    gateway.client.put_ad_order(str(order.pk), order.document | {"goal": goal})


def pause_there(gateway, order):
    """Pause it by a newer generation, as somebody at the gateway could."""
    gateway.client.set_desired_state(
        str(order.pk), DesiredState.PAUSED, generation=order.generation + 1, reason="Operador"
    )


PLANTED = {
    "missing": lose,
    "stale": go_back,
    "content": hold_other_content,
    "content_above": pause_there,
}


def plant(gateway, order, name):
    PLANTED[name](gateway, order)
    order.refresh_from_db()
    return name.split("_")[0]


@pytest.mark.parametrize("run", [RUNNING, WHOLE])
@pytest.mark.parametrize("name", PLANTED)
def test_what_the_gateway_has_otherwise_is_found_healed_and_resolved(order, gateway, name, run):
    assert gateway.run(run).differences == 0
    kind = plant(gateway, order, name)

    done = gateway.run(run)

    found = gateway.open()[kind]
    order.refresh_from_db()
    assert (done.error, done.orders, done.differences) == ("", 1, 1)
    assert (found.order_id, found.times, found.needs_person) == (str(order.pk), 1, False)
    assert order.pending
    assert f"generación {order.generation}" in found.action
    assert gateway.run(run).orders == 0  # on its way: neither compared nor resolved
    assert gateway.open()[kind].times == 1
    assert gateway.send() == 1
    order.refresh_from_db()
    assert gateway.held(order).document.to_json() == order.document
    assert gateway.run(run).differences == 0
    assert gateway.open() == {}
    assert Drift.objects.count() == 1


@pytest.mark.parametrize("name", PLANTED)
def test_without_its_action_a_difference_stays(order, gateway, name, monkeypatch):
    """The negative control: what heals is the action, and not the comparison."""
    kind = plant(gateway, order, name)
    monkeypatch.setattr(heal, "send_again", lambda rows: {each.order_id: 1 for each in rows})

    for _ in range(4):
        gateway.run()
        assert gateway.send() == 0

    found = gateway.open()[kind]
    assert (found.times, found.needs_person) == (4, True)  # the portal has tried three times


@pytest.fixture
def listed_as(gateway, monkeypatch):
    """A function that changes the state in the list on its way: the sandbox does what it says."""
    pages = gateway.client.get_page

    def change(state):
        def get_page(number, **named):
            page = pages(number, **named)
            items = [each.model_copy(update={"state": state}) for each in page.items]
            return page.model_copy(update={"items": tuple(items)})

        monkeypatch.setattr(gateway.client, "get_page", get_page)

    return change


def test_an_order_in_another_state_is_sent_again_as_a_new_generation(
    order, gateway, listed_as, monkeypatch
):
    listed_as(OrderState.PAUSED)

    gateway.run()

    found = gateway.open()["state"]
    order.refresh_from_db()
    assert "En pausa" in found.found
    assert (order.generation, order.pending, found.needs_person) == (2, True, False)
    gateway.send()
    monkeypatch.undo()
    gateway.run()
    assert gateway.open() == {}


def test_without_its_action_another_state_stays(order, gateway, listed_as, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(heal, "send_again", lambda rows: {each.order_id: 2 for each in rows})
    listed_as(OrderState.PAUSED)

    gateway.run()

    order.refresh_from_db()
    assert (order.generation, order.confirmed) == (1, True)
    assert gateway.send() == 0


def test_another_text_on_the_air_is_paused_and_replaced(order, gateway):
    """A text changes only while its order is not running, so one more call comes first."""
    gateway.sandbox.set_clock(days=3)  # its first day
    gateway.sandbox.lose_state()
    text = "Otro texto en movistar.mx"
    other = order.document | {"adText": text, "adTextSeptets": len(text)}
    gateway.client.put_ad_order(str(order.pk), other)
    assert gateway.held(order).status.state == "ACTIVE"

    gateway.run()

    assert gateway.held(order).status.state == "PAUSED"
    order.refresh_from_db()
    assert (order.generation, order.lease_until) == (3, None)
    gateway.send()
    held = gateway.held(order)
    assert held.document.ad_text == order.document["adText"]
    assert held.status.state == "ACTIVE"
    gateway.run()
    assert gateway.open() == {}


def test_a_text_on_the_air_that_cannot_be_paused_is_tried_again(order, gateway):
    gateway.sandbox.set_clock(days=3)
    gateway.sandbox.lose_state()
    text = "Otro texto en movistar.mx"
    other = order.document | {"adText": text, "adTextSeptets": len(text)}
    gateway.client.put_ad_order(str(order.pk), other)
    gateway.sandbox.inject_fault("drop_before_commit", operation="setDesiredState", times=1)

    gateway.run()

    order.refresh_from_db()
    assert order.confirmed
    assert order.lease_until is None
    assert "no contesta" in gateway.open()["content"].action
    gateway.run()
    gateway.send()
    assert gateway.held(order).document.ad_text == order.document["adText"]


def test_one_that_the_gateway_refuses_again_calls_a_person(order, gateway):
    """Somebody cancelled it there, and that is final."""
    gateway.client.set_desired_state(
        str(order.pk), DesiredState.CANCELLED, generation=2, reason="Operador"
    )
    gateway.run()
    assert not gateway.open()["content"].needs_person
    gateway.send()
    order.refresh_from_db()
    assert order.refused

    done = gateway.run()

    found = gateway.open()["content"]
    assert found.needs_person
    assert "rechazó" in found.action
    assert done.mail_due_at is not None
    assert gateway.run().mail_due_at is None


def test_a_cancelled_order_that_is_missing_does_no_harm(order, gateway, editor):
    lifecycle.cancel(order.campaign_id, by=editor)
    gateway.send()
    gateway.sandbox.lose_state()

    assert gateway.run(WHOLE).differences == 0

    order.refresh_from_db()
    assert order.confirmed
    assert not Drift.objects.exists()


def test_a_rejected_order_calls_a_person_and_is_not_sent_again(order, gateway):
    gateway.sandbox.reject(str(order.pk), "Marca bloqueada")

    gateway.run()
    gateway.run()

    found = gateway.open()["state"]
    order.refresh_from_db()
    assert order.confirmed
    assert (found.needs_person, found.times) == (True, 2)
    assert "Rechazada" in found.found
    assert "Marca bloqueada" in found.found
    assert ReconciliationRun.objects.filter(mail_due_at__isnull=False).count() == 1


def test_without_the_exception_a_rejected_order_is_sent_for_ever(order, gateway, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(actions, "_is_rejected", lambda difference: False)
    gateway.sandbox.reject(str(order.pk), "Marca bloqueada")

    gateway.run()

    order.refresh_from_db()
    assert order.pending
    assert not gateway.open()["state"].needs_person


# ── EXTRA ────────────────────────────────────────────────────────────────────


def put_stray(gateway, order, **changes):
    document = order.document | {"externalReference": "LP-NADIE1", "generation": 7} | changes
    gateway.client.put_ad_order(STRAY, document)


def test_an_order_that_nobody_requested_is_paused_and_calls_a_person(order, gateway):
    put_stray(gateway, order)

    done = gateway.run()

    found = gateway.open()["extra"]
    held = gateway.client.get_ad_order(STRAY).status
    assert (held.state, held.generation) == ("PAUSED", 8)
    assert (found.order_id, found.needs_person) == (STRAY, True)
    assert done.mail_due_at is not None
    assert gateway.run().mail_due_at is None  # one mail
    assert gateway.open()["extra"].times == 2
    gateway.client.set_desired_state(STRAY, DesiredState.CANCELLED, generation=9, reason="Fuera")
    gateway.run()
    assert gateway.open() == {}


def test_without_the_pause_it_goes_on(order, gateway, monkeypatch):
    """The negative control of the pause."""
    put_stray(gateway, order)
    monkeypatch.setattr(heal, "pause", lambda their, client: None)

    gateway.run()

    assert gateway.client.get_ad_order(STRAY).status.state == "SCHEDULED"


def test_one_that_has_ended_is_nobodys_trouble(order, gateway):
    put_stray(gateway, order, desiredState="CANCELLED")

    assert gateway.run(WHOLE).differences == 0


def test_so_many_that_it_may_be_our_own_mistake_go_on(order, gateway):
    """A portal without its database must not pause the channel of another one."""
    for number in range(21):
        gateway.client.put_ad_order(f"ajena-{number}", order.document)

    gateway.run()

    states = {status.state for status in gateway.client.list_ad_orders()}
    assert states == {"SCHEDULED"}
    assert Drift.objects.for_a_person().filter(kind="extra").count() == 21


def test_an_order_made_while_the_list_is_read_is_not_taken_for_a_stray_one(
    order, gateway, many, monkeypatch
):
    pages, made = gateway.client.get_page, []

    def late(number, **named):
        if not made:
            made.extend(many(1))
            gateway.send()
        return pages(number, **named)

    monkeypatch.setattr(gateway.client, "get_page", late)

    assert (gateway.run(WHOLE).orders, len(made)) == (1, 1)
    assert not Drift.objects.exists()
    assert gateway.held(made[0]).status.state == "SCHEDULED"


# ── COUNT, OVERRUN ───────────────────────────────────────────────────────────


def count(order, ago=timedelta(), **counts):
    zero = {"inserted": 0, "delivered": 0, "failed": 0, "no_receipt": 0}
    OrderCount.objects.update_or_create(
        pk=order.pk, defaults=zero | counts | {"as_of": timezone.now() - ago}
    )


def report_hours(order, until, final=True):
    """Record that every hour of the last days is whole."""
    start = (timezone.now() - timedelta(days=5)).replace(minute=0, second=0, microsecond=0)
    hours = int((until - start).total_seconds() // 3600) + 1
    ReportHour.objects.bulk_create(
        ReportHour(
            stream="hourly-counts",
            hour=start + timedelta(hours=number),
            revision=2,
            final=final,
            completed_at=until,
        )
        for number in range(hours)
    )


def woken(monkeypatch):
    names = []
    monkeypatch.setattr(actions, "wake", names.append)
    return names


def test_counts_that_lag_for_minutes_are_no_difference(order, gateway, monkeypatch):
    names = woken(monkeypatch)
    gateway.sandbox.set_counts(str(order.pk), inserted=120, delivered=100)
    count(order, ago=timedelta(minutes=4), inserted=100, delivered=90)

    assert gateway.run().differences == 0

    assert names == []


def test_counts_that_lag_longer_are_asked_for_and_then_agree(order, gateway, monkeypatch):
    names = woken(monkeypatch)
    gateway.sandbox.set_counts(str(order.pk), inserted=120, delivered=100)
    count(order, ago=timedelta(minutes=20), inserted=100, delivered=90)

    gateway.run()

    found = gateway.open()["count"]
    assert names == ["campaigns.tasks.pull_reports"]
    assert not found.needs_person
    assert "120 con anuncio" in found.found
    assert "100 con anuncio" in found.expected
    gateway.sandbox.set_counts(str(order.pk), inserted=150, delivered=130)
    count(order, ago=timedelta(minutes=14), inserted=125, delivered=101)
    gateway.run()
    assert gateway.open() == {}  # it has what there was: the path works


def test_counts_that_stay_behind_call_a_person(order, gateway):
    gateway.sandbox.set_counts(str(order.pk), inserted=120, delivered=100)
    count(order, ago=timedelta(minutes=20), inserted=100, delivered=90)
    gateway.run()

    done = gateway.run()

    assert gateway.open()["count"].needs_person
    assert done.mail_due_at is not None


def test_without_the_action_nobody_learns_of_counts_that_stay_behind(order, gateway, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(actions, "_recount", lambda difference, known: None)
    gateway.sandbox.set_counts(str(order.pk), inserted=120, delivered=100)
    count(order, ago=timedelta(minutes=20), inserted=100, delivered=90)

    gateway.run()
    gateway.run()

    assert not gateway.open()


def test_counts_above_the_gateways_are_a_difference_however_young(order, gateway):
    """Insertions only grow: a gateway that lost its counts would deliver them again."""
    gateway.sandbox.set_counts(str(order.pk), inserted=0)
    count(order, inserted=100, delivered=90)

    gateway.run()

    assert "100 con anuncio" in gateway.open()["count"].expected


@pytest.mark.parametrize(("day", "differs"), [(100, False), (99, True), (101, True)])
def test_the_sum_of_days_is_compared_once_its_hours_are_whole(order, gateway, day, differs):
    counts = {"inserted": 100, "delivered": 90, "failed": 5, "no_receipt": 5}
    gateway.sandbox.set_counts(str(order.pk), **counts)
    count(order, ago=timedelta(hours=2), **counts)
    DayCount.objects.create(
        ad_order=order.pk, day=timezone.localdate(), lada="55", **counts | {"inserted": day}
    )
    report_hours(order, timezone.now() - timedelta(hours=4))
    assert gateway.run().differences == (day > 100)  # no sum may be above the gateway's total
    Drift.objects.all().delete()
    ReportHour.objects.all().delete()
    report_hours(order, timezone.now())

    gateway.run()

    assert ("count" in gateway.open()) is differs


def test_receipts_of_days_are_compared_once_they_are_final(order, gateway):
    counts = {"inserted": 100, "delivered": 90, "failed": 5, "no_receipt": 5}
    gateway.sandbox.set_counts(str(order.pk), **counts)
    count(order, ago=timedelta(hours=2), **counts)
    DayCount.objects.create(
        ad_order=order.pk, day=timezone.localdate(), lada="55", **counts | {"delivered": 80}
    )
    report_hours(order, timezone.now(), final=False)
    assert gateway.run().differences == 0

    ReportHour.objects.update(final=True)
    gateway.run()

    assert "count" in gateway.open()


@pytest.fixture
def overrun(order, gateway, listed_as):
    """An order above its goal that the gateway goes on with, which the sandbox does not do.

    A comparison of the whole list sees it: the sandbox leaves it out of those that run.
    """
    total = order.document["goal"]["total"]
    gateway.sandbox.set_counts(str(order.pk), inserted=total + 1, delivered=10)
    count(order, inserted=total + 1, delivered=10)
    listed_as(OrderState.ACTIVE)
    return order


def test_an_order_above_its_goal_is_paused_and_calls_a_person(overrun, gateway):
    gateway.run(WHOLE)

    overrun.refresh_from_db()
    found = gateway.open()["overrun"]
    assert (overrun.desired_state, overrun.pending) == ("PAUSED", True)
    assert (found.expected, found.found) == ("Hasta 60,000 con anuncio", "60,001 con anuncio")
    assert found.needs_person
    gateway.send()
    assert gateway.held(overrun).document.desired_state == "PAUSED"
    gateway.run(WHOLE)
    assert gateway.open()["overrun"].times == 2  # until a person resolves it


def test_without_the_pause_an_order_above_its_goal_goes_on(overrun, gateway, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(heal, "stop_overrun", lambda difference: False)

    gateway.run(WHOLE)

    assert gateway.send() == 0
    assert gateway.held(overrun).document.desired_state == "ACTIVE"


def test_an_order_above_its_goal_that_is_over_calls_a_person_alone(order, gateway):
    total = order.document["goal"]["total"]
    gateway.sandbox.set_counts(str(order.pk), inserted=total + 1, delivered=total)
    count(order, inserted=total + 1, delivered=total)

    gateway.run()

    order.refresh_from_db()
    assert gateway.held(order).status.state == "COMPLETED"
    assert (order.desired_state, order.confirmed) == ("ACTIVE", True)
    assert gateway.open().keys() == {"overrun"}


# ── what changes meanwhile, and one run at a time ────────────────────────────


def test_an_order_that_changes_while_it_is_compared_is_left_to_the_outbox(
    order, gateway, editor, monkeypatch
):
    lose(gateway, order)
    found = heal.send_again

    def late(differences):
        lifecycle.schedule(order.campaign_id)
        lifecycle.pause(order.campaign_id, by=editor)
        return found(differences)

    with monkeypatch.context() as patch:
        patch.setattr(heal, "send_again", late)
        assert gateway.run().differences == 0

    order.refresh_from_db()
    assert (order.generation, order.desired_state) == (2, "PAUSED")
    assert not Drift.objects.exists()
    gateway.send()
    assert gateway.run().differences == 0


def test_without_the_second_look_a_change_would_be_healed_twice(order, gateway, monkeypatch):
    """The negative control of the look under the lock."""
    lose(gateway, order)
    monkeypatch.setattr(heal, "_unchanged", lambda rows: list(AdOrder.objects.all()))
    found = heal.send_again

    def late(differences):
        AdOrder.objects.renew(AdOrder.objects.get(), above=0)
        return found(differences)

    monkeypatch.setattr(heal, "send_again", late)
    gateway.run()

    order.refresh_from_db()
    assert order.generation == 3


def test_an_order_with_a_worker_is_not_compared(order, gateway):
    lose(gateway, order)
    AdOrder.objects.update(lease_until=timezone.now() + timedelta(minutes=1))

    assert (gateway.run().orders, Drift.objects.count()) == (0, 0)


def test_a_run_that_was_cut_off_is_closed_by_the_next(order, gateway):
    ReconciliationRun.objects.create(kind=RUNNING)

    gateway.run()

    first = ReconciliationRun.objects.earliest("pk")
    assert (first.error, first.ended_at is None) == ("interrupted", False)


# ── loss of state, and the channel ───────────────────────────────────────────


def stop_channel(reviewer, gateway):
    reviewer.user_permissions.add(Permission.objects.get(codename="stop_channel"))
    by = type(reviewer).objects.get(pk=reviewer.pk)
    channel.stop(reason="Falla de red", by=by)
    assert channel.send_due(gateway.client)


def test_the_channel_s_state_is_sent_again_at_night(order, gateway, reviewer):
    stop_channel(reviewer, gateway)
    gateway.run()
    assert not channel.send_due(gateway.client)

    gateway.run(WHOLE)

    assert channel.send_due(gateway.client)
    assert ChannelSwitch.objects.get().acknowledged_at is not None


def states_of_channel(gateway):
    return [e["desired_state"] for e in gateway.sandbox.ledger() if e["subject"] == "channel"]


def test_and_within_seconds_to_a_gateway_with_a_new_source(order, gateway, reviewer):
    GatewaySource.objects.create(source="urn:missed-call-ads:gateway:viejo")
    stop_channel(reviewer, gateway)
    tasks.record_gateway_trouble()
    assert not channel.send_due(gateway.client)
    gateway.sandbox.lose_state()
    GatewaySource.objects.create(source="urn:missed-call-ads:gateway:nuevo")

    tasks.record_gateway_trouble()

    assert channel.send_due(gateway.client)
    assert states_of_channel(gateway) == ["OFF", "OFF"]
    tasks.record_gateway_trouble()
    assert not channel.send_due(gateway.client)


def test_and_to_one_that_lacks_a_single_order(order, gateway, reviewer):
    stop_channel(reviewer, gateway)
    lose(gateway, order)

    gateway.run()

    assert channel.send_due(gateway.client)
    assert states_of_channel(gateway) == ["OFF", "OFF"]


def test_a_gateway_that_lost_its_orders_gets_all_of_them_again_and_staff_one_mail(
    order, gateway, many, reviewer
):
    orders = [*many(24), order]
    gateway.send()
    assert gateway.run().orders == 25
    stop_channel(reviewer, gateway)
    gateway.sandbox.lose_state()

    done = gateway.run()

    assert (done.differences, done.lost_state) == (25, True)
    assert done.mail_due_at is not None
    assert Drift.objects.for_a_person().count() == 0
    assert AdOrder.objects.pending().count() == 25
    assert channel.send_due(gateway.client)
    assert gateway.send() == 25
    assert len(list(gateway.client.list_ad_orders())) == len(orders)
    assert gateway.run().differences == 0
    assert not Drift.objects.open().exists()
    assert ReconciliationRun.objects.filter(mail_due_at__isnull=False).count() == 1


def test_a_second_run_does_not_start_beside_the_first(order, gateway):
    with other_session() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [int(Key.RECONCILIATION)])

        assert reconcile.run(RUNNING, Clients(gateway.client, gateway.client)) is None
        assert not ReconciliationRun.objects.exists()

    assert gateway.run().orders == 1


@contextmanager
def other_session():
    connection = connections.create_connection("default")
    try:
        with connection.cursor() as cursor:
            yield cursor
            cursor.execute("SELECT pg_advisory_unlock_all()")  # before the server sees the end
    finally:
        connection.close()
