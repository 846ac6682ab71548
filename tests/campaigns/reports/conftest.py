from uuid import UUID

import pytest

from campaigns.models import AdOrder


@pytest.fixture
def order(approved) -> UUID:
    """The id of an order whose first generation the gateway has confirmed."""
    AdOrder.objects.update(acknowledged_generation=1, gateway_state="SCHEDULED")
    return AdOrder.objects.get().pk
