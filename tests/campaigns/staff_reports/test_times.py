"""How long the gateway, the reviews and the reports took, by hand-computed quantiles."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns import channel, lifecycle, outbox
from campaigns.gateway.events import HourPart, Stream
from campaigns.models import AdOrder, ChannelSwitch
from campaigns.reports import hours
from campaigns.reports.delivery import HOUR, midnight
from campaigns.staff_reports import gateway_times, review_times
from campaigns.staff_reports.times import Times
from portal.accounts.models import User
from tests.campaigns.staff_reports.conftest import move_to

MINUTE = timedelta(minutes=1)


@pytest.fixture
def today(day, time_machine):
    """Today at 8, from where a test moves its clock on."""
    found = timezone.localdate()
    time_machine.move_to(midnight(found) + 8 * HOUR, tick=False)
    return found


@pytest.fixture
def wait(time_machine):
    def shift(by: timedelta) -> None:
        time_machine.move_to(timezone.now() + by, tick=False)

    return shift


def send_all(client):
    AdOrder.objects.update(lease_until=None, next_attempt_at=timezone.now())
    while claimed := outbox.claim():
        outbox.send(claimed, client)


def test_quantiles_by_hand():
    assert Times.of([40, 10, 20, 30]) == Times(4, 25, 37)
    assert Times.of([7]) == Times(1, 7, 7)
    assert Times.of([]) == Times(0, None, None)


def test_an_approval_takes_until_the_gateway_has_the_order(
    today, make, sandbox, client, draft, editor, reviewer, wait
):
    make()  # at once
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(draft.pk, version=1, by=reviewer)
    waiting = lifecycle.copy(draft.pk, by=editor)
    wait(10 * MINUTE)
    send_all(client)
    lifecycle.submit(waiting.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(waiting.pk, version=1, by=reviewer)

    found = gateway_times.approvals(today, today)

    assert found == (Times(2, 300, 540), 1)
    assert gateway_times.approvals(today - timedelta(days=9), today - timedelta(days=1)).others == 0


def test_a_pause_takes_until_the_gateway_has_it_whatever_is_sent_later(
    today, make, sandbox, client, editor, reviewer, wait
):
    campaign = make()
    AdOrder.objects.update(acknowledged_generation=0)
    send_all(client)
    lifecycle.pause(campaign.pk, by=editor)
    wait(2 * MINUTE)
    send_all(client)
    wait(60 * MINUTE)
    order = AdOrder.objects.get()
    with transaction.atomic():
        AdOrder.objects.renew(order, above=0)
    send_all(client)

    assert AdOrder.objects.get().acknowledged_at == timezone.now()
    assert gateway_times.stops(today, today) == (Times(1, 120, 120), 0)

    lifecycle.staff_cancel(campaign.pk, reason="La oferta ya no existe.", by=reviewer)
    assert gateway_times.stops(today, today) == (Times(0, None, None), 1)

    wait(3 * MINUTE)
    send_all(client)
    assert gateway_times.stops(today, today) == (Times(1, 180, 180), 0)


def test_a_second_pause_is_timed_anew(today, make, sandbox, client, editor, wait):
    campaign = make()
    AdOrder.objects.update(acknowledged_generation=0)
    send_all(client)
    for minutes, move in ((1, lifecycle.pause), (2, lifecycle.resume), (5, lifecycle.pause)):
        move(campaign.pk, by=editor)
        wait(minutes * MINUTE)
        send_all(client)

    assert gateway_times.stops(today, today).times == Times(1, 300, 300)


def test_stops_of_the_channel_are_timed(today):
    boss = User.objects.create_superuser("jefa@telefonica.mx", "una-clave-larga")
    switch = channel.stop(reason="Se revisa el texto de base.", by=boss)
    ChannelSwitch.objects.filter(pk=switch.pk).update(acknowledged_at=timezone.now() + 4 * MINUTE)

    assert gateway_times.channel_stops(today, today) == (Times(1, 240, 240), 0)


def note(hour, revision, *, final=False):
    part = HourPart(hourStart=hour, revision=revision, final=final, part=1, parts=1)
    hours.note(Stream.HOURLY_COUNTS, [part])


def test_hours_keep_when_they_were_whole_first_and_when_final(today, wait, time_machine):
    begin = midnight(today)
    time_machine.move_to(begin + 2 * HOUR + 5 * MINUTE, tick=False)
    note(begin, 1)
    note(begin + HOUR, 1)
    wait(72 * HOUR)
    note(begin, 2, final=True)

    found = gateway_times.hours(today, today, Stream.HOURLY_COUNTS, timezone.now())

    # Whole after 65 and 5 minutes; the first is final after 72 hours more.
    assert found.whole == Times(2, 35 * 60, 59 * 60)
    assert found.final == Times(1, (72 * 60 + 65) * 60, (72 * 60 + 65) * 60)
    assert found.missing == 22


def test_hours_that_are_not_over_are_not_missing(today):
    now = midnight(today) + 3 * HOUR + 30 * MINUTE

    assert gateway_times.hours(today, today, Stream.LADA_TRAFFIC, now).missing == 3
    tomorrow = today + timedelta(days=1)
    assert gateway_times.hours(tomorrow, tomorrow, Stream.LADA_TRAFFIC, now).missing == 0


def test_reviews_by_hand(today, draft, make, editor, reviewer, wait):
    slow = lifecycle.copy(draft.pk, by=editor)
    make()  # submitted and approved at 8:00
    for campaign in (draft, slow):
        lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    wait(6 * HOUR)
    lifecycle.request_changes(
        draft.pk, version=1, reasons=["La oferta no se entiende"], comment="", by=reviewer
    )
    wait(6 * HOUR)
    other = User.objects.create_superuser("otra@telefonica.mx", "una-clave-larga")
    lifecycle.reject(slow.pk, version=1, reasons=["La oferta no se entiende"], comment="", by=other)

    found = review_times.decisions(today, today)
    whole = review_times.sum_up(found)

    assert whole.times == Times(3, 6 * 3_600, 10.8 * 3_600)
    assert (whole.in_time, whole.share_in_time) == (3, 100)
    assert whole.moves == {"approve": 1, "request_changes": 1, "reject": 1}
    assert review_times.distribution(found) == [1, 2, 0, 0, 0]
    by_reviewer = review_times.sum_up_by(found, lambda decision: decision.reviewer)
    assert [(name, own.times.number) for name, own in by_reviewer] == [
        (reviewer.email, 2),
        ("otra@telefonica.mx", 1),
    ]
    assert review_times.waiting() == 0


def test_a_decision_after_48_hours_is_late(make, draft, day, editor, reviewer, time_machine):
    later = lifecycle.edit(
        draft.pk,
        {"starts_on": day + timedelta(days=4), "ends_on": day + timedelta(days=4), "volume": 9},
        revision=1,
        by=editor,
    )
    sent = timezone.now()
    lifecycle.submit(later.pk, by=editor)
    lifecycle.hold_submitted()
    time_machine.move_to(sent + 48 * HOUR + MINUTE, tick=False)
    lifecycle.approve(later.pk, version=1, by=reviewer)

    today = timezone.localdate()
    found = review_times.decisions(today, today)

    assert review_times.sum_up(found).share_in_time == 0
    assert review_times.distribution(found) == [0, 0, 0, 0, 1]


def test_of_a_campaign_that_was_sent_twice_each_version_is_timed(
    today, draft, editor, reviewer, wait
):
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    wait(2 * HOUR)
    lifecycle.request_changes(
        draft.pk, version=1, reasons=["La oferta no se entiende"], comment="", by=reviewer
    )
    wait(5 * HOUR)
    lifecycle.edit(draft.pk, {"text": "Recarga $200"}, revision=1, by=editor)
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    wait(1 * HOUR)
    lifecycle.approve(draft.pk, version=2, by=reviewer)

    assert [each.seconds for each in review_times.decisions(today, today)] == [7_200, 3_600]


def test_move_to_makes_the_moves_of_each_day(make, day, time_machine):
    campaign = make()
    move_to(time_machine, day)
    campaign.refresh_from_db()
    assert campaign.status == "live"
