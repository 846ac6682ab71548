"""Orders that the real sandbox holds, and a comparison with it."""

from collections.abc import Callable
from copy import copy
from typing import Any

import pytest

from campaigns import outbox
from campaigns.gateway.client import GatewayClient
from campaigns.models import AdOrder, Campaign, Drift, Event, ReconciliationRun
from campaigns.reconciliation import reconcile
from campaigns.reconciliation.reconcile import Clients

RUNNING, WHOLE = ReconciliationRun.Kind.RUNNING, ReconciliationRun.Kind.WHOLE


class Reconciled:
    """The portal and the sandbox, with what a test does to either."""

    def __init__(self, sandbox: Any, client: GatewayClient) -> None:
        self.sandbox = sandbox
        self.client = client

    def send(self) -> int:
        """Send what is due, as the workers do."""
        sent = 0
        while claimed := outbox.claim():
            outbox.send(claimed, self.client)
            sent += 1
        return sent

    def run(self, kind: ReconciliationRun.Kind = RUNNING) -> ReconciliationRun:
        done = reconcile.run(kind, Clients(self.client, self.client))
        assert done is not None
        return done

    def open(self) -> dict[str, Drift]:
        """Return the open differences by kind; there is one of each at most."""
        drifts = list(Drift.objects.open())
        found = {drift.kind: drift for drift in drifts}
        assert len(found) == len(drifts)
        return found

    def held(self, order: AdOrder) -> Any:
        return self.client.get_ad_order(str(order.pk))


@pytest.fixture
def gateway(sandbox: Any, client: GatewayClient) -> Reconciled:
    return Reconciled(sandbox, client)


@pytest.fixture
def order(approved: Campaign, gateway: Reconciled) -> AdOrder:
    """An order that the sandbox has confirmed."""
    gateway.send()
    order = AdOrder.objects.get(campaign=approved)
    assert order.confirmed
    return order


@pytest.fixture
def many(order: AdOrder) -> Callable[[int], list[AdOrder]]:
    """A function that makes so many more orders, of campaigns like the first, to be sent."""

    def make(count: int) -> list[AdOrder]:
        campaign = Campaign.objects.get(pk=order.campaign_id)
        copies = []
        for number in range(count):
            campaign.pk, campaign.folio = None, f"LP-{number:06}"
            copies.append(copy(campaign))
        Campaign.objects.bulk_create(copies)
        Event.objects.bulk_create(
            Event(campaign=each, move="schedule", to_status=each.status, version_number=1)
            for each in copies
        )
        return AdOrder.objects.bulk_create(
            AdOrder(
                campaign=each,
                version=order.version,
                generation=1,
                document=order.document | {"externalReference": each.folio},
            )
            for each in copies
        )

    return make
