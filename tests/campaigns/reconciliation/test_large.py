"""Hundreds of orders in one run: its queries do not grow with them, and all of them are healed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import AdOrder, Drift
from campaigns.reconciliation import heal
from tests.campaigns.reconciliation.conftest import RUNNING, WHOLE
from tests.sizes import pick

pytestmark = pytest.mark.django_db

ORDERS = pick(300, 1_000)  # the contract allows 1,000 to be active


def test_very_many_orders_in_one_run(order, gateway, many):
    few = {kind: queries_of(gateway, kind) for kind in (RUNNING, WHOLE)}
    many(ORDERS - 1)
    gateway.send()

    for kind in (RUNNING, WHOLE):
        # The counts of further chunks; a page or a chunk more at each step, never one an order.
        assert queries_of(gateway, kind) <= few[kind] + 2
    gateway.sandbox.lose_state()
    with CaptureQueriesContext(connection) as captured:
        done = gateway.run()

    assert (done.orders, done.differences, done.lost_state) == (ORDERS, ORDERS, True)
    assert AdOrder.objects.pending().count() == ORDERS
    assert Drift.objects.open().count() == ORDERS
    batches = ORDERS // heal.BATCH
    assert len(captured) < few[RUNNING] + ORDERS + 10 * batches  # one update an order


def queries_of(gateway, kind):
    with CaptureQueriesContext(connection) as captured:
        assert gateway.run(kind).differences == 0
    return len(captured)
