"""The stop of the whole channel and its way back, and their sending to the gateway.

While it is stopped the gateway inserts no ad in any notification. Orders, pauses and cancellations
still go out, so that what is right when it is on again is known there.
"""

from datetime import timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import outbox, reasons
from campaigns.errors import ChannelUnchanged, NotAllowed
from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract import ChannelState, Scope
from campaigns.gateway.errors import GatewayError
from campaigns.models import ChannelSwitch
from core import advisory_locks
from core.advisory_locks import Key
from core.wake import wake

log = structlog.get_logger(__name__)

PERMISSION = "campaigns.stop_channel"
RETRY_AFTER = timedelta(seconds=5)  # at most: a stop ignores the back-off of orders


class SwitchClaim(NamedTuple):
    """One worker's right to send a switch until its lease ends."""

    switch_id: int
    state: ChannelState
    reason: str


def readers() -> str:
    """Return who reads the reason of a switch, in Spanish."""
    return _("lo leen todas las personas del portal")


def stop(*, reason: str, by: User) -> ChannelSwitch:
    """Stop the whole channel. Raises NotAllowed, BadReason, or ChannelUnchanged."""
    return _switch(ChannelState.OFF, reason, by)


def start(*, reason: str, by: User) -> ChannelSwitch:
    """Let the channel go on. Raises as `stop` does."""
    return _switch(ChannelState.ON, reason, by)


@transaction.atomic
def _switch(state: ChannelState, reason: str, by: User) -> ChannelSwitch:
    if not by.has_perm(PERMISSION):
        raise NotAllowed
    reason = reasons.clean(reason, readers=readers())
    advisory_locks.acquire(Key.CHANNEL)
    if (ChannelSwitch.objects.current_stop() is None) == (state == ChannelState.ON):
        raise ChannelUnchanged(stopped=state == ChannelState.OFF)
    switch = ChannelSwitch.objects.create(state=state, reason=reason, by_id=by.pk)
    wake("campaigns.tasks.send_channel_state")
    return switch


def send_due(client: GatewayClient | None = None) -> bool:
    """Send the newest switch that the gateway has not confirmed; return whether one was due."""
    claimed = _claim()
    if claimed is None:
        return False
    client = client or outbox.gateway_client(Scope.UPDATE_CHANNEL)
    try:
        client.set_channel_state(claimed.state, reason=claimed.reason)
    except GatewayError as error:
        _record(claimed, last_error=str(error)[:500], next_attempt_at=timezone.now() + RETRY_AFTER)
        log.warning("channel_switch_failed", switch=claimed.switch_id, error=str(error))
    else:
        _record(claimed, last_error="", acknowledged_at=timezone.now())
        log.info("channel_switched", switch=claimed.switch_id, state=claimed.state.value)
    return True


@transaction.atomic
def _claim() -> SwitchClaim | None:
    """Claim the newest switch if it is due.

    The contract's call carries no generation, so an older call must not arrive after a newer
    one: nothing is claimed while any switch is being sent.
    """
    if not advisory_locks.try_acquire(Key.CHANNEL):
        return None
    now = timezone.now()
    if ChannelSwitch.objects.leased(now).exists():
        return None
    switch = ChannelSwitch.objects.pending().filter(next_attempt_at__lte=now).first()
    if switch is None:
        return None
    switch.lease_until = now + timedelta(seconds=settings.GATEWAY_LEASE)
    switch.save(update_fields=["lease_until"])
    return SwitchClaim(switch.pk, ChannelState(switch.state), switch.reason)


def _record(claimed: SwitchClaim, **outcome: object) -> None:
    """Record the outcome of a call and end its lease; a newer switch is then sent at once."""
    ChannelSwitch.objects.filter(pk=claimed.switch_id).update(lease_until=None, **outcome)
    with transaction.atomic():
        if ChannelSwitch.objects.pending().exclude(pk=claimed.switch_id).exists():
            wake("campaigns.tasks.send_channel_state")
