"""A day of the channel is sold, delivered, reported and equal in both ledgers."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from campaigns import outbox
from campaigns.gateway.contract import Scope
from campaigns.models import AdOrder, DayCount, HourCount, OrderCount
from portal.local import rehearsal
from portal.local.sandbox_control import SandboxControl
from tests.processes import EVENT_SECRET, Celery, Sandbox, Web

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

PER_DAY = 400_000


@pytest.fixture
def gateway(tmp_path, settings):
    """The control of a sandbox that pushes its events to a running portal."""
    web = Web(tmp_path, GATEWAY_EVENT_SECRETS=EVENT_SECRET)
    events_url = f"{web.url}/api/gateway/v0.1/events"
    with Sandbox(tmp_path, events_url=events_url) as sandbox:
        settings.GATEWAY_URL, settings.GATEWAY_TOKEN_URL = sandbox.url, sandbox.token_url
        settings.GATEWAY_CLIENT_ID = sandbox.client_id
        settings.GATEWAY_CLIENT_SECRET = sandbox.client_secret
        outbox.gateway_client.cache_clear()
        worker = Celery("worker", sandbox)
        with SandboxControl(sandbox.control_url) as control:
            yield control
        worker.kill()
    outbox.gateway_client(Scope.WRITE_ORDERS).close()
    outbox.gateway_client.cache_clear()
    web.stop()


def test_a_day_is_played_and_both_ledgers_are_equal(gateway, settings):
    settings.DAILY_NOTIFICATIONS = PER_DAY
    day = timezone.localdate() - timedelta(days=5)
    lines = []

    result = rehearsal.play(
        day, orders=5, per_day=PER_DAY, seed=3, gateway=gateway, report=lines.append
    )

    assert result.differences == ()
    assert result.orders == 5
    assert 0 < result.inserted <= result.booked
    assert result.delivered + result.failed + result.no_receipt == result.inserted
    assert OrderCount.objects.aggregate(n=Sum("inserted"))["n"] == result.inserted
    assert DayCount.objects.filter(day=day).aggregate(n=Sum("delivered"))["n"] == result.delivered
    assert result.rows == HourCount.objects.count() > 0
    assert any("with an ad" in line for line in lines)
    for order in AdOrder.objects.all():
        [goal] = order.document["goal"]["daily"]
        assert sum(group["count"] for group in goal["split"]) == goal["count"]
        assert order.confirmed

    HourCount.objects.filter(pk=HourCount.objects.first().pk).update(revision=99)
    assert list(rehearsal.compare(gateway.hours())) == []

    row = HourCount.objects.filter(delivered__gt=0).first()
    HourCount.objects.filter(pk=row.pk).update(delivered=row.delivered - 1)
    [difference] = rehearsal.compare(gateway.hours())
    assert str(row.ad_order) in difference


def test_a_day_whose_receipts_are_not_final_is_refused(gateway):
    yesterday = timezone.localdate() - timedelta(days=1)

    with pytest.raises(ValueError, match="not final"):
        rehearsal.play(
            yesterday, orders=1, per_day=1, seed=1, gateway=gateway, report=lambda line: None
        )
