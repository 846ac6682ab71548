"""The counts of campaigns by channel day and LADA, read as arrays, and which cells are merged."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np

from campaigns.models import AdOrder, Campaign
from campaigns.results import small_cells
from campaigns.results.small_cells import Mask
from inventory.arrays import decode, fetch
from inventory.planning.flow import Counts as Numbers
from segments import gazetteer
from segments.gazetteer import Gazetteer

MAX_ROWS = 1_000  # campaign days of one table
INSERTED = 0  # of the four counts


class Columns(NamedTuple):
    """LADAs, those of a state beside each other, and where each state begins.

    The last LADA and the last state are empty: they stand for LADAs that the catalogue lacks.
    """

    ladas: list[str]  # (L,)
    states: list[str]  # (S,)
    starts: list[int]  # (S,)

    @classmethod
    def of(cls, places: Gazetteer) -> "Columns":
        """Return the columns of a catalogue, with the states in Spanish order."""
        order = {state: number for number, state in enumerate(places.states)}
        ladas = sorted(places.cities, key=lambda lada: (order[places.state_of[lada]], lada))
        states, starts = [], []
        for state, group in groupby(range(len(ladas)), key=lambda n: places.state_of[ladas[n]]):
            states.append(state)
            starts.append(next(group))
        return cls([*ladas, ""], [*states, ""], [*starts, len(ladas)])

    def positions(self) -> Numbers:
        """Return an array (1000,) with the column of each LADA at the index of its number."""
        columns = np.full(1_000, len(self.ladas) - 1, dtype=np.intp)
        columns[[int(lada) for lada in self.ladas[:-1]]] = np.arange(len(self.ladas) - 1)
        return columns

    def slices(self) -> list[slice]:
        """Return the columns of each state."""
        ends = [*self.starts[1:], len(self.ladas)]
        return [slice(start, end) for start, end in zip(self.starts, ends, strict=True)]


@dataclass(frozen=True, eq=False)
class Table:
    """The counts of R campaign days in L LADAs."""

    rows: Sequence[tuple[int, date]]  # (R,): campaign's key and channel day
    columns: Columns
    counts: Numbers  # (4, R, L)

    @cached_property
    def by_state(self) -> Numbers:
        """The counts by state, (4, R, S)."""
        sums: Numbers = np.add.reduceat(self.counts, self.columns.starts, axis=2)
        return sums

    @cached_property
    def merged_states(self) -> Mask:
        """Which states of a day are merged with others, (R, S)."""
        return small_cells.merged(self.by_state[INSERTED])

    @cached_property
    def merged_ladas(self) -> Mask:
        """Which LADAs of a day are merged with others, (R, L): all of those in merged states."""
        mask = np.empty(self.counts.shape[1:], dtype=bool)
        for number, own in enumerate(self.columns.slices()):
            mask[:, own] = small_cells.merged(self.counts[INSERTED, :, own])
            mask[:, own] |= self.merged_states[:, [number]]
        return mask


def read(campaigns: Collection[Campaign], first: date, last: date) -> Iterator[Table]:
    """Yield the counts of campaigns from a channel day to another, by campaign and day."""
    columns = Columns.of(gazetteer.current())
    for some in _batches(campaigns, first, last):
        orders = AdOrder.objects.filter(campaign__in=some)
        campaign_of = dict(orders.values_list("pk", "campaign_id"))
        if table := _read(campaign_of, columns, first, last):
            yield table


def _batches(campaigns: Collection[Campaign], first: date, last: date) -> Iterator[list[Campaign]]:
    """Yield campaigns in groups that have about MAX_ROWS days in the span, or are single."""
    batch: list[Campaign] = []
    days = 0
    for campaign in sorted(campaigns, key=lambda each: each.pk):
        if not (campaign.starts_on and campaign.ends_on and campaign.version_number):
            continue
        own = (min(campaign.ends_on, last) - max(campaign.starts_on, first)).days + 1
        if batch and days + own > MAX_ROWS:
            yield batch
            batch, days = [], 0
        batch.append(campaign)
        days += max(own, 1)
    if batch:
        yield batch


def _read(campaign_of: dict, columns: Columns, first: date, last: date) -> Table | None:
    found = fetch(_BY_DAY, [list(campaign_of), first, last])
    if not found:
        return None
    keyed = sorted((campaign_of[order], day, *arrays) for order, day, *arrays in found)
    positions = columns.positions()
    counts = np.zeros((4, len(keyed), len(columns.ladas)), dtype=np.int64)
    for row, (_campaign, _day, ladas, *arrays) in enumerate(keyed):
        own = positions[decode(ladas)]
        for number, array in enumerate(arrays):
            np.add.at(counts[number, row], own, decode(array))
    return Table([(campaign, day) for campaign, day, *_arrays in keyed], columns, counts)


_BY_DAY = """
    SELECT ad_order, day, array_send(array_agg(lada::int)),
           array_send(array_agg(inserted)), array_send(array_agg(delivered)),
           array_send(array_agg(failed)), array_send(array_agg(no_receipt))
    FROM campaigns_daycount
    WHERE ad_order = ANY(%s) AND day BETWEEN %s AND %s
    GROUP BY ad_order, day
"""
