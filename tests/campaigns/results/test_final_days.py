"""Days that become final are noted once, and told to webhooks as one window."""

import json
from datetime import timedelta

import pytest

from campaigns.models import AdOrder, CountedDay, ReportHour, WebhookDelivery
from campaigns.models.webhook import RESULTS_FINAL_TYPE
from campaigns.reports import day_totals
from campaigns.results import final_days, finality, rows
from campaigns.results.counts import Counts
from campaigns.webhooks import subscriptions
from core import advisory_locks
from tests.counts import at, make_final
from tests.results import put_counts


@pytest.fixture
def counted(live):
    """A campaign that is on air, with counts of its three days."""
    for day in range(3):
        hour = at(live.starts_on + timedelta(day), 10)
        put_counts(live, {(hour, "55"): Counts(100 + day, 80, 5, 3)})
    return live


@pytest.fixture
def webhook(brand, editor, settings):
    settings.WEBHOOK_PRIVATE_SINKS = True
    return subscriptions.create(
        brand.pk, "http://127.0.0.1:9/eventos", [RESULTS_FINAL_TYPE], by=editor
    )


def told():
    found = WebhookDelivery.objects.filter(type=RESULTS_FINAL_TYPE).order_by("id")
    return [json.loads(delivery.body)["data"] for delivery in found]


def final():
    return list(
        CountedDay.objects.filter(final_at__isnull=False)
        .order_by("day")
        .values_list("day", flat=True)
    )


def test_a_day_is_noted_and_told_once_all_its_hours_are_final(counted, webhook):
    first = counted.starts_on
    make_final(first, first)
    ReportHour.objects.filter(hour=at(first, 23)).update(final=False)
    assert final_days.settle() == 0
    newest = rows.newest_change()

    ReportHour.objects.update(final=True)

    assert final_days.settle() == 1
    assert final_days.settle() == 0
    assert final() == [first]
    assert rows.newest_change() > newest
    assert CountedDay.objects.get(day=first).final_at == finality.read(first, first).of_day(first)
    [data] = told()
    assert data["finalizedAt"].endswith("Z")
    del data["finalizedAt"]
    assert data == {
        "id": counted.folio,
        "brand": "tienda",
        "fromDay": first.isoformat(),
        "untilDay": first.isoformat(),
        "grain": "day",
        "inserted": 100,
        "delivered": 80,
        "failed": 5,
        "noReceipt": 3,
        "pending": 12,
    }


def test_days_that_follow_each_other_are_told_as_one_window(counted, webhook):
    first = counted.starts_on
    make_final(first, first + timedelta(1))
    final_days.settle()
    make_final(first + timedelta(2), first + timedelta(2))
    final_days.settle()

    assert [(data["fromDay"], data["untilDay"], data["inserted"]) for data in told()] == [
        (first.isoformat(), (first + timedelta(1)).isoformat(), 201),
        ((first + timedelta(2)).isoformat(), (first + timedelta(2)).isoformat(), 102),
    ]


def test_days_with_another_between_them_are_two_windows(counted, webhook):
    first, last = counted.starts_on, counted.starts_on + timedelta(2)
    make_final(first, first)
    make_final(last, last)

    assert final_days.settle() == 2
    assert [data["fromDay"] for data in told()] == [first.isoformat(), last.isoformat()]


def test_a_day_whose_totals_wait_is_noted_when_they_are_computed(counted, webhook):
    first = counted.starts_on
    make_final(first, first)
    day_totals.mark([(AdOrder.objects.get().pk, first)])

    assert final_days.settle() == 0
    assert (final(), told()) == ([], [])

    day_totals.compute_marked()
    assert final_days.settle() == 1


def test_nothing_is_noted_while_a_worker_applies_reports(counted, webhook, monkeypatch):
    make_final(counted.starts_on, counted.starts_on)
    monkeypatch.setattr(advisory_locks, "try_acquire", lambda _key: False)

    assert final_days.settle() == 0
    assert (final(), told()) == ([], [])


def test_a_webhook_of_other_events_gets_nothing(counted, webhook, editor):
    subscriptions.update(
        webhook.pk,
        event_types=["mx.movistar.llamada-perdida.v1.campaign-approved"],
        by=editor,
    )
    make_final(counted.starts_on, counted.starts_on)

    assert final_days.settle() == 1
    assert told() == []
