"""Which campaigns are short and by how much, and the causes that the data knows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import channel, lifecycle
from campaigns.models import AdOrder
from campaigns.reports.delivery import midnight
from campaigns.staff_reports import causes, evidence, shortfalls
from campaigns.staff_reports.causes import Reason
from inventory import capacity_changes
from inventory.capacity_csv import CellCapacity
from inventory.models import CapacityChange
from portal.accounts.models import User
from tests.campaigns.staff_reports.conftest import (
    insert,
    move_to,
    report_hours,
    report_traffic,
)

NEXT, TWO = timedelta(days=1), timedelta(days=2)


@pytest.fixture
def boss(db):
    return User.objects.create_superuser("jefa@telefonica.mx", "una-clave-larga")


def found(day, last=None):
    """Return the short campaigns of days with their causes: (missing, {reason: notifications})."""
    short = shortfalls.find(day, last or day, timezone.now())
    return [
        (each.shortfall.missing, {cause.reason: cause.notifications for cause in each.causes})
        for each in causes.explain(short, timezone.now())
    ]


def report_all(day):
    """Report the hours of a day, with traffic that could carry what is sold."""
    report_traffic(day, "33", 5_000, 5_000)
    for stream in ("hourly-counts", "lada-traffic"):
        report_hours(day, day, stream)


def test_one_that_delivered_all_but_a_hundredth_is_not_short(make, day, time_machine):
    insert(make(), day, 891, 800)
    move_to(time_machine, day + TWO)

    assert found(day) == []


def test_one_that_ended_is_short_of_what_was_contracted(make, day, time_machine):
    campaign = make()
    insert(campaign, day, 890, 700)
    report_all(day)
    move_to(time_machine, day + TWO)

    [short] = shortfalls.find(day, day, timezone.now())

    assert (short.order.campaign, short.goal, short.inserted, short.missing) == (
        campaign.pk,
        900,
        890,
        10,
    )
    assert found(day) == [(10, {Reason.UNKNOWN: 10})]
    assert shortfalls.find(day + NEXT, day + NEXT, timezone.now()) == []


def test_one_that_runs_is_short_of_what_is_planned_until_yesterday(make, day, time_machine):
    campaign = make(ends_on=day + NEXT, volume=1_800, daily_cap=900)
    insert(campaign, day, 300, 300)
    move_to(time_machine, day + NEXT)
    insert(campaign, day + NEXT, 20, 20)

    [short] = shortfalls.find(day, day, timezone.now())

    assert (short.goal, short.inserted, short.missing) == (900, 300, 600)


def test_yesterday_does_not_count_until_its_last_hours_had_their_time(make, day, time_machine):
    make(ends_on=day + NEXT, volume=1_800, daily_cap=900)
    move_to(time_machine, day + NEXT, hour=2)

    assert shortfalls.find(day, day, timezone.now()) == []


def test_hours_without_counts_are_the_evidence_of_a_silent_gateway(make, day, time_machine):
    make()
    report_traffic(day, "33", 5_000, 5_000)
    report_hours(day, day, "lada-traffic")
    move_to(time_machine, day + TWO)

    assert found(day) == [(900, {Reason.SILENT: 900})]


def test_traffic_that_could_not_carry_the_plan_is_told_from_what_was_suppressed(
    make, day, time_machine
):
    insert(make(), day, 300, 300)
    report_hours(day, day, "hourly-counts")
    report_hours(day, day, "lada-traffic")
    report_traffic(day, "33", 720, 360)
    move_to(time_machine, day + TWO)

    # of 900 planned, 720 notifications came (180 lack) and 360 could carry an ad (360 more)
    assert found(day) == [(600, {Reason.SUPPRESSED: 360, Reason.NO_TRAFFIC: 180})]


def test_a_cell_that_is_short_is_short_for_all_its_campaigns(make, day, time_machine):
    insert(make(volume=600), day, 100, 100)
    insert(make(volume=300), day, 50, 50)
    report_hours(day, day, "hourly-counts")
    report_hours(day, day, "lada-traffic")
    report_traffic(day, "33", 450, 450)
    move_to(time_machine, day + TWO)

    assert found(day) == [(500, {Reason.NO_TRAFFIC: 300}), (250, {Reason.NO_TRAFFIC: 150})]


def test_a_stop_of_the_channel_counts_by_its_part_of_the_day(make, day, time_machine, boss):
    insert(make(), day, 400, 400)
    report_all(day)
    move_to(time_machine, day, hour=6)
    channel.stop(reason="Se revisa el texto de base.", by=boss)
    move_to(time_machine, day, hour=18)
    channel.start(reason="Ya se revisó.", by=boss)
    move_to(time_machine, day + TWO)

    assert found(day) == [(500, {Reason.CHANNEL_STOPPED: 450})]
    [explained] = causes.explain(shortfalls.find(day, day, timezone.now()), timezone.now())
    assert explained.causes[0].evidence == "El canal estuvo detenido 12 h en sus días."


def test_a_pause_counts_by_its_part_of_the_day_and_says_whose_it_was(
    make, day, time_machine, reviewer
):
    campaign = make()
    insert(campaign, day, 300, 300)
    report_all(day)
    move_to(time_machine, day, hour=12)
    lifecycle.staff_pause(campaign.pk, reason="El precio ya no existe.", by=reviewer)
    move_to(time_machine, day + TWO)

    [explained] = causes.explain(shortfalls.find(day, day, timezone.now()), timezone.now())

    assert explained.main == Reason.PAUSED
    assert explained.causes[0][1:] == (450, "Telefónica la pausó: 12 h de sus días.")


def test_days_in_pause_that_found_no_later_place_count_as_pause(make, day, time_machine, editor):
    campaign = make(ends_on=day + NEXT, volume=1_800, daily_cap=900)
    lifecycle.pause(campaign.pk, by=editor)
    AdOrder.objects.update(idle_from=day)
    insert(campaign, day + NEXT, 900, 900)
    report_all(day)
    report_all(day + NEXT)
    move_to(time_machine, day + NEXT)
    lifecycle.replan_paused()
    lifecycle.resume(campaign.pk, by=editor)
    move_to(time_machine, day + TWO)

    assert found(day) == [(900, {Reason.PAUSED: 900})]


def test_a_cut_of_capacity_is_what_has_no_place(make, day, time_machine, boss):
    campaign = make()
    cut = [CellCapacity(day, "33", 500)]
    change = capacity_changes.propose(CapacityChange.Source.RANGE, by=boss, cells=cut)
    capacity_changes.apply(change.pk, by=boss, accept_risk=True, up_to=1_000)
    lost = campaign.reservation.at_risk
    insert(campaign, day, 900 - lost, 10)
    report_all(day)
    move_to(time_machine, day + TWO)

    assert lost > 0
    assert found(day) == [(lost, {Reason.AT_RISK: lost})]


def test_an_order_that_was_confirmed_late_lost_its_first_hours(make, day, time_machine):
    campaign = make()
    insert(campaign, day, 100, 100)
    report_all(day)
    event = campaign.events.get(move="schedule")
    set_time(event, midnight(day) + timedelta(hours=8))
    move_to(time_machine, day + TWO)

    assert found(day) == [(800, {Reason.UNCONFIRMED: 300})]


def set_time(event, at):
    """Let the gateway have confirmed at another time: the history itself never changes."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE campaigns_event SET at = %s WHERE id = %s", [at, event.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_an_order_that_was_rejected_says_why(make, day, time_machine):
    make()
    AdOrder.objects.update(gateway_state="REJECTED", gateway_state_reason="Categoría bloqueada")
    report_all(day)
    move_to(time_machine, day + TWO)

    [explained] = causes.explain(shortfalls.find(day, day, timezone.now()), timezone.now())

    assert explained.main == Reason.UNCONFIRMED
    assert "Categoría bloqueada" in explained.causes[0].evidence


def test_a_cancelled_one_returned_what_it_misses(make, day, time_machine, editor):
    campaign = make(ends_on=day + NEXT, volume=1_800, daily_cap=900)
    insert(campaign, day, 900, 900)
    report_all(day)
    lifecycle.cancel(campaign.pk, by=editor)
    move_to(time_machine, day + TWO)

    [(missing, reasons)] = found(day)

    assert missing == 900
    assert next(iter(reasons)) == Reason.CANCELLED


def test_the_queries_do_not_grow_with_the_campaigns(
    make, day, time_machine, monkeypatch, django_assert_num_queries
):
    for _number in range(3):
        make(volume=100)
    move_to(time_machine, day + TWO)
    now = timezone.now()
    plans = []
    fetch = evidence.fetch
    monkeypatch.setattr(evidence, "fetch", lambda *args: plans.append(args) or fetch(*args))

    short = shortfalls.find(day, day, now)
    assert len(short) == 3
    for some in (short, short[:1]):
        with django_assert_num_queries(7):
            causes.explain(some, now)
    assert len(plans) == 2

    monkeypatch.setattr(evidence, "BATCH", 1)
    causes.explain(short, now)
    assert len(plans) == 5


def test_what_lacks_its_evidence_is_not_explained(make, day, time_machine):
    """The negative control of the causes: with all evidence of a cause away, none is named."""
    insert(make(), day, 300, 300)
    report_all(day)
    move_to(time_machine, day + TWO)

    assert found(day) == [(600, {Reason.UNKNOWN: 600})]
