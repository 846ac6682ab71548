"""Capacity: what the channel can carry by LADA and channel day, and what of it is on sale."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from inventory import capacity_csv, locks
from inventory.models import Capacity, ClosedDay, SafetyShare
from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts, Flags
from segments.models import Lada

# Missed calls by weekday, Monday first, in thousandths of a mean day. An
# assumption until the gateway's own counts replace it; adds up to seven days.
WEEKDAY_CURVE = (1040, 1030, 1030, 1040, 1090, 960, 810)

DAYS_BEYOND_HORIZON = 1  # so that the new last day is there at midnight, before any task has run


def day_total(day: date) -> int:
    """Return the notifications of the whole channel on a day."""
    return settings.DAILY_NOTIFICATIONS * WEEKDAY_CURVE[day.weekday()] // 1000


def sellable(gross: Counts, percent: Counts | int, closed: Flags | bool) -> Counts:
    """Return what is on sale of gross counts: nothing on a closed day, else less the safety share.

    The arrays are broadcast against each other.
    """
    return np.where(closed, 0, gross * (100 - percent) // 100)


def safety_percents(codes: Sequence[str]) -> Counts:
    """Return the safety share of each LADA (L,), in percent: its own or the default one."""
    own = dict(SafetyShare.objects.values_list("lada", "percent"))
    return np.array([own.get(code, settings.SAFETY_PERCENT) for code in codes], dtype=np.int64)


def closed_among(days: Iterable[date]) -> set[date]:
    """Return those of some days that are closed."""
    return set(ClosedDay.objects.filter(day__in=list(days)).values_list("day", flat=True))


@transaction.atomic
def open_days(days: int | None = None, *, first: date | None = None) -> int:
    """Put `days` channel days from `first` (today) on sale; return the number of new cells.

    By default the whole horizon and the day after it, which is sold from midnight on.
    Each day's total is split over LADAs by the catalogue's weights, exactly; safety
    shares and closed days apply. Idempotent: existing cells are not changed.
    """
    locks.shared()  # so that a change of shares or closed days is seen as a whole
    start = first or timezone.localdate()
    count = settings.HORIZON_DAYS + DAYS_BEYOND_HORIZON if days is None else days
    new_days = [start + timedelta(offset) for offset in range(count)]
    rows = list(Lada.objects.order_by("code").values_list("code", "weight_ppm"))
    ladas = [code for code, _weight in rows]
    weights = np.array([weight for _code, weight in rows], dtype=np.int64)
    percents, closed = safety_percents(ladas), closed_among(new_days)
    opened = 0
    with connection.cursor() as cursor:
        for day in new_days:
            gross = apportion(day_total(day), weights=weights)
            on_sale = sellable(gross, percents, day in closed)
            cursor.execute(
                """
                INSERT INTO inventory_capacity (lada, day, gross, capacity, planned)
                SELECT lada, %s, gross, capacity, 0
                FROM unnest(%s::text[], %s::int[], %s::int[]) AS cell (lada, gross, capacity)
                ON CONFLICT (day, lada) DO NOTHING
                """,
                [day, ladas, gross.tolist(), on_sale.tolist()],
            )
            opened += cursor.rowcount
    return opened


def last_open_day() -> date | None:
    """Return the last day that has cells, or None."""
    return Capacity.objects.order_by("-day").values_list("day", flat=True).first()


def as_csv(first: date, last: date) -> Iterator[str]:
    """Yield the cells of a span, by day, as a CSV file that can be imported again."""
    cells = Capacity.objects.filter(day__range=(first, last)).order_by("day", "lada")
    names = ("day", "lada", "lada__city", "gross", "capacity", "planned")
    rows = cells.values_list(*names).iterator(chunk_size=10_000)
    return capacity_csv.write(capacity_csv.ExportedCell(*row) for row in rows)
