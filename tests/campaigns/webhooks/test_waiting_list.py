"""Webhooks and the waiting list work at the same time: each has an advisory lock of its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import Campaign
from campaigns.webhooks import deliveries
from core.advisory_locks import Key
from inventory import reservations
from inventory.models import Capacity
from inventory.terms import Terms
from tests.core.test_advisory_locks import held_elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def waiting_campaign(brand, terms, on_sale, editor) -> Campaign:
    """A campaign in the waiting list, for which inventory has just been released."""
    Capacity.objects.update(gross=100, capacity=100)
    day = on_sale + timedelta(days=3)
    sold = reservations.hold(
        Terms(quantity=100, ladas=["33"], starts_on=day, ends_on=day),
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(days=3),
    )
    order = {"area": {"ladas": ["33"]}, "starts_on": day, "ends_on": day, "volume": 100}
    campaign = lifecycle.draft(brand.pk, terms | order, by=editor)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.join(campaign.pk, by=editor)
    assert lifecycle.offer_freed() == 0
    reservations.release(sold.pk)
    return campaign


def test_a_webhook_is_delivered_while_another_session_offers_inventory(sink, webhook, draft):
    with held_elsewhere(Key.WAITING_LIST):
        delivered = deliveries.deliver_due()

    assert delivered == len(sink.requests) == 1


def test_inventory_is_offered_while_another_session_delivers_webhooks(waiting_campaign):
    with held_elsewhere(Key.WEBHOOKS):
        offered = lifecycle.offer_freed()

    assert offered == 1
    assert waiting_campaign.events.latest("id").move == "offer"


def test_each_still_waits_for_its_own_lock(waiting_campaign, sink, webhook, editor):
    lifecycle.copy(waiting_campaign.pk, by=editor)

    with held_elsewhere(Key.WAITING_LIST):
        assert lifecycle.offer_freed() == 0
    with held_elsewhere(Key.WEBHOOKS):
        assert deliveries.deliver_due() == 0

    assert lifecycle.offer_freed() == 1
    assert deliveries.deliver_due() == len(sink.requests) > 0
