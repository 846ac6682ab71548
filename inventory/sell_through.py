"""Sell-through: how reserved notifications have grown, by channel day. Takes no lock."""

from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models.functions import TruncDate
from django.utils import timezone

from inventory.models import Audit


class DailyMovements(NamedTuple):
    """The sums of the journal on one day, in notifications.

    `changed` is by how much changes raised (or lowered) reservations; `booked` was held
    before and is no part of `net`.
    """

    day: date
    held: int
    changed: int
    released: int
    expired: int
    booked: int

    @property
    def net(self) -> int:
        """The growth of all reservations together."""
        return self.held + self.changed - self.released - self.expired


class AuditedDay(NamedTuple):
    """The totals of the days to come at the last audit of a day."""

    day: date
    on_sale: int
    held: int
    booked: int

    @property
    def free(self) -> int:
        return max(self.on_sale - self.held - self.booked, 0)


def movements(days: int) -> list[DailyMovements]:
    """Return the sums of the journal for each of the last days, up to today."""
    today = timezone.localdate()
    first = today - timedelta(days - 1)
    zone = timezone.get_current_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(_MOVEMENTS, {"first": first, "zone": zone})
        sums = {(day, action): int(total) for day, action, total in cursor.fetchall()}
    actions = ("hold", "change", "release", "expire", "book")
    return [
        DailyMovements(day, *(sums.get((day, action), 0) for action in actions))
        for day in (first + timedelta(number) for number in range(days))
    ]


# A change records the quantity after it. The quantity before is that of the hold or
# change before it (a set), less what was released since.
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
    ), totals AS (
        SELECT reservation_id, set, sum(signed) AS before FROM entry GROUP BY reservation_id, set
    ), change AS (
        SELECT id, before FROM entry JOIN totals
            ON totals.reservation_id = entry.reservation_id AND totals.set = entry.set - 1
        WHERE action = 'change'
    )
    SELECT day, action, sum(quantity - coalesce(before, 0))
    FROM lately LEFT JOIN change ON change.id = lately.id
    GROUP BY day, action
"""


def audited_days(days: int) -> list[AuditedDay]:
    """Return the totals of the last audit of each of the last days, up to today."""
    since = timezone.localdate() - timedelta(days - 1)
    rows = (
        Audit.objects.annotate(day=TruncDate("at"))
        .filter(day__gte=since)
        .order_by("day", "-at", "-id")
        .distinct("day")
        .values_list("day", "capacity", "held", "booked")
    )
    return [AuditedDay(*row) for row in rows]
