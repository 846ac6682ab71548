"""Missing events: asked for by listReports, and counted as lost where the gateway has none."""

import json
import time
from typing import NamedTuple

import structlog
from django.db import transaction
from django.utils import timezone

from campaigns.gateway.client import GatewayClient
from campaigns.gateway.contract_model import ContractMismatch
from campaigns.gateway.errors import GatewayError
from campaigns.models import GatewaySource, StreamPosition
from campaigns.reports import inbox, positions
from core import advisory_locks
from core.advisory_locks import Key
from core.wake import wake

log = structlog.get_logger(__name__)

ROUND = 60.0  # seconds, after which the next task goes on


class Offered(NamedTuple):
    """What the gateway has offered: all that it has up to `upto`, of `last` in all."""

    upto: int
    last: int


def pull(client: GatewayClient) -> None:
    """Put missing events of all streams into the inbox, unless another worker does.

    A gateway has the events of its present state only. What an earlier state did not deliver is
    lost at once.
    """
    with advisory_locks.session_lock(Key.REPORT_PULLS) as acquired:
        if not acquired:
            return
        newest = GatewaySource.objects.order_by("first_seen_at").last()
        deadline = time.monotonic() + ROUND
        for position in StreamPosition.objects.filter(gap_since__isnull=False):
            if newest and position.source != newest.source:
                offered = Offered(position.last_sequence, position.last_sequence)
            else:
                try:
                    offered = _pull(client, position, deadline)
                except GatewayError as error:
                    log.warning("reports_not_pulled", stream=position.stream, error=str(error))
                    return
            _record(position.pk, offered)


def _pull(client: GatewayClient, position: StreamPosition, deadline: float) -> Offered:
    """Store what the gateway offers after a position. Raises GatewayError."""
    after = position.sequence
    while True:
        page = client.list_reports(position.stream, after=after)
        numbers = [number for item in page.items if (number := _store(item, position))]
        if page.items:
            wake(inbox.APPLY)
        if page.last_sequence < after or (page.items and not numbers):
            return Offered(after, position.last_sequence)  # another state of the gateway
        if not numbers or max(numbers) <= after:
            return Offered(page.last_sequence, page.last_sequence)
        after = max(numbers)
        if after >= page.last_sequence or time.monotonic() > deadline:
            return Offered(after, page.last_sequence)


def _store(item: object, position: StreamPosition) -> int | None:
    """Store an event; return its number if it is of the stream that was asked for."""
    body = json.dumps(item, ensure_ascii=False).encode()
    try:
        envelope = inbox.read(body)
    except ContractMismatch as error:
        log.warning("report_not_an_envelope", stream=position.stream, error=str(error))
        return None
    inbox.store(envelope, body)
    is_of_it = (envelope.source, envelope.stream) == (position.source, position.stream)
    return envelope.sequence if is_of_it else None


@transaction.atomic
def _record(position_id: int, offered: Offered) -> None:
    """Read a stream on, past the numbers that the gateway has not offered: these are lost."""
    advisory_locks.acquire(Key.REPORTS)
    now = timezone.now()
    position = StreamPosition.objects.get(pk=position_id)
    positions.read_on(position, now)
    if position.sequence < offered.upto:
        rows = positions.numbered(position.source, position.stream)
        there = rows.filter(sequence__gt=position.sequence, sequence__lte=offered.upto)
        lost = offered.upto - position.sequence - there.values("sequence").distinct().count()
        position.sequence = offered.upto
        if lost:
            position.lost += lost
            log.error("reports_lost", stream=position.stream, upto=offered.upto, lost=lost)
    position.last_sequence = max(position.sequence, offered.last)
    positions.read_on(position, now)
