"""Marks of the inventory: one is stored with what did not fit, and says when to try again.

What fits does not depend on which cells others have, as admission is exact. So what did
not fit does not fit until something is freed: released, expired, changed, or put on sale; or
until others can give way further, because their ceilings rose.
"""

from django.db import transaction
from django.db.models import Q, QuerySet

from inventory import locks, snapshot_cache
from inventory.models import JournalEntry
from inventory.terms import Terms

Action = JournalEntry.Action

_FREEING = (Action.RELEASE, Action.EXPIRE, Action.CHANGE, Action.PACE)


def current() -> str:
    """Return a mark that changes whenever something may have been freed."""
    newest = _freed().order_by("-id").values_list("id", flat=True).first() or 0
    return f"{newest}/{snapshot_cache.cells_version()}"


def complete() -> str:
    """Return a mark that covers all that transactions in progress are freeing.

    It waits for them, and keeps no lock: whatever is freed later makes another mark.
    """
    with transaction.atomic():
        locks.exclusive()
        mark = current()
        transaction.set_rollback(True)  # to the savepoint: nothing is undone but the lock
    return mark


def is_freed_since(mark: str, terms: Terms | None = None) -> bool:
    """Return whether cells of some terms, or any, may have been freed since a complete mark.

    Which cells a change has left is not known any more: it counts for all terms.
    """
    newest, _slash, cells_version = mark.partition("/")
    if cells_version != str(snapshot_cache.cells_version()):
        return True
    freed = _freed().filter(id__gt=int(newest))
    if terms is None:
        return freed.exists()
    in_its_cells = Q(
        reservation__ladas__overlap=list(terms.ladas),
        reservation__starts_on__lte=terms.ends_on,
        reservation__ends_on__gte=terms.starts_on,
    )
    return freed.filter(Q(action=Action.CHANGE) | in_its_cells).exists()


def _freed() -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(action__in=_FREEING)
