"""Counts of a span of channel days by LADA, as arrays that the database fills."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

import numpy as np

from campaigns.reports.delivery import DAY, midnight
from campaigns.results.tables import Columns
from inventory.arrays import decode, fetch
from inventory.planning.flow import Counts as Numbers
from segments import gazetteer


@dataclass(frozen=True)
class Frame:
    """D channel days by L LADAs; the last column stands for LADAs that the catalogue lacks."""

    first: date
    last: date
    columns: Columns

    @classmethod
    def of(cls, first: date, last: date) -> Self:
        return cls(first, last, Columns.of(gazetteer.current()))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.days), len(self.columns.ladas)

    @property
    def begin(self) -> datetime:
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """Return the instant after its last day."""
        return midnight(self.last + DAY)

    def read(self, sql: str, params: Sequence[Any], kinds: int) -> Numbers:
        """Return counts (kinds, D, L) of a query for day, LADAs and an array of each kind."""
        counts = np.zeros((kinds, *self.shape), dtype=np.int64)
        positions = self.columns.positions()
        for day, ladas, *arrays in fetch(sql, params):
            row, own = (day - self.first).days, positions[decode(ladas)]
            for number, array in enumerate(arrays):
                np.add.at(counts[number, row], own, decode(array))
        return counts

    def by_state(self, counts: Numbers) -> Numbers:
        """Return counts (…, L) added up by state, (…, S)."""
        sums: Numbers = np.add.reduceat(counts, self.columns.starts, axis=-1)
        return sums
