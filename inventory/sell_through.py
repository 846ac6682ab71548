"""How what is promised has grown from day to day. Reads only; days are channel days."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models.functions import TruncDate
from django.utils import timezone

from inventory.models import Audit


class Movement(NamedTuple):
    """What the journal says of one day, in notifications.

    `changed` is by how much changes raised (or lowered) promises; `booked` turns what
    was held before into a booking and is no part of `net`.
    """

    day: date
    held: int
    changed: int
    released: int
    expired: int
    booked: int

    @property
    def net(self) -> int:
        """By how much all promises together grew."""
        return self.held + self.changed - self.released - self.expired


class Standing(NamedTuple):
    """What was sold of the days to come when a day's last recount was made."""

    day: date
    on_sale: int
    held: int
    booked: int

    @property
    def free(self) -> int:
        return max(self.on_sale - self.held - self.booked, 0)


def movements(days: int) -> list[Movement]:
    """Add the journal up by day, for so many days that end today."""
    today = timezone.localdate()
    first = today - timedelta(days - 1)
    zone = timezone.get_current_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(_MOVEMENTS, {"first": first, "zone": zone})
        sums = {(day, action): int(total) for day, action, total in cursor.fetchall()}
    actions = ("hold", "change", "release", "expire", "book")
    return [
        Movement(day, *(sums.get((day, action), 0) for action in actions))
        for day in (first + timedelta(number) for number in range(days))
    ]


# A change notes what is promised after it. What was promised before is what the hold or
# change before it promised (a set), without what was given back since.
_MOVEMENTS = """
    WITH lately AS (
        SELECT id, reservation_id, action, quantity, (at AT TIME ZONE %(zone)s)::date AS day
        FROM inventory_journalentry
        WHERE at >= %(first)s::timestamp AT TIME ZONE %(zone)s
            AND action IN ('hold', 'change', 'release', 'expire', 'book')
    ), entry AS (
        SELECT id, reservation_id, action,
               CASE WHEN action IN ('release', 'expire') THEN -quantity ELSE quantity END AS signed,
               count(*) FILTER (WHERE action IN ('hold', 'change'))
                   OVER (PARTITION BY reservation_id ORDER BY id) AS set
        FROM inventory_journalentry
        WHERE action IN ('hold', 'change', 'release', 'expire')
            AND reservation_id IN (SELECT reservation_id FROM lately WHERE action = 'change')
    ), promised AS (
        SELECT reservation_id, set, sum(signed) AS before FROM entry GROUP BY reservation_id, set
    ), change AS (
        SELECT id, before FROM entry JOIN promised
            ON promised.reservation_id = entry.reservation_id AND promised.set = entry.set - 1
        WHERE action = 'change'
    )
    SELECT day, action, sum(quantity - coalesce(before, 0))
    FROM lately LEFT JOIN change ON change.id = lately.id
    GROUP BY day, action
"""


def standings(days: int) -> list[Standing]:
    """Give what the last recount of each day found, for so many days that end today."""
    since = timezone.localdate() - timedelta(days - 1)
    rows = (
        Audit.objects.annotate(day=TruncDate("at"))
        .filter(day__gte=since)
        .order_by("day", "-at", "-id")
        .distinct("day")
        .values_list("day", "capacity", "held", "booked")
    )
    return [Standing(*row) for row in rows]
