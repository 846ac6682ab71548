"""The states of an ad order."""

from typing import Any

from campaigns.gateway.conformance.exchange import require
from campaigns.gateway.conformance.gateway import CheckedGateway
from campaigns.gateway.conformance.generations import unchanged

WRONG_STATE = "INCOMPATIBLE_STATE"
OTHER_TEXT = {"adText": "Otra prueba", "adTextSeptets": 11}


def _require_state(gateway: CheckedGateway, order_id: str, state: str) -> None:
    received = gateway.held(order_id).get("state")
    require(received == state, f"state is {received} and not {state}")


def check_scheduled(gateway: CheckedGateway) -> None:
    """An order is SCHEDULED before its first day, and PAUSED if so desired."""
    order_id, _ = gateway.put_new()
    _require_state(gateway, order_id, "SCHEDULED")

    gateway.set_state(order_id, "PAUSED", 2).expect(200)
    _require_state(gateway, order_id, "PAUSED")
    gateway.set_state(order_id, "ACTIVE", 3).expect(200)
    _require_state(gateway, order_id, "SCHEDULED")


def check_active(gateway: CheckedGateway) -> None:
    """An order is ACTIVE from its first day of America/Mexico_City, and can be paused."""
    order_id, _ = gateway.put_new(starts_in=0)  # with no notifications on the first day
    _require_state(gateway, order_id, "ACTIVE")

    gateway.set_state(order_id, "PAUSED", 2).expect(200)
    _require_state(gateway, order_id, "PAUSED")


def _changes(gateway: CheckedGateway, document: dict[str, Any]) -> list[dict[str, Any]]:
    category = gateway.allowed_category(other_than=document["contentCategory"])
    return [OTHER_TEXT, {"contentCategory": category}, {"target": {"scope": "NATIONAL"}}]


def check_fixed_while_active(gateway: CheckedGateway) -> None:
    """adText, contentCategory and target of an ACTIVE order do not change: 409."""
    order_id, document = gateway.put_new(starts_in=0)

    with unchanged(gateway, order_id):
        for change in _changes(gateway, document):
            gateway.put(order_id, document | {"generation": 2} | change).expect(409, WRONG_STATE)


def check_changed_while_paused(gateway: CheckedGateway) -> None:
    """adText, contentCategory and target change while the order is SCHEDULED or PAUSED."""
    order_id, document = gateway.put_new()
    for generation, change in enumerate(_changes(gateway, document), start=2):
        document |= {"generation": generation} | change
        gateway.put(order_id, document).expect(200)

    order_id, document = gateway.put_new(starts_in=0, desiredState="PAUSED")
    for generation, change in enumerate(_changes(gateway, document), start=2):
        document |= {"generation": generation} | change
        gateway.put(order_id, document).expect(200)


def check_cancelled(gateway: CheckedGateway) -> None:
    """CANCELLED is final: a newer generation is accepted only if it changes nothing else."""
    order_id, document = gateway.put_new()
    gateway.set_state(order_id, "CANCELLED", 2).expect(200)
    gateway.set_state(order_id, "CANCELLED", 3).expect(200)

    with unchanged(gateway, order_id):
        gateway.set_state(order_id, "ACTIVE", 4).expect(409, WRONG_STATE)
        gateway.put(order_id, document | {"generation": 4}).expect(409, WRONG_STATE)
    _require_state(gateway, order_id, "CANCELLED")


def check_cancelled_after_its_period(gateway: CheckedGateway) -> None:
    """A CANCELLED order whose period has passed may be put again after it was lost."""
    order_id = gateway.new_id()
    answer = gateway.put(order_id, gateway.document(starts_in=-3, desiredState="CANCELLED"))

    answer.expect(201)
    _require_state(gateway, order_id, "CANCELLED")
