"""What a signed event may say, and the reason for which all else is set aside, unapplied."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.utils import timezone

from campaigns.gateway.events import Stream
from campaigns.models import AdOrder, GatewaySource, InboxEvent, StreamPosition
from campaigns.reports import apply, content
from tests.campaigns.reports.events import (
    HOUR,
    counts,
    event,
    hourly,
    progress,
    receive,
    rfc3339,
    row,
    state,
    traffic,
    traffic_row,
)

pytestmark = pytest.mark.django_db
Reason = InboxEvent.Reason
COUNTED = (
    "hourcount",
    "hourtotal",
    "daycount",
    "ordercount",
    "traffichour",
    "reporthour",
    "reportpart",
)
PROGRESS = Stream.ORDER_PROGRESS
NEXT_HOUR = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def others(**changes):
    """Return a row of traffic in which something does not add up."""
    return traffic([traffic_row() | changes])


def bad_hour(order, **members):
    data = {"hourStart": rfc3339(HOUR), "revision": 1, "final": False, "part": 1, "parts": 1}
    return event(Stream.HOURLY_COUNTS, data | {"rows": [row(order)]} | members)


def cases(order):
    one = row(order)
    return {
        "unknown version": (
            Reason.UNKNOWN_TYPE,
            hourly([one], type="mx.movistar.missed-call-ads.v1.hourly-counts"),
        ),
        "unknown type": (Reason.UNKNOWN_TYPE, event(None, {}, type="com.otra.cosa")),
        "another stream": (Reason.WRONG_STREAM, hourly([one], stream="lada-traffic")),
        "no stream": (Reason.WRONG_STREAM, hourly([one], stream=None, sequence=None)),
        "no sequence": (Reason.WRONG_STREAM, event(PROGRESS, {"rows": []}, sequence=None)),
        "no data": (Reason.INVALID, hourly([one], data=None)),
        "no rows": (Reason.INVALID, event(PROGRESS, {})),
        "negative": (Reason.INVALID, hourly([row(order, "55", -1)])),
        "beyond 31 bits": (Reason.INVALID, hourly([row(order, "55", 3_000_000_000)])),
        "a fraction": (Reason.INVALID, hourly([row(order, "55", 1.5)])),
        "text": (Reason.INVALID, hourly([row(order, "55", "10")])),
        "too many rows": (Reason.INVALID, hourly([row(order, f"{n:03}") for n in range(501)])),
        "a LADA of letters": (Reason.INVALID, hourly([row(order, "cdmx")])),
        "an id with a space": (Reason.INVALID, hourly([row("una orden")])),
        "revision 0": (Reason.INVALID, bad_hour(order, revision=0)),
        "part 0": (Reason.INVALID, bad_hour(order, part=0)),
        "no zone": (Reason.INVALID, bad_hour(order, hourStart="2026-01-01T00:00:00")),
        "unknown state": (Reason.INVALID, state(order, "SLEEPING")),
        "generation 0": (Reason.INVALID, state(order, "ACTIVE", generation=0)),
        "absurd": (Reason.INCONSISTENT, hourly([row(order, "55", content.MAX_IN_AN_HOUR + 1)])),
        "more receipts": (Reason.INCONSISTENT, hourly([row(order, "55", 10, 8, 2, 1)])),
        "a LADA twice": (Reason.INCONSISTENT, hourly([one, row(order, "55", 11)])),
        "an order twice": (
            Reason.INCONSISTENT,
            event(
                PROGRESS,
                {
                    "rows": [
                        {"adOrderId": str(order), "asOf": rfc3339(HOUR), **counts(n)}
                        for n in (1, 2)
                    ]
                },
            ),
        ),
        "not on the hour": (
            Reason.INCONSISTENT,
            hourly([one], hour=HOUR + timedelta(minutes=30)),
        ),
        "part 2 of 1": (Reason.INCONSISTENT, hourly([one], part=2, parts=1)),
        "traffic that does not add up": (Reason.INCONSISTENT, others(notifications=101)),
        "traffic, unsold": (Reason.INCONSISTENT, others(unsold=49)),
        "a LADA of traffic twice": (
            Reason.INCONSISTENT,
            traffic([traffic_row(), traffic_row()]),
        ),
        "an hour that has not ended": (Reason.FUTURE, hourly([one], hour=NEXT_HOUR)),
        "an hour in a year": (Reason.FUTURE, hourly([one], hour=HOUR + timedelta(days=365))),
        "progress of tomorrow": (Reason.FUTURE, progress(order, 1, at=HOUR + timedelta(days=3))),
        "older than is kept": (Reason.EXPIRED, hourly([one], hour=HOUR - timedelta(days=90))),
        "an unknown order": (Reason.UNKNOWN_ORDER, hourly([row(uuid4())])),
        "an id in capitals": (Reason.UNKNOWN_ORDER, progress(str(order).upper(), 1)),
        "a state of an unknown order": (Reason.UNKNOWN_ORDER, state(uuid4(), "ACTIVE")),
    }


def test_what_may_not_be_applied_is_set_aside_by_its_reason(order, trial):
    for name, (reason, body) in cases(order).items():
        with trial(name):
            receive(body)

            apply.apply_due()

            found = InboxEvent.objects.get()
            assert (found.set_aside, found.applied_at) == (reason, None), found.detail
            assert AdOrder.objects.get().gateway_state == "SCHEDULED"
            if reason != Reason.UNKNOWN_ORDER:  # of which the part is there, with no rows
                for model in COUNTED:
                    assert not apps.get_model("campaigns", model).objects.exists(), model


def test_an_event_that_is_set_aside_changes_nothing_that_was_there(order):
    receive(hourly([row(order, "55", 10, 9)]))
    apply.apply_due()
    before = list(apps.get_model("campaigns", "hourcount").objects.values())

    receive(hourly([row(order, "55", 10, 8, 2, 1)], 2, revision=2))
    apply.apply_due()

    assert list(apps.get_model("campaigns", "hourcount").objects.values()) == before


def test_a_number_that_was_used_is_set_aside_and_its_first_event_stays(order):
    receive(hourly([row(order, "55", 10)], 7), hourly([row(order, "55", 99)], 7, id="otra"))
    apply.apply_due()
    receive(hourly([row(order, "55", 98)], 7, id="otra-más", revision=2))
    apply.apply_due()

    found = InboxEvent.objects.order_by("id").values_list("set_aside", flat=True)
    assert list(found) == ["", Reason.SEQUENCE, Reason.SEQUENCE]
    hours = apps.get_model("campaigns", "hourcount").objects
    assert list(hours.values_list("inserted", flat=True)) == [10]


def test_an_event_in_another_stream_does_not_use_up_a_number_there(order):
    receive(hourly([row(order)], 1, stream="order-progress", id="ajena"), progress(order, 5, 1))

    apply.apply_due()

    found = InboxEvent.objects.order_by("id").values_list("set_aside", flat=True)
    assert list(found) == [Reason.WRONG_STREAM, ""]
    assert StreamPosition.objects.get().sequence == 1


def test_the_clock_of_the_gateway_may_be_a_little_ahead(order, settings):
    soon = timezone.now() + timedelta(minutes=9)
    receive(progress(order, 5, 1, at=soon))
    apply.apply_due()
    assert InboxEvent.objects.get().set_aside == ""

    settings.GATEWAY_CLOCK_AHEAD = 0
    receive(progress(order, 5, 2, at=soon))
    apply.apply_due()
    assert InboxEvent.objects.latest("id").set_aside == Reason.FUTURE


def test_a_new_source_is_recorded(order):
    receive(hourly([row(order)]), hourly([], 1, source="urn:otra"))

    apply.apply_due()

    assert GatewaySource.objects.count() == 2
    assert StreamPosition.objects.count() == 2


def test_without_the_check_of_receipts_the_database_would_still_refuse(order, monkeypatch):
    monkeypatch.setattr(content, "_check_counts", lambda *_: None)
    receive(hourly([row(order, "55", 10, 8, 2, 1)]))

    apply.apply_due()

    assert InboxEvent.objects.get().set_aside == Reason.FAILED
    assert not apps.get_model("campaigns", "hourcount").objects.exists()
