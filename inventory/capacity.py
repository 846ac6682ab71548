"""Put days on sale: what the channel can carry by LADA and channel day."""

from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from inventory.apportion import apportion
from segments.models import Lada

# Missed calls by weekday, Monday first, in thousandths of a mean day. An
# assumption until the gateway's own counts replace it; adds up to seven days.
WEEKDAY_CURVE = (1040, 1030, 1030, 1040, 1090, 960, 810)


def day_total(day: date) -> int:
    """All notifications of the channel on a day."""
    return settings.DAILY_NOTIFICATIONS * WEEKDAY_CURVE[day.weekday()] // 1000


@transaction.atomic
def open_days(days: int | None = None, *, first: date | None = None) -> int:
    """Put `days` channel days from `first` (today) on sale; say how many cells are new.

    Each day's total is split over LADAs by the catalogue's weights, exactly. A
    cell that exists is left as it is: safe to repeat.
    """
    start = first or timezone.localdate()
    ladas, weights = [], []
    for code, weight in Lada.objects.order_by("code").values_list("code", "weight_ppm"):
        ladas.append(code)
        weights.append(weight)
    opened = 0
    with connection.cursor() as cursor:
        for offset in range(settings.HORIZON_DAYS if days is None else days):
            day = start + timedelta(offset)
            counts = apportion(day_total(day), weights=np.array(weights, dtype=np.int64))
            cursor.execute(
                """
                INSERT INTO inventory_capacity (lada, day, gross, capacity, planned)
                SELECT lada, %s, capacity, capacity, 0
                FROM unnest(%s::text[], %s::int[]) AS cell (lada, capacity)
                ON CONFLICT (day, lada) DO NOTHING
                """,
                [day, ladas, counts.tolist()],
            )
            opened += cursor.rowcount
    return opened
