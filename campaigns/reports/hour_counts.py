"""Parts of hours into the tables of counts, and how far their hours are whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from campaigns.gateway.events import HourlyCounts, Stream
from campaigns.reports import content, day_totals, hours, partitions, upserts

_LADA_AND_COUNTS = attrgetter("lada", "inserted", "delivered", "failed", "no_receipt")


def write(
    parts: Sequence[HourlyCounts],
    known: Mapping[str, UUID],
    stream: str = Stream.HOURLY_COUNTS,
    at: datetime | None = None,
) -> set[tuple[UUID, date]]:
    """Write the rows of known orders and mark their channel days, in a transaction.

    Return these orders and days. The hours are noted as reported in a stream at a moment (now).
    """
    partitions.ensure({part.hour_start for part in parts})
    upserts.upsert(upserts.HOURS, _rows(parts, known))
    touched = _touched_days(parts, known)
    day_totals.mark(touched)
    hours.note(stream, parts, at)
    return touched


def _rows(parts: Iterable[HourlyCounts], known: Mapping[str, UUID]) -> Iterable[tuple[Any, ...]]:
    for part in parts:
        hour, revision = part.hour_start, part.revision
        for row in part.rows:
            if order := known.get(row.ad_order_id):
                lada, *counts = _LADA_AND_COUNTS(row)
                yield order, hour, lada, revision, *counts


def _touched_days(
    parts: Iterable[HourlyCounts], known: Mapping[str, UUID]
) -> set[tuple[UUID, date]]:
    touched: set[tuple[UUID, date]] = set()
    for part in parts:
        day = part.hour_start.astimezone(content.ZONE).date()
        names = {row.ad_order_id for row in part.rows} & known.keys()
        touched |= {(known[name], day) for name in names}
    return touched
