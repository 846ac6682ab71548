"""The sums of a report: by day, campaign, hour of the day, state and LADA, over a span of days."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from campaigns.models import Campaign
from campaigns.results import blocks, tables
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts, Place
from campaigns.results.tables import Table


@dataclass
class Summary:
    """Counts over a span. All but `by_hour` add up to `total`; hours of the day have their own sum.

    Where few notifications were merged, a place stands for several (`counts.Place`), and the hour
    None for several.
    """

    total: Counts = field(default_factory=Counts)
    by_campaign: dict[int, Counts] = field(default_factory=dict)
    by_day: dict[date, Counts] = field(default_factory=dict)
    by_state: dict[Place, Counts] = field(default_factory=dict)
    by_lada: dict[Place, Counts] = field(default_factory=dict)
    by_hour: dict[int | None, Counts] = field(default_factory=dict)  # 0 to 23, channel time

    def _add(self, sums: dict, key: object, counts: Counts) -> None:
        if counts.inserted:
            sums[key] = sums[key].plus(counts) if key in sums else counts

    def add(self, table: Table) -> None:
        totals = table.counts.sum(axis=2)
        for (campaign, day), values in zip(table.rows, totals.T.tolist(), strict=True):
            self._add(self.by_campaign, campaign, Counts(*values))
            self._add(self.by_day, day, Counts(*values))
        self.total = self.total.plus(totals.sum(axis=1).tolist())
        alone = (table.by_state * ~table.merged_states).sum(axis=1).T.tolist()
        for state, values in zip(table.columns.states, alone, strict=True):
            self._add(self.by_state, Place(state), Counts(*values))
        merged = (table.by_state * table.merged_states).sum(axis=(1, 2)).tolist()
        self._add(self.by_state, Place(), Counts(*merged))
        self._add_ladas(table, Counts(*merged))

    def _add_ladas(self, table: Table, merged: Counts) -> None:
        alone = (table.counts * ~table.merged_ladas).sum(axis=1).T.tolist()
        kept = (table.by_state * ~table.merged_states).sum(axis=1).T.tolist()
        for number, own in enumerate(table.columns.slices()):
            state = table.columns.states[number]
            rest = Counts(*kept[number])
            for lada, values in zip(table.columns.ladas[own], alone[own], strict=True):
                self._add(self.by_lada, Place(state, lada), Counts(*values))
                rest = rest.plus(-value for value in values)
            self._add(self.by_lada, Place(state), rest)
        self._add(self.by_lada, Place(), merged)


def of(campaigns: Collection[Campaign], first: date, last: date) -> Summary:
    """Return the sums of campaigns from a channel day to another."""
    found = Summary()
    for table in tables.read(campaigns, first, last):
        found.add(table)
    zone = timezone.get_current_timezone()
    by_hour: dict[int | None, Counts] = defaultdict(Counts)
    for block in blocks.read(campaigns, first, last, Grain.HOUR):
        hour = block.hour.astimezone(zone).hour if block.hour else None
        by_hour[hour] = by_hour[hour].plus(block.counts)
    found.by_hour = dict(sorted(by_hour.items(), key=lambda pair: (pair[0] is None, pair[0])))
    return found
