"""The effect of a change of capacity, computed in full before anything is written.

Takes no lock. The gateway already has the goals of today and tomorrow, so no cell of
these days changes. What no plan can place any more is at risk
(`inventory.planning.reallocation`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from core.problems import Problems
from inventory import allocations
from inventory.allocations import LiveInventory
from inventory.capacity_draft import Draft
from inventory.models import CapacityChange, Reservation
from inventory.planning import pacing
from inventory.planning.flow import Counts, Flags
from inventory.planning.reallocation import reallocate


class CellChange(NamedTuple):
    """A cell that changes, in notifications before and after, and what is planned in it."""

    day: date
    lada: str
    gross: int
    new_gross: int
    on_sale: int
    new_on_sale: int
    planned: int


class Risk(NamedTuple):
    """A reservation of which the change puts more notifications at risk."""

    reservation: Reservation
    now: int  # at risk already
    then: int  # at risk after the change

    @property
    def more(self) -> int:
        """Notifications that the change puts at risk."""
        return self.then - self.now


class Effect(NamedTuple):
    """What a change does to reservations, by their number in the snapshot."""

    quantities: Mapping[int, Counts]  # new ones (K, N)
    at_risk: Mapping[int, int]  # new counts, where they change
    ceilings: Mapping[int, Counts]  # new ones (N,), where they rise


@dataclass(frozen=True, eq=False)
class Preview:
    """All cells from today on (L, D) before and after a change, and its effect on reservations."""

    live: LiveInventory
    gross: Counts
    new_gross: Counts
    new_on_sale: Counts
    closes: Sequence[date]  # of those in the change, the days that are open now
    opens: Sequence[date]  # of those in the change, the days that are closed now
    safety: Mapping[str, int | None]  # of those in the change, the shares that differ now
    problems: Problems
    quantities: Mapping[int, Counts]  # new ones (K, N), by reservation number in the snapshot
    at_risk: Mapping[int, int]  # new counts, by reservation number, where they change
    ceilings: Mapping[int, Counts]  # new ones (N,), by reservation number, where they rise
    risks: Sequence[Risk]  # the largest first

    @property
    def changed(self) -> Flags:
        """Mark the cells (L, D) that change."""
        on_sale = self.live.snapshot.capacity
        return (self.new_gross != self.gross) | (self.new_on_sale != on_sale)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.closes or self.opens or self.safety or self.changed.any())

    @property
    def on_sale(self) -> int:
        """Notifications on sale now in the cells that change."""
        return int(self.live.snapshot.capacity[self.changed].sum())

    @property
    def then_on_sale(self) -> int:
        """Notifications on sale in these cells after the change."""
        return int(self.new_on_sale[self.changed].sum())

    @property
    def more_at_risk(self) -> int:
        """Notifications that the change puts at risk."""
        return sum(risk.more for risk in self.risks)

    @property
    def repaced(self) -> int:
        """Number of reservations that may carry more on some days than before."""
        return len(self.ceilings)

    @property
    def moved(self) -> int:
        """Number of reservations that are only moved."""
        return sum(number not in self.at_risk for number in self.quantities)

    def rows(self, limit: int) -> Iterator[CellChange]:
        """Yield the first cells that change, by day and LADA."""
        now = self.live.snapshot
        tables = (self.gross, self.new_gross, now.capacity, self.new_on_sale, now.planned)
        for column, row in np.argwhere(self.changed.T)[:limit].tolist():
            day = self.live.first_day + timedelta(column)
            counts = (int(table[row, column]) for table in tables)
            yield CellChange(day, self.live.codes[row], *counts)


def compute(change: CapacityChange, *, with_reservations: bool = True) -> Preview:
    """Return the effect of a change on the inventory as of now.

    Without `with_reservations`, that on reservations is not computed.
    """
    live = allocations.read_all()
    draft = Draft(live)
    draft.set_gross(change)
    draft.close_and_open(change.closes, change.opens, change.note)
    draft.set_safety(change.safety)
    new_on_sale = draft.on_sale()
    effect = Effect({}, {}, {})
    if with_reservations and not draft.problems.count:
        effect = _reallocate(live, new_on_sale)
    return Preview(
        live,
        draft.gross,
        draft.new_gross,
        new_on_sale,
        draft.closes,
        draft.opens,
        draft.safety,
        draft.problems,
        *effect,
        _risks(live, effect.at_risk),
    )


def _reallocate(live: LiveInventory, on_sale: Counts) -> Effect:
    """Fit the reservations into new capacity (L, D).

    Those that are evenly paced, and of which cells change or something is at risk, get the
    ceilings of what is left of them; so a day can carry what a closed one cannot any more.
    """
    status = Reservation.Status.HELD
    held_ids = set(Reservation.objects.filter(status=status).values_list("pk", flat=True))
    stored = live.allocations
    held = np.array([each.reservation_id in held_ids for each in stored], dtype=bool)
    at_risk = np.array([each.at_risk for each in stored], dtype=np.int64)
    now = live.snapshot
    is_touched = [
        (on_sale != now.capacity)[r.ladas, r.first : r.stop].any() for r in now.reservations
    ]
    paced = allocations.evenly_paced(live) & (np.array(is_touched, dtype=bool) | (at_risk > 0))
    then = pacing.raised(replace(now, capacity=on_sale), paced, at_risk)
    result = reallocate(then, held, at_risk)
    changed = np.flatnonzero(result.unplaced != at_risk).tolist()
    return Effect(
        result.quantities,
        {number: int(result.unplaced[number]) for number in changed},
        pacing.changes(now, then),
    )


def _risks(live: LiveInventory, at_risk: Mapping[int, int]) -> list[Risk]:
    stored = {number: live.allocations[number] for number in at_risk}
    worse = {
        stored[number].reservation_id: (stored[number].at_risk, then)
        for number, then in at_risk.items()
        if then > stored[number].at_risk
    }
    found = Reservation.objects.in_bulk(worse)
    return sorted(
        (Risk(found[reservation_id], *counts) for reservation_id, counts in worse.items()),
        key=lambda risk: (-risk.more, risk.reservation.pk),
    )
