"""Runs campaigns in the past, by the same code that runs them today.

Only for the embedded run and rehearsals: the clock of this process is set back while a block runs.
Nothing is invented: campaigns are held, approved, sent and started as they would have been then,
and what they delivered comes from the gateway's own reports.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import time_machine
from django.utils import timezone

from campaigns import lifecycle, outbox
from campaigns.models import AdOrder


@contextmanager
def travel(moment: datetime) -> Iterator[None]:
    """Let this process believe that it is `moment`; its clock goes on from there."""
    with time_machine.travel(moment, tick=True):
        yield


def send_orders() -> None:
    """Send all due ad orders from this process. Raises RuntimeError for one not confirmed."""
    while claimed := outbox.claim():
        outbox.send(claimed)
    waiting = AdOrder.objects.pending().first() or AdOrder.objects.troubled().first()
    if waiting is not None:
        raise RuntimeError(f"The gateway did not take {waiting}: {waiting.last_error}")


def move_on(first: date, last: date) -> None:
    """Make the moves of the clock on each channel day of a span, a minute after it began."""
    zone = timezone.get_default_timezone()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        with travel(datetime.combine(day, time(0, 1), zone)):
            lifecycle.advance_due()
