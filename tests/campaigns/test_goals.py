"""A campaign finishes when its ad was inserted as often as contracted, or after its last day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import lifecycle
from campaigns.models import AdOrder, Event
from inventory.models import Capacity
from inventory.models.reservation import JournalEntry
from tests import statuses
from tests.counts import at, count

pytestmark = pytest.mark.django_db

GOAL = 60_000


def planned_after(day):
    return sum(Capacity.objects.filter(day__gt=day).values_list("planned", flat=True))


def last_event(campaign):
    return campaign.events.order_by("-id").first()


@pytest.mark.parametrize("inserted", [GOAL, GOAL + 7])
def test_the_goal_finishes_a_live_campaign_and_gives_back_what_was_left(live, inserted):
    order = AdOrder.objects.get(campaign=live)
    today = live.starts_on
    assert planned_after(today) > 0
    count(live, inserted)

    assert lifecycle.advance_due() == 1

    live.refresh_from_db()
    event = last_event(live)
    assert (live.status, event.move, event.from_status) == ("finished", "finish", "live")
    assert event.comment == "Llegó a su meta: el anuncio salió en 60,000 notificaciones."
    assert live.last_day == today < live.ends_on
    assert planned_after(today) == 0
    assert JournalEntry.objects.filter(reservation=live.reservation, action="release").exists()
    after = AdOrder.objects.get(campaign=live)
    assert (after.generation, after.document) == (order.generation, order.document)


def test_one_notification_less_finishes_nothing(live):
    count(live, GOAL - 1)
    planned = planned_after(live.starts_on)

    assert lifecycle.advance_due() == 0

    live.refresh_from_db()
    assert live.status == "live"
    assert planned_after(live.starts_on) == planned


def test_a_paused_campaign_finishes_when_late_counts_reach_its_goal(live, editor):
    lifecycle.pause(live.pk, by=editor)
    count(live, GOAL)

    lifecycle.advance_due()

    live.refresh_from_db()
    assert (live.status, live.paused_by) == ("finished", "")
    assert last_event(live).from_status == "paused"


def test_what_lost_its_place_is_part_of_the_goal(live):
    """The order's goal is lower while a part is at risk, which may get a place again."""
    allocation = live.reservation.allocation
    lost = allocation.quantities[-1]
    allocation.quantities[-1] = 0
    allocation.at_risk, allocation.goals_revision = lost, allocation.goals_revision + 1
    allocation.save()
    lifecycle.follow_plan()
    assert AdOrder.objects.get(campaign=live).document["goal"]["total"] == GOAL - lost > 0
    count(live, GOAL - lost)

    lifecycle.advance_due()

    live.refresh_from_db()
    assert live.status == "live"


def test_the_last_day_finishes_what_is_short_of_its_goal(live, time_machine):
    count(live, GOAL - 1)
    time_machine.move_to(at(live.ends_on + timedelta(days=1)))

    assert lifecycle.advance_due() == 1

    live.refresh_from_db()
    assert live.status == "finished"
    assert last_event(live).comment == "Pasó su último día."
    assert live.last_day == live.ends_on


def test_late_counts_do_not_move_what_has_ended(live, editor):
    lifecycle.cancel(live.pk, by=editor)
    events = Event.objects.count()
    count(live, GOAL)

    assert lifecycle.advance_due() == 0

    live.refresh_from_db()
    assert live.status == "cancelled"
    assert Event.objects.count() == events


@pytest.mark.parametrize("status", ["scheduled", "approved"])
def test_counts_do_not_finish_what_has_not_begun(approved, status):
    statuses.put(approved.pk, status)
    count(approved, GOAL)

    lifecycle.advance_due()

    approved.refresh_from_db()
    assert approved.status == status


def test_goals_are_looked_up_in_two_queries_without_a_join_to_counts(live, editor):
    lifecycle.copy(live.pk, by=editor)
    with CaptureQueriesContext(connection) as captured:
        assert lifecycle.advance_due() == 0

    about_counts = [q["sql"] for q in captured if "campaigns_ordercount" in q["sql"]]
    assert len(about_counts) == 1
    assert "campaigns_campaign" not in about_counts[0]
