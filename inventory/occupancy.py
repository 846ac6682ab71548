"""Occupancy: what is on sale, held, booked and free, by LADA and day. Takes no lock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

import numpy as np
from django.db import connection
from django.db.models import IntegerField, Max
from django.db.models.expressions import RawSQL
from django.utils import timezone

from inventory import cells
from inventory.arrays import decode
from inventory.models import Capacity, ClosedDay, Reservation
from inventory.planning.flow import Counts
from segments.models import Lada

GROSS, ON_SALE, HELD, BOOKED = range(4)


class Figures(NamedTuple):
    """Figures of one cell, or of several added up, in notifications."""

    gross: int
    on_sale: int
    held: int
    booked: int

    @property
    def planned(self) -> int:
        return self.held + self.booked

    @property
    def free(self) -> int:
        return max(self.on_sale - self.planned, 0)

    @property
    def percent(self) -> int:
        """Planned of what is on sale, in whole percent."""
        return percent(self.planned, self.on_sale)


class LadaPlace(NamedTuple):
    """A LADA, its main city, and the state of that city, in which alone it counts."""

    code: str
    city: str
    state: str


@dataclass(frozen=True, eq=False)
class Occupancy:
    """Counts by R rows and D columns, as of a moment; `read` returns LADAs by days."""

    counts: Counts  # (4, R, D): gross, on sale, held, booked
    as_of: datetime

    def figures(self, row: int, column: int) -> Figures:
        """Return the figures of one row and column."""
        return Figures(*self.counts[:, row, column].tolist())

    @property
    def total(self) -> Figures:
        """The figures of all rows and columns together."""
        return Figures(*self.counts.sum(axis=(1, 2)).tolist())

    def sum_rows(self, groups: Sequence[Sequence[int]]) -> Self:
        """Return the occupancy with a row for the sum of each group of rows."""
        sums = [self.counts[:, list(rows)].sum(axis=1) for rows in groups]
        return replace(self, counts=np.stack(sums, axis=1))

    def sum_columns(self, groups: Sequence[slice]) -> Self:
        """Return the occupancy with a column for the sum of each group of columns."""
        sums = [self.counts[:, :, columns].sum(axis=2) for columns in groups]
        return replace(self, counts=np.stack(sums, axis=2))


def percent(part: int, whole: int) -> int:
    """Return a part in whole percent: 0 only for none of it, 100 only for all."""
    return max(100 * part // whole, int(part > 0)) if whole else 0


def horizon() -> tuple[date, date] | None:
    """Return today and the last day on sale; None where nothing is on sale."""
    today = timezone.localdate()
    last: date | None = Capacity.objects.aggregate(last=Max("day"))["last"]
    return (today, last) if last is not None and last >= today else None


def places() -> list[LadaPlace]:
    """Return all LADAs, the heaviest first."""
    rows = Lada.objects.order_by("-weight_ppm", "code").values_list("code", "city", "state")
    return [LadaPlace(*row) for row in rows]


def closed_days(first: date, last: date) -> dict[date, str]:
    """Return the days of a span on which nothing is sold, each with its reason."""
    return dict(ClosedDay.objects.filter(day__range=(first, last)).values_list("day", "reason"))


def read(rows: Sequence[LadaPlace], first: date, last: date) -> Occupancy:
    """Return the cells of some LADAs on a span of days, with what is planned there.

    One statement, so that everything is of one moment. Allocations are read as arrays,
    cut to the span.
    """
    as_of, days = timezone.now(), (last - first).days + 1
    row_of_lada = cells.rows_by_lada([row.code for row in rows])
    counts = np.zeros((4, days, len(rows)), dtype=np.int64)
    with connection.cursor() as cursor:
        cursor.execute(_CELLS_AND_ALLOCATIONS, {"first": first, "last": last})
        found = cursor.fetchall()
    for status, since, ladas, quantities, gross, on_sale in found:
        own = row_of_lada[decode(ladas)]
        if not status:
            counts[GROSS][decode(quantities), own] = decode(gross)
            counts[ON_SALE][decode(quantities), own] = decode(on_sale)
            continue
        table = decode(quantities).reshape(-1, len(own))
        kind = HELD if status == Reservation.Status.HELD else BOOKED
        counts[kind][since : since + len(table), own] += table
    return Occupancy(counts.transpose(0, 2, 1), as_of)


# One row for all cells, with an empty status, and their days in the column of quantities;
# and one row for each live reservation.
_CELLS_AND_ALLOCATIONS = """
    SELECT '' AS status, 0 AS since, array_send(array_agg(lada::int)) AS ladas,
           array_send(array_agg(day - %(first)s::date)), array_send(array_agg(gross)),
           array_send(array_agg(capacity))
    FROM inventory_capacity WHERE day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT r.status, greatest(r.starts_on - %(first)s::date, 0), array_send(r.ladas::int[]),
           array_send(a.quantities[
               greatest(%(first)s::date - r.starts_on, 0) * cardinality(r.ladas) + 1
               : (least(r.ends_on, %(last)s::date) - r.starts_on + 1) * cardinality(r.ladas)
           ]), NULL, NULL
    FROM inventory_reservation AS r
    JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE r.ledger IS NULL AND r.status IN ('held', 'booked')
        AND r.starts_on <= %(last)s AND r.ends_on >= %(first)s
"""


class Holder(NamedTuple):
    """A live reservation with notifications in a cell, and how many."""

    reservation: Reservation
    here: int
    at_risk: int  # of the whole reservation


def holders(lada: str, day: date) -> list[Holder]:
    """Return the reservations with notifications in a cell, the largest first."""
    here = """inventory_allocation.quantities[
        (%s::date - starts_on) * cardinality(ladas) + array_position(ladas, %s)]"""
    found = (
        Reservation.objects.live()
        .filter(starts_on__lte=day, ends_on__gte=day, ladas__contains=[lada])
        .select_related("allocation")
        .defer("allocation__quantities", "daily_ceilings")
        .annotate(here=RawSQL(here, (day, lada), IntegerField()))  # noqa: S611
        .filter(here__gt=0)
        .order_by("-here", "id")
    )
    return [Holder(each, each.here, each.allocation.at_risk) for each in found]


def planned_and_ceilings(reservation: Reservation) -> list[tuple[date, int, int]]:
    """Return each day of a reservation with what is planned on it, and its ceiling."""
    planned = reservation.planned_by_day()
    days = (reservation.starts_on + timedelta(number) for number in range(reservation.days))
    return [
        (day, planned.get(day, 0), ceiling)
        for day, ceiling in zip(days, reservation.daily_ceilings, strict=True)
    ]


ReservedByDay = dict[str, dict[date, tuple[int, int]]]  # by reference and day: held, booked


def reserved_by_day(references: Collection[str], first: date, last: date) -> ReservedByDay:
    """Return what live reservations have planned on each day of a span, by reference.

    It is summed in the database, so that no array of counts is read.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVED_BY_DAY, {"references": list(references), "first": first, "last": last}
        )
        found: ReservedByDay = {}
        for reference, day, held, booked in cursor.fetchall():
            found.setdefault(reference, {})[day] = held, booked
    return found


_RESERVED_BY_DAY = """
    SELECT r.reference, d.day::date,
           coalesce(sum(here.total) FILTER (WHERE r.status = 'held'), 0)::bigint,
           coalesce(sum(here.total) FILTER (WHERE r.status = 'booked'), 0)::bigint
    FROM inventory_reservation AS r
    JOIN inventory_allocation AS a ON a.reservation_id = r.id
    CROSS JOIN LATERAL generate_series(
        greatest(r.starts_on, %(first)s::date)::timestamp,
        least(r.ends_on, %(last)s::date)::timestamp, interval '1 day'
    ) AS d(day)
    CROSS JOIN LATERAL (
        SELECT sum(quantity) AS total FROM unnest(a.quantities[
            (d.day::date - r.starts_on) * cardinality(r.ladas) + 1
            : (d.day::date - r.starts_on + 1) * cardinality(r.ladas)
        ]) AS quantity
    ) AS here
    WHERE r.status IN ('held', 'booked') AND r.reference = ANY(%(references)s)
    GROUP BY 1, 2
"""
