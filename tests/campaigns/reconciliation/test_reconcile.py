"""Each class of difference: planted at the real sandbox, found, healed, logged once, resolved."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import channel, lifecycle
from campaigns.gateway.contract import DesiredState, OrderState
from campaigns.models import (
    AdOrder,
    Campaign,
    ChannelSwitch,
    DayCount,
    Drift,
    GatewaySource,
    OrderCount,
    ReconciliationRun,
)
from campaigns.reconciliation import heal
from tests.campaigns.reconciliation.conftest import RUNNING, WHOLE

pytestmark = pytest.mark.django_db

STRAY = "orden-de-nadie"


def other_document(order, **changes):
    return order.document | changes


def forget(order, generation=1, **changes):
    """Make the gateway's state one that has the order at an older generation, or otherwise."""
    return order.document | {"generation": generation} | changes


# What is planted: a function of gateway and order each. All but MISSING start from no state.


def lose(gateway, order):
    gateway.sandbox.lose_state()


def go_back(gateway, order):
    """Confirm a newer generation, and put the older one back as a restored backup would."""
    old = order.document
    AdOrder.objects.renew(order, above=0)
    gateway.send()
    gateway.sandbox.lose_state()
    gateway.client.put_ad_order(str(order.pk), old)


def change_content(gateway, order):
    gateway.sandbox.lose_state()
    goal = order.document["goal"] | {"total": 30}
    goal["daily"] = [order.document["goal"]["daily"][0] | {"count": 30}]
    gateway.client.put_ad_order(str(order.pk), order.document | {"goal": goal})


def change_behind_our_back(gateway, order):
    """Pause it with a newer generation, as an operator at the gateway would."""
    gateway.client.set_desired_state(
        str(order.pk), DesiredState.PAUSED, generation=order.generation + 1, reason="Operador"
    )


PLANTED = {
    "missing": lose,
    "stale": go_back,
    "content": change_content,
}


@pytest.mark.parametrize("kind", [RUNNING, WHOLE])
@pytest.mark.parametrize("planted", PLANTED)
def test_what_the_gateway_has_otherwise_is_found_healed_and_resolved(order, gateway, planted, kind):
    assert gateway.run(kind).differences == 0
    PLANTED[planted](gateway, order)
    order.refresh_from_db()

    run = gateway.run(kind)

    found = gateway.open()[planted]
    order.refresh_from_db()
    assert (run.error, run.orders, run.differences) == ("", 1, 1)
    assert (found.order_id, found.times, found.needs_person) == (str(order.pk), 1, False)
    assert order.pending
    assert f"generación {order.generation}" in found.action
    assert gateway.run(kind).orders == 0  # on its way: neither compared nor resolved
    assert gateway.open()[planted].times == 1
    assert gateway.send() == 1
    order.refresh_from_db()
    assert gateway.held(order).document.to_json() == order.document
    assert gateway.run(kind).differences == 0
    assert gateway.open() == {}
    assert Drift.objects.count() == 1


@pytest.mark.parametrize("planted", PLANTED)
def test_without_its_action_a_difference_stays(order, gateway, planted, monkeypatch):
    """The negative control: what heals is the action, and not the comparison."""
    PLANTED[planted](gateway, order)
    monkeypatch.setattr(
        heal, "send_again", lambda differences: {each.order_id: 1 for each in differences}
    )

    for _ in range(4):
        gateway.run()
        assert gateway.send() == 0

    found = gateway.open()[planted]
    assert (found.times, found.needs_person) == (4, True)  # the portal has tried three times
