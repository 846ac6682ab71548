"""What was or is on sale and planned, by channel day and LADA."""

import numpy as np

from campaigns.staff_reports.frame import Frame
from inventory.arrays import decode, fetch
from inventory.models import Reservation
from inventory.planning.flow import Counts as Numbers

GROSS, ON_SALE, PLANNED, HELD = range(4)


def read(frame: Frame) -> Numbers:
    """Return (4, D, L): expected to be carried, on sale, planned, and held of what is planned.

    What is planned of a past day is what campaigns still had on it when it passed. Two queries:
    the cells know what is planned in all, so that only holds are read one by one.
    """
    counts = frame.read(_CELLS, [frame.first, frame.last], 3)
    return np.concatenate([counts, _held(frame)[np.newaxis]])


def _held(frame: Frame) -> Numbers:
    counts = np.zeros(frame.shape, dtype=np.int64)
    positions = frame.columns.positions()
    params = [frame.first, frame.last, Reservation.Status.HELD.value]
    for since, ladas, quantities in fetch(_HOLDS, params):
        own = positions[decode(ladas)]
        table = decode(quantities).reshape(-1, len(own))
        counts[since : since + len(table), own] += table
    return counts


_CELLS = """
    SELECT day, array_send(array_agg(lada::int)), array_send(array_agg(gross)),
           array_send(array_agg(capacity)), array_send(array_agg(planned))
    FROM inventory_capacity WHERE day BETWEEN %s AND %s GROUP BY day
"""

_HOLDS = """
    WITH span AS (SELECT %s::date AS first, %s::date AS last)
    SELECT greatest(r.starts_on - first, 0), array_send(r.ladas::int[]),
           array_send(a.quantities[
               greatest(first - r.starts_on, 0) * cardinality(r.ladas) + 1
               : (least(r.ends_on, last) - r.starts_on + 1) * cardinality(r.ladas)
           ])
    FROM span, inventory_reservation AS r
    JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE r.ledger IS NULL AND r.status = %s AND r.starts_on <= last AND r.ends_on >= first
"""
