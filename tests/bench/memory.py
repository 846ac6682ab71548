"""A process of its own that checks availability once and reports how much it grew."""

import resource
from contextlib import suppress
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path


def measure(end: Connection) -> None:
    """Check availability for the LADAs of the largest reservation; send the growth in MB."""
    import django

    django.setup()
    from django.utils import timezone

    from inventory import availability
    from inventory.errors import InventoryError
    from inventory.models import Reservation
    from inventory.terms import Terms

    ladas = list(Reservation.objects.order_by("-quantity")[0].ladas)
    first = timezone.localdate() + timedelta(10)
    before = _peak()
    with suppress(InventoryError):
        availability.check(Terms(2_000_000_000, ladas, first, first + timedelta(29)))
    end.send(_peak() - before)


def _peak() -> float:
    """Return the peak memory of this process in MB.

    Linux counts in `ru_maxrss` what the parent had before this process became another
    program, so the peak of this one is read instead.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
