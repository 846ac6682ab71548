import random
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.gateway.events import Stream
from campaigns.models import (
    AdOrder,
    DayCount,
    GatewaySource,
    HourCount,
    InboxEvent,
    MarkedDay,
    OrderCount,
    ReportHour,
    ReportPart,
    StreamPosition,
    TrafficHour,
)
from campaigns.reports import apply, inbox, upserts
from campaigns.reports.content import ZONE
from tests.campaigns.reports.events import (
    HOUR,
    heartbeat,
    hourly,
    post,
    progress,
    receive,
    row,
    state,
    traffic,
    traffic_row,
)

pytestmark = pytest.mark.django_db
COUNTS = ("inserted", "delivered", "failed", "no_receipt")
DAY = HOUR.astimezone(ZONE).date()


def hour_counts():
    return set(HourCount.objects.values_list("ad_order", "hour", "lada", "revision", *COUNTS))


def day_counts():
    return set(DayCount.objects.values_list("ad_order", "day", "lada", *COUNTS))


def reasons():
    return list(InboxEvent.objects.order_by("id").values_list("set_aside", flat=True))


def whole(stream=Stream.HOURLY_COUNTS):
    return set(ReportHour.objects.filter(stream=stream).values_list("hour", "revision", "final"))


def test_a_signed_event_is_counted_by_hour_and_by_day(order):
    assert post(hourly([row(order, "55", 10, 8, 1, 1), row(order, "33", 4)])).status_code == 204
    assert post(progress(order, 14)).status_code == 204

    assert apply.apply_due() == 2

    assert hour_counts() == {
        (order, HOUR, "55", 1, 10, 8, 1, 1),
        (order, HOUR, "33", 1, 4, 0, 0, 0),
    }
    assert day_counts() == {(order, DAY, "55", 10, 8, 1, 1), (order, DAY, "33", 4, 0, 0, 0)}
    assert OrderCount.objects.get().inserted == 14
    assert not MarkedDay.objects.exists()
    assert not InboxEvent.objects.due().exists()
    assert reasons() == ["", ""]


def test_a_newer_revision_replaces_and_an_older_one_changes_nothing(order):
    receive(
        hourly([row(order, "55", 10, 7)], 1),
        hourly([row(order, "55", 10, 9)], 3, revision=3),
    )
    apply.apply_due()
    receive(hourly([row(order, "55", 10, 8)], 2, revision=2))

    apply.apply_due()

    assert hour_counts() == {(order, HOUR, "55", 3, 10, 9, 0, 0)}
    assert day_counts() == {(order, DAY, "55", 10, 9, 0, 0)}


def test_hours_of_one_channel_day_are_added_and_those_of_the_next_are_not(order):
    midnight = HOUR.astimezone(ZONE).replace(hour=0)
    receive(
        hourly([row(order, "55", 1)], 1, hour=midnight - timedelta(hours=1)),
        hourly([row(order, "55", 20)], 2, hour=midnight),
        hourly([row(order, "55", 300)], 3, hour=midnight + timedelta(hours=23)),
    )

    apply.apply_due()

    assert day_counts() == {
        (order, DAY - timedelta(days=1), "55", 1, 0, 0, 0),
        (order, DAY, "55", 320, 0, 0, 0),
    }


def test_an_hour_is_whole_when_all_parts_of_all_its_revisions_are_there(order):
    first, second = (
        hourly([row(order, lada)], n, part=n, parts=2) for n, lada in ((1, "55"), (2, "33"))
    )
    final = hourly([], 4, revision=3, final=True)
    receive(second, final)
    apply.apply_due()
    assert whole() == set()

    receive(first)
    apply.apply_due()
    assert whole() == {(HOUR, 1, False)}

    receive(hourly([row(order, "55", 11)], 3, revision=2))
    apply.apply_due()
    assert whole() == {(HOUR, 3, True)}


def test_progress_is_kept_by_its_time(order):
    receive(progress(order, 20, 1, at=HOUR), progress(order, 10, 2, at=HOUR - timedelta(minutes=5)))

    apply.apply_due()

    assert OrderCount.objects.values_list("inserted", "as_of").get() == (20, HOUR)


def test_traffic_is_stored_by_revision(order):
    receive(
        traffic([traffic_row("55", 80, 30)], 1), traffic([traffic_row("55", 80, 31)], 2, revision=2)
    )

    apply.apply_due()

    found = TrafficHour.objects.get()
    assert (found.revision, found.notifications, found.with_ad, found.unsold) == (2, 100, 31, 49)
    assert whole(Stream.LADA_TRAFFIC) == {(HOUR, 2, False)}


def test_a_state_is_written_if_it_is_of_the_confirmed_generation_and_later(order):
    receive(
        state(order, "ACTIVE", 2),
        state(order, "SCHEDULED", 1),  # earlier: its time is that of its number
        state(order, "PAUSED", 3, generation=9),  # of no generation that was sent
    )

    apply.apply_due()

    found = AdOrder.objects.get()
    assert (found.gateway_state, found.gateway_state_reason) == ("ACTIVE", "porque sí")
    AdOrder.objects.update(generation=2, acknowledged_generation=2)
    receive(state(order, "PAUSED", 4, generation=1))
    apply.apply_due()
    found.refresh_from_db()
    assert found.gateway_state == "ACTIVE"


def test_a_rejected_order_needs_attention(order, settings):
    assert not AdOrder.objects.get().needs_attention
    receive(state(order, "REJECTED"))

    apply.apply_due()

    found = AdOrder.objects.get()
    assert found.confirmed
    assert found.needs_attention
    assert list(AdOrder.objects.needing_attention(HOUR)) == [found]


def test_a_heartbeat_is_remembered_and_an_earlier_one_changes_nothing(order):
    receive(heartbeat({Stream.ORDER_PROGRESS: 3}, id="latido-2"))
    apply.apply_due()
    last = GatewaySource.objects.get()
    late = heartbeat({Stream.ORDER_PROGRESS: 2}, id="latido-1")
    receive(late.replace(b'"clock": "20', b'"clock": "19'))

    apply.apply_due()

    assert GatewaySource.objects.get().clock == last.clock
    position = StreamPosition.objects.get()
    assert (position.sequence, position.last_sequence) == (0, 3)
    assert position.gap_since is not None


def test_an_unknown_order_is_set_aside_and_applied_once_it_is_known(order):
    stranger = uuid4()
    receive(hourly([row(order, "55"), row(stranger, "55"), row("EX-1", "55")]))
    apply.apply_due()

    event = InboxEvent.objects.get()
    assert event.set_aside == InboxEvent.Reason.UNKNOWN_ORDER
    assert event.detail.split() == sorted([str(stranger), "EX-1"])
    assert {order for order, *_ in hour_counts()} == {order}
    assert apply.apply_due() == 0

    HourCount.objects.all().delete()
    AdOrder.objects.update(id=stranger)
    assert apply.apply_due() == 1
    event.refresh_from_db()
    assert event.detail.split() == sorted([str(order), "EX-1"])
    assert {order for order, *_ in hour_counts()} == {stranger}


def test_an_event_that_fails_is_set_aside_and_stops_no_other(order, monkeypatch):
    real = upserts.upsert

    def failing(table, rows):
        rows = list(rows)
        if any(100 in values for values in rows):
            raise ArithmeticError
        real(table, rows)

    monkeypatch.setattr(upserts, "upsert", failing)
    receive(*(hourly([row(order, "55", n)], n, hour=HOUR - timedelta(hours=n)) for n in (99, 100)))
    receive(progress(order, 7))

    assert apply.apply_due() == 3

    assert reasons() == ["", InboxEvent.Reason.FAILED, ""]
    assert InboxEvent.objects.exclude(set_aside="").get().detail == "ArithmeticError"
    assert {inserted for *_, inserted, _, _, _ in hour_counts()} == {99}
    monkeypatch.undo()
    inbox.apply_again(InboxEvent.objects.all())
    apply.apply_due()
    assert {inserted for *_, inserted, _, _, _ in hour_counts()} == {99, 100}


def test_more_rows_than_fit_in_one_transaction_are_all_applied(order, monkeypatch):
    monkeypatch.setattr(apply, "MAX_ROWS", 3)
    receive(*(hourly([row(order, str(lada)) for lada in (33, 55)], n) for n in range(1, 2)))
    receive(
        *(
            hourly([row(order, lada) for lada in ("33", "55")], n, hour=HOUR - timedelta(hours=n))
            for n in range(2, 9)
        )
    )

    assert apply.apply_due() == 8
    assert HourCount.objects.count() == 16


def everything(order):
    """Return a history of an order: revisions, parts, two hours, progress, states, traffic."""
    later = HOUR + timedelta(hours=1)
    return [
        hourly([row(order, "55", 10, 5), row(order, "33", 3)], 1, part=1, parts=2),
        hourly([row(order, "81", 2)], 2, part=2, parts=2),
        hourly([row(order, "55", 10, 9)], 3, revision=2),
        hourly([row(order, "55", 7)], 4, hour=later),
        hourly([row(order, "33", 3, 3)], 5, revision=3),
        hourly([], 6, revision=4, final=True),
        progress(order, 15, 1, at=HOUR),
        progress(order, 22, 2, at=later),
        traffic([traffic_row("55")], 1),
        traffic([traffic_row("55", 90, 50)], 2, revision=2),
        state(order, "SCHEDULED", 1),
        state(order, "ACTIVE", 2),
        state(order, "COMPLETED", 3),
    ]


def final_tables(order):
    """Return what the history comes to, computed by hand."""
    later = HOUR + timedelta(hours=1)
    days = {
        (order, DAY, "55"): (10, 9, 0, 0),
        (order, DAY, "33"): (3, 3, 0, 0),
        (order, DAY, "81"): (2, 0, 0, 0),
    }
    seven = (order, later.astimezone(ZONE).date(), "55")
    days[seven] = tuple(a + b for a, b in zip(days.get(seven, (0,) * 4), (7, 0, 0, 0), strict=True))
    return {
        "hours": {
            (order, HOUR, "55", 2, 10, 9, 0, 0),
            (order, HOUR, "33", 3, 3, 3, 0, 0),
            (order, HOUR, "81", 1, 2, 0, 0, 0),
            (order, later, "55", 1, 7, 0, 0, 0),
        },
        "days": {key + counts for key, counts in days.items()},
        "progress": {(22, later)},
        "traffic": {(2, 90, 50)},
        "whole": {(HOUR, 4, True), (later, 1, False)},
        "state": "COMPLETED",
        "read": {
            ("hourly-counts", 6, 6),
            ("order-progress", 2, 2),
            ("lada-traffic", 2, 2),
            ("ad-order-state-changed", 3, 3),
        },
    }


def tables():
    return {
        "hours": hour_counts(),
        "days": day_counts(),
        "progress": set(OrderCount.objects.values_list("inserted", "as_of")),
        "traffic": set(TrafficHour.objects.values_list("revision", "eligible", "with_ad")),
        "whole": whole(),
        "state": AdOrder.objects.get().gateway_state,
        "read": set(StreamPosition.objects.values_list("stream", "sequence", "last_sequence")),
    }


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), repeats=st.integers(0, 8), cuts=st.integers(0, 5))
def test_any_order_and_repetition_of_events_ends_in_the_same_tables(order, seed, repeats, cuts):
    chance = random.Random(seed)
    sent = everything(order)
    sent += chance.choices(sent, k=repeats)
    chance.shuffle(sent)

    with transaction.atomic():
        for _ in range(cuts + 1):
            cut = chance.randint(0, len(sent))
            receive(*sent[:cut])
            sent = sent[cut:]
            apply.apply_due()
        receive(*sent)
        apply.apply_due()
        assert tables() == final_tables(order)
        transaction.set_rollback(True)


def test_the_same_events_applied_again_change_nothing(order):
    receive(*everything(order))
    apply.apply_due()
    before = tables()

    InboxEvent.objects.update(applied_at=None)
    assert apply.apply_due() == len(everything(order))

    assert tables() == before == final_tables(order)
    assert ReportPart.objects.count() == 8


def test_without_its_condition_an_older_revision_would_replace_a_newer_one(order, monkeypatch):
    monkeypatch.setattr(upserts, "NEWER_ONLY", "")
    receive(hourly([row(order, "55", 10)], 2, revision=2))
    apply.apply_due()
    receive(hourly([row(order, "55", 9)], 1))

    apply.apply_due()

    assert hour_counts() == {(order, HOUR, "55", 1, 9, 0, 0, 0)}
