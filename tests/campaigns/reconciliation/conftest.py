"""Orders that the real sandbox holds, and a comparison with it."""

from collections.abc import Callable
from typing import Any

import pytest

from campaigns import lifecycle, outbox
from campaigns.gateway.client import GatewayClient
from campaigns.models import AdOrder, Brand, Campaign, Drift, ReconciliationRun
from campaigns.reconciliation import reconcile
from campaigns.reconciliation.reconcile import Clients
from portal.accounts.models import User

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
def many(
    order: AdOrder, brand: Brand, editor: User, reviewer: User, terms: dict[str, Any]
) -> Callable[[int], list[AdOrder]]:
    """A function that makes so many more confirmed orders, and returns them."""

    def make(count: int) -> list[AdOrder]:
        for number in range(count):
            draft = lifecycle.draft(
                brand.pk, terms | {"name": f"Campaña {number}", "volume": 30}, by=editor
            )
            lifecycle.submit(draft.pk, by=editor)
        lifecycle.hold_submitted()
        for campaign in Campaign.objects.filter(status=Campaign.Status.IN_REVIEW):
            lifecycle.approve(campaign.pk, version=1, by=reviewer)
        return list(AdOrder.objects.exclude(pk=order.pk).order_by("pk"))

    return make
