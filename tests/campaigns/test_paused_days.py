"""Days that pass in pause: what they carried has later days, and its brand reads so."""

import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle, notice_mails, outbox
from campaigns.models import AdOrder, Campaign, Event
from inventory import audit, capacity_changes, reservations
from inventory.capacity_changes import Adjust, Source
from inventory.errors import InventoryError
from inventory.models import Allocation, Capacity, JournalEntry, Reservation
from inventory.terms import Terms
from portal.accounts.models import User
from tests.processes import ROOT, wait_until
from tests.servers import child_environment

pytestmark = pytest.mark.django_db

Status = Campaign.Status
DAYS = 6  # of the campaign, 100 on each
PATIENCE = 60  # seconds


@pytest.fixture
def sell(brand, editor, reviewer, terms, on_sale):
    """Return a function that sells a campaign of 100 a day, of 1,000 that each cell has."""
    Capacity.objects.update(gross=1_000, capacity=1_000)

    def sold(**changes):
        wanted = {
            "area": {"ladas": ["33"]},
            "ends_on": on_sale + timedelta(days=DAYS - 1),
            "volume": 100 * DAYS,
        }
        campaign = lifecycle.draft(brand.pk, terms | wanted | changes, by=editor)
        lifecycle.submit(campaign.pk, by=editor)
        lifecycle.hold_submitted()
        return lifecycle.approve(campaign.pk, version=1, by=reviewer)

    return sold


@pytest.fixture
def later(time_machine, sandbox):
    """Return a function that moves the portal and the gateway some days ahead, at noon."""
    start, passed = timezone.localtime().replace(hour=12, minute=0), 0

    def move(days):
        nonlocal passed
        passed += days
        time_machine.move_to(start + timedelta(days=passed), tick=False)
        sandbox.set_clock(days=passed)

    return move


@pytest.fixture
def paused(sell, editor, client, later):
    """A campaign that was paused before its first day, of which the gateway knows."""
    campaign = sell()
    send_all(client)
    later(2)
    lifecycle.pause(campaign.pk, by=editor)
    send_all(client)
    return Campaign.objects.get(pk=campaign.pk)


def send_all(client):
    AdOrder.objects.update(lease_until=None, next_attempt_at=timezone.now())
    while claimed := outbox.claim():
        outbox.send(claimed, client)


def by_day(campaign):
    reservation = Reservation.objects.get(pk=campaign.reservation_id)
    counts = reservation.planned_by_day()
    days = [reservation.starts_on + timedelta(number) for number in range(reservation.days)]
    return [counts.get(day, 0) for day in days]


def everything():
    models = (Campaign, Event, AdOrder, Reservation, Allocation, JournalEntry, Capacity)
    return [list(model.objects.order_by("pk").values()) for model in models]


def events(campaign):
    return list(campaign.events.order_by("id").values_list("move", flat=True))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def assert_exact():
    connection.check_constraints()
    assert audit.find_breaches() == []


# ── a pause of whole days ────────────────────────────────────────────────────


def test_each_day_that_passes_in_pause_moves_to_the_days_that_are_left(paused, later, client):
    assert by_day(paused) == [100] * DAYS
    assert lifecycle.replan_paused() == 0  # none has passed

    later(3)  # two of its days have passed, two are frozen at the gateway
    assert (lifecycle.replan_paused(), lifecycle.replan_paused()) == (1, 0)

    assert by_day(paused) == [0, 0, 100, 100, 200, 200]
    event = paused.events.last()
    assert (event.move, event.by, event.to_status) == ("replan", None, "paused")
    assert event.comment.endswith(
        "pasaron en pausa 2 días con 200 notificaciones planeadas."
        " Todas pasaron a los días que le quedan."
    )
    assert lifecycle.follow_plan() == 1
    send_all(client)
    order = AdOrder.objects.get(campaign=paused)
    held = client.get_ad_order(str(order.pk))
    assert order.confirmed
    assert held.document.goal.total == 600
    assert [goal.count for goal in held.document.goal.daily] == [100, 100, 200, 200]
    assert held.document.desired_state == "PAUSED"
    assert_exact()


def test_a_day_at_a_time_it_comes_to_the_same_and_is_told_once(paused, later, client, editor):
    mail.outbox.clear()
    for _day in range(3):
        later(1)
        lifecycle.replan_paused()
        lifecycle.follow_plan()
        send_all(client)
    notice_mails.send_due()

    assert by_day(paused)[:2] == [0, 0]
    assert sum(by_day(paused)) == 600
    assert events(paused)[-3:] == ["pause", "replan", "replan"]
    told = paused.events.filter(notices__user=editor, move="replan")
    assert told.count() == 1
    [sent] = [m for m in mail.outbox if "se planeó de nuevo" in m.subject]
    assert sent.to == [editor.email]
    assert "pasó en pausa con 100 notificaciones planeadas. Todas pasaron" in sent.body
    assert_exact()


def test_a_new_pause_is_told_again(paused, later, client, editor):
    later(2)
    lifecycle.resume(paused.pk, by=editor)
    send_all(client)
    lifecycle.pause(paused.pk, by=editor)
    send_all(client)
    later(2)

    lifecycle.replan_paused()

    assert events(paused)[-4:] == ["replan", "resume", "pause", "replan"]
    assert paused.events.filter(notices__user=editor, move="replan").count() == 2


def test_resuming_plans_the_days_again_at_once(paused, later, client, editor):
    later(3)

    campaign = lifecycle.resume(paused.pk, by=editor)

    assert campaign.status == Status.LIVE
    assert by_day(paused) == [0, 0, 100, 100, 200, 200]
    assert events(paused)[-2:] == ["replan", "resume"]
    assert AdOrder.objects.get().idle_from is None
    lifecycle.follow_plan()
    send_all(client)
    order = AdOrder.objects.get()
    assert (order.confirmed, order.gateway_state) == (True, "ACTIVE")
    assert order.document["goal"]["total"] == 600
    assert_exact()


@pytest.mark.parametrize("who", ["staff", "suspension"])
def test_whoever_paused_it(who, sell, later, client, editor, reviewer, brand):
    codes = ["suspend_brand"]
    reviewer.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    reviewer = User.objects.get(pk=reviewer.pk)
    campaign = sell()
    send_all(client)
    later(2)
    if who == "staff":
        lifecycle.staff_pause(campaign.pk, reason="Precio falso", by=reviewer)
    else:
        lifecycle.suspend(brand.pk, reason="Debe tres facturas.", by=reviewer)
    send_all(client)
    later(2)

    assert lifecycle.replan_paused() == 1

    assert by_day(campaign)[0] == 0
    page = signed_in(editor).get(reverse("portal:campaign", args=[campaign.folio]))
    why = "Precio falso" if who == "staff" else "su marca está suspendida"
    assert why in page.content.decode()


# ── what is not known is not guessed ─────────────────────────────────────────


def test_before_the_gateway_knows_of_the_pause_nothing_moves(sell, later, client, editor):
    """The negative control is the first test above, which differs by what was sent."""
    campaign = sell()
    send_all(client)
    later(2)
    lifecycle.pause(campaign.pk, by=editor)
    later(3)
    before = everything()

    assert lifecycle.replan_paused() == 0
    assert everything() == before

    send_all(client)  # now it knows: from tomorrow on
    assert lifecycle.replan_paused() == 0
    assert AdOrder.objects.get().idle_from == timezone.localdate() + timedelta(days=1)
    later(2)
    lifecycle.replan_paused()
    assert by_day(campaign)[:4] == [100, 100, 100, 0]


def test_days_on_which_it_was_live_for_a_part_are_left_as_they_are(sell, later, client, editor):
    campaign = sell()
    send_all(client)
    later(3)
    lifecycle.advance_due()
    lifecycle.pause(campaign.pk, by=editor)  # at noon of its first day
    send_all(client)
    later(2)
    lifecycle.resume(campaign.pk, by=editor)  # at noon of its third

    assert by_day(campaign) == [100, 0, 100, 100, 150, 150]


def test_an_order_that_may_have_been_live_in_between_starts_over(
    paused, later, client, sandbox, editor
):
    """The answer to the resumption is lost, so nobody knows when the gateway was active."""
    later(1)
    lifecycle.resume(paused.pk, by=editor)
    sandbox.inject_fault("drop_after_commit", times=1)
    outbox.send(outbox.claim(), client)
    lifecycle.pause(paused.pk, by=editor)
    later(1)
    send_all(client)

    assert AdOrder.objects.get().idle_from == timezone.localdate() + timedelta(days=1)
    later(1)
    assert lifecycle.replan_paused() == 0
    assert by_day(paused) == [100] * DAYS


def test_an_older_pause_taken_late_does_not_count_after_a_resumption(paused, later, client, editor):
    lifecycle.resume(paused.pk, by=editor)
    send_all(client)
    lifecycle.pause(paused.pk, by=editor)
    claimed = outbox.claim()
    lifecycle.resume(paused.pk, by=editor)

    outbox.send(claimed, client)

    assert AdOrder.objects.get().idle_from is None


# ── what does not fit ────────────────────────────────────────────────────────


def test_what_does_not_fit_under_the_brands_own_cap_is_at_risk_and_told(
    sell, later, client, editor
):
    campaign = sell(daily_cap=110)
    send_all(client)
    later(2)
    lifecycle.pause(campaign.pk, by=editor)
    send_all(client)
    later(3)
    before = by_day(campaign)

    lifecycle.replan_paused()
    assert lifecycle.report_risk() == 1

    campaign = Campaign.objects.get(pk=campaign.pk)
    after = by_day(campaign)
    lost = sum(before[:2])
    moved = sum(after[4:]) - sum(before[4:])
    assert (after[:4], max(after)) == ([0, 0, *before[2:4]], 110)
    assert campaign.at_risk == lost - moved > 0
    replanned, told = campaign.events.order_by("-id")[:2][::-1]
    assert f"{lost - moved} no tienen lugar por ahora" in replanned.comment
    assert told.move == "lose_place"
    assert told.notices.filter(user=editor).exists()
    page = signed_in(editor).get(reverse("portal:campaign", args=[campaign.folio]))
    assert f"{lost - moved} de sus 600 notificaciones no tienen lugar" in page.content.decode()
    assert_exact()


def test_when_only_frozen_days_are_left_all_of_it_is_at_risk(paused, later):
    later(5)

    lifecycle.replan_paused()

    assert by_day(paused) == [0, 0, 0, 0, 100, 100]
    assert Campaign.objects.get(pk=paused.pk).at_risk == 400
    assert "No caben en los días que le quedan" in paused.events.last().comment
    assert_exact()


# ── who reads it ─────────────────────────────────────────────────────────────


def test_the_brand_and_staff_read_it_on_the_campaigns_pages(paused, later, editor, reviewer):
    later(3)
    lifecycle.replan_paused()

    own = signed_in(editor).get(reverse("portal:campaign", args=[paused.folio])).content.decode()
    desk = signed_in(reviewer).get(reverse("admin:campaigns_campaign_change", args=[paused.pk]))

    assert "Lo de sus días en pausa se planeó de nuevo" in own
    assert "Todas pasaron a los días que le quedan." in own
    assert "lo de cada día entero en pausa pasa a los días que le quedan" in own
    assert "Todas pasaron a los días que le quedan." in desk.content.decode()


# ── at once, and killed ──────────────────────────────────────────────────────


def at_once(*works: Callable[[], object]) -> None:
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=PATIENCE)
            with suppress(InventoryError):
                work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(timeout=PATIENCE)


def test_planning_again_beside_holds_a_closed_day_and_a_resumption_loses_nothing(
    transactional_db, paused, later, editor, on_sale
):
    planner = User.objects.create_user("capacidad@telefonica.mx", is_staff=True)
    planner.user_permissions.set(Permission.objects.filter(codename="change_the_capacity"))
    last = on_sale + timedelta(days=DAYS - 1)
    later(3)
    cells = capacity_changes.adjusted(["33"], [last], Adjust.SET, 150)
    change = capacity_changes.propose(Source.RANGE, by=planner, cells=cells)

    def hold():
        terms = Terms(quantity=60, ladas=["33"], starts_on=last, ends_on=last, daily_cap=60)
        expires_at = timezone.now() + timedelta(hours=1)
        return reservations.hold(terms, reference="LP-TEST22", expires_at=expires_at)

    at_once(
        lifecycle.replan_paused,
        lifecycle.replan_paused,
        hold,
        lambda: capacity_changes.apply(change.pk, by=planner, accept_risk=True),
        lambda: lifecycle.resume(paused.pk, by=editor),
        hold,
    )
    lifecycle.replan_paused()
    reservations.repair()

    campaign = Campaign.objects.get(pk=paused.pk)
    assert campaign.status == Status.LIVE
    assert by_day(campaign)[:4] == [0, 0, 100, 100]
    assert sum(by_day(campaign)) + campaign.at_risk == 600
    assert events(campaign).count("replan") == 1
    assert {breach.kind for breach in audit.find_breaches()} <= {"orphan"}


KILLED = """
import time, time_machine
from datetime import datetime
time_machine.travel(datetime.fromisoformat({now!r})).start()
from campaigns import lifecycle
from inventory import repairs
place = repairs.place
def stop(**options):
    place(**options)
    print("written", flush=True)
    time.sleep(600)
repairs.place = stop
lifecycle.replan_paused()
"""


def test_a_worker_that_is_killed_in_the_middle_has_changed_nothing(transactional_db, paused, later):
    later(3)
    before = everything()
    code = KILLED.format(now=timezone.now().isoformat())
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        env=child_environment() | {"PGAPPNAME": "killed"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        try:
            assert worker.stdout is not None
            assert any("written" in line for line in worker.stdout)
        finally:
            worker.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_connected("killed"), timeout=PATIENCE)

    assert everything() == before
    assert lifecycle.replan_paused() == 1
    assert by_day(paused) == [0, 0, 100, 100, 200, 200]
    assert_exact()


def is_connected(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        return cursor.fetchone() != (0,)
