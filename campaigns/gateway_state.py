"""What staff read about the gateway as a whole, on their first page and above the orders."""

from typing import Any

from campaigns import breaker, capabilities
from campaigns.models import ChannelSwitch


def context() -> dict[str, Any]:
    """Return the context of `admin/gateway_state.html`, in three queries."""
    return {
        "breaker": breaker.state(),
        "capabilities": capabilities.report(),
        "is_stopped": ChannelSwitch.objects.current_stop() is not None,
    }
