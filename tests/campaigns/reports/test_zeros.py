"""A zero says why: each reason in its situation, and none once something was delivered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import channel, lifecycle
from campaigns.models import AdOrder, Campaign, ChannelSwitch
from campaigns.reports import delivery
from campaigns.reports.zeros import Zero
from campaigns.silence import SILENT_AFTER
from portal.accounts.models import User
from tests import statuses
from tests.conftest import PASSWORD
from tests.counts import at, beat, count, count_traffic

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db):
    return User.objects.create_superuser("jefa@telefonica.mx", PASSWORD)


def reason(campaign):
    return delivery.of_campaign(Campaign.objects.get(pk=campaign.pk)).reason


def test_before_its_first_day_it_has_not_started(approved):
    assert reason(approved) == Zero.NOT_STARTED


def test_a_live_one_waits_for_its_first_counts(live):
    assert reason(live) == Zero.NOT_COUNTED


def test_paused(live, editor):
    lifecycle.pause(live.pk, by=editor)

    assert reason(live) == Zero.PAUSED


def test_suspended(live, chief):
    lifecycle.suspend(live.brand_id, reason="Debe tres facturas.", by=chief)

    assert reason(live) == Zero.SUSPENDED


def test_the_channel_is_stopped(live, chief):
    channel.stop(reason="Falla en la plataforma.", by=chief)
    assert reason(live) == Zero.CHANNEL_STOPPED
    count(live, 9, 9)
    assert reason(live) == Zero.CHANNEL_STOPPED

    channel.start(reason="Ya quedó.", by=chief)

    assert reason(live) is None
    assert ChannelSwitch.objects.count() == 2


def test_the_order_is_not_confirmed(live):
    AdOrder.objects.update(acknowledged_generation=0)

    assert reason(live) == Zero.UNCONFIRMED


def test_an_approved_one_whose_day_has_come_is_not_confirmed(approved, time_machine):
    time_machine.move_to(at(approved.starts_on, 11))
    beat()

    assert reason(approved) == Zero.UNCONFIRMED


@pytest.mark.parametrize(
    ("age", "found"),
    [(SILENT_AFTER, Zero.NOT_COUNTED), (SILENT_AFTER + timedelta(seconds=1), Zero.SILENT)],
)
def test_the_gateway_is_silent_five_minutes_after_its_last_heartbeat(live, age, found):
    beat(timezone.now() - age)

    assert reason(live) == found


def test_silence_is_said_of_counts_that_stand_still(live):
    count(live, 900, 800)
    assert reason(live) is None

    beat(timezone.now() - timedelta(hours=1))

    assert reason(live) == Zero.SILENT


@pytest.mark.parametrize(
    ("traffic", "found"),
    [
        ([("55", 0, 0)], Zero.NO_TRAFFIC),
        ([("55", 0, 0), ("33", 40, 0)], Zero.SUPPRESSED),
        ([("55", 10, 0), ("33", 40, 1)], Zero.NOT_COUNTED),
        ([("999", 0, 0)], Zero.NOT_COUNTED),  # not one of its LADAs
    ],
)
def test_todays_traffic_of_its_ladas_says_why(live, traffic, found):
    for lada, notifications, eligible in traffic:
        count_traffic(at(live.starts_on, 10), lada, notifications, eligible)

    assert reason(live) == found


def test_the_traffic_of_yesterday_says_nothing_of_today(live):
    count_traffic(at(live.starts_on) - timedelta(hours=1), "55", 40, 0)

    assert reason(live) == Zero.NOT_COUNTED


def test_inserted_and_without_receipts(live):
    count(live, 12, 0)

    assert reason(live) == Zero.NO_RECEIPTS


def test_ended_with_nothing_and_with_something(live):
    statuses.put(live.pk, "finished")
    assert reason(live) == Zero.ENDED

    count(live, 12, 0)

    assert reason(live) is None


def test_every_reason_is_a_sentence():
    assert all(label.endswith(".") for label in map(str, Zero.labels))
