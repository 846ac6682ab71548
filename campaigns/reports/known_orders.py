"""Which of the ad orders that the gateway names are the portal's."""

from collections.abc import Collection
from uuid import UUID

from campaigns.models import AdOrder


def among(names: Collection[str]) -> dict[str, UUID]:
    """Return {name: id} of those names that are ids of the portal's ad orders."""
    ids = filter(None, map(_parse, names))
    return {
        str(found): found
        for found in AdOrder.objects.filter(pk__in=ids).values_list("pk", flat=True)
    }


def _parse(name: str) -> UUID | None:
    """Return the id that a name is, in the form in which the portal sends ids."""
    try:
        number = UUID(name)
    except ValueError:
        return None
    return number if str(number) == name else None
