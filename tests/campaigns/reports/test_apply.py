import pytest

from campaigns.models import (
    DayCount,
    HourCount,
    InboxEvent,
    MarkedDay,
    OrderCount,
)
from campaigns.reports import apply
from campaigns.reports.content import ZONE
from tests.campaigns.reports.events import (
    HOUR,
    hourly,
    post,
    progress,
    row,
)

pytestmark = pytest.mark.django_db
COUNTS = ("inserted", "delivered", "failed", "no_receipt")


def hour_counts():
    return set(HourCount.objects.values_list("ad_order", "hour", "lada", "revision", *COUNTS))


def day_counts():
    return set(DayCount.objects.values_list("ad_order", "day", "lada", *COUNTS))


def test_a_signed_event_is_counted_by_hour_and_by_day(order):
    assert post(hourly([row(order, "55", 10, 8, 1, 1), row(order, "33", 4)])).status_code == 204
    assert post(progress(order, 14)).status_code == 204

    assert apply.apply_due() == 2

    assert hour_counts() == {
        (order, HOUR, "55", 1, 10, 8, 1, 1),
        (order, HOUR, "33", 1, 4, 0, 0, 0),
    }
    day = HOUR.astimezone(ZONE).date()
    assert day_counts() == {(order, day, "55", 10, 8, 1, 1), (order, day, "33", 4, 0, 0, 0)}
    assert OrderCount.objects.get().inserted == 14
    assert not MarkedDay.objects.exists()
    assert not InboxEvent.objects.due().exists()
    assert set(InboxEvent.objects.values_list("set_aside", flat=True)) == {""}
