"""A process of its own that answers once for what is stored, and says how much it grew."""

import resource
from contextlib import suppress
from datetime import timedelta
from multiprocessing.connection import Connection


def answer(end: Connection) -> None:
    """Read the book, look for the largest promise's LADAs, and send the growth in MB."""
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
        availability.for_terms(Terms(2_000_000_000, ladas, first, first + timedelta(29)))
    end.send(_peak() - before)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
