"""Promises as brands ask for them, from a seed: pure, and alike in every run.

A tenth of them want the whole country and a twentieth all but some states; the rest choose
one to four states, or a dozen cities at most, the large ones more often.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inventory import capacity
from inventory.planning import plan
from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts
from inventory.planning.groups import Groups, Rows
from inventory.planning.plan import Request
from inventory.planning.snapshot import PlannedReservation, Snapshot
from inventory.snapshot_cache import FROZEN_DAYS
from segments import gazetteer
from segments.models import Lada

DAYS = 120
SHORTEST, LONGEST = 3, 30  # days of a promise
NATION, ALL_BUT, STATES = 0.10, 0.15, 0.55  # of the choices, added up; cities are the rest
MOST = 0.45  # of what a choice carries, in one promise


@dataclass(frozen=True)
class Market:
    """The country for a horizon: what its LADAs carry, and how people choose among them."""

    codes: tuple[str, ...]
    capacity: Counts  # (L, D)
    states: tuple[Rows, ...]
    groups: Groups
    attraction: "np.ndarray"  # (L,) how often a city is chosen; adds up to 1

    @property
    def for_sale(self) -> int:
        """All that can be promised, in notifications."""
        return int(self.capacity[:, FROZEN_DAYS:].sum())

    def wishes(self, seed: int, *, mean: float) -> Iterator[Request]:
        """Give wishes without end; `mean` is that of their quantities before the limit."""
        rng = np.random.default_rng(seed)
        while True:
            ladas = self._choice(rng)
            days = int(rng.integers(SHORTEST, LONGEST + 1))
            first = int(rng.integers(FROZEN_DAYS, self.capacity.shape[1] - days + 1))
            carried = int(self.capacity[ladas, first : first + days].sum())
            quantity = min(int(mean * rng.lognormal(-0.4, 0.9)), int(MOST * carried))
            yield Request(ladas, first, days, max(quantity, 1))

    def _choice(self, rng: np.random.Generator) -> Rows:
        every, kind = np.arange(len(self.codes)), rng.random()
        if kind < NATION:
            return every
        if kind < STATES:
            picked = rng.choice(len(self.states), rng.integers(1, 5), replace=False)
            some = np.unique(np.concatenate([self.states[number] for number in picked]))
            return np.setdiff1d(every, some) if kind < ALL_BUT else some
        cities = rng.choice(every, rng.integers(1, 13), replace=False, p=self.attraction)
        return np.sort(cities)


def read() -> Market:
    """Read the catalogue, and open the days as the product does."""
    places = gazetteer.current()
    codes = tuple(places.cities)
    row = {code: number for number, code in enumerate(codes)}
    states = tuple(np.array(sorted(row[c] for c in s)) for s in places.ladas_of.values() if s)
    weights = np.array(list(Lada.objects.order_by("code").values_list("weight_ppm", flat=True)))
    monday = np.datetime64("2026-11-23")
    cells = [
        apportion(capacity.day_total((monday + number).item()), weights=weights)
        for number in range(DAYS)
    ]
    pull = np.sqrt(weights) / np.sqrt(weights).sum()
    return Market(codes, np.stack(cells, axis=1), states, Groups(len(codes), states), pull)


def first_come(market: Market, wishes: Iterator[Request], count: int) -> list[PlannedReservation]:
    """Fill a book as a plain portal would: each takes what is free, in proportion, or is refused.

    Ends with `count` promises, or when ten wishes in a row for each of them were refused.
    """
    planned = np.zeros_like(market.capacity)
    promises: list[PlannedReservation] = []
    for wish, _tries in zip(wishes, range(10 * count), strict=False):
        if promise := _spread(market, planned, wish):
            promises.append(promise)
        if len(promises) == count:
            break
    return promises


def sold_first_come(market: Market, wishes: list[Request]) -> int:
    """Say how much a plain portal sells of some wishes."""
    planned = np.zeros_like(market.capacity)
    for wish in wishes:
        _spread(market, planned, wish)
    return int(planned.sum())


def sold_exactly(market: Market, wishes: list[Request]) -> int:
    """Say how much is sold where others give way."""
    promises: list[PlannedReservation] = []
    for wish in wishes:
        book = Snapshot(market.capacity, promises, market.groups, FROZEN_DAYS)
        try:
            lines = plan.admit(book, wish).quantities
        except plan.Short:
            continue
        tops = plan.ceilings(wish.quantity, wish.cells_of(market.capacity).sum(axis=0))
        promises.append(PlannedReservation(wish.ladas, wish.first, tops, lines.pop(len(promises))))
        for number, new in lines.items():
            old = promises[number]
            promises[number] = PlannedReservation(old.ladas, old.first, old.ceilings, new)
    return sum(int(promise.quantities.sum()) for promise in promises)


def upper_bound(market: Market, wishes: list[Request]) -> int:
    """Give the linear programme's upper bound: as if parts of every promise could be sold.

    The programme is a transport problem, so its optimum is a largest flow.
    """
    promises = []
    for wish in wishes:
        tops = plan.ceilings(wish.quantity, wish.cells_of(market.capacity).sum(axis=0))
        nothing = np.zeros((len(wish.ladas), wish.days), dtype=np.int64)
        promises.append(
            PlannedReservation(wish.ladas, wish.first, tops, nothing, wish.quantity, new=True)
        )
    placed = plan.place(
        Snapshot(market.capacity, promises, market.groups, FROZEN_DAYS), partly=True
    )
    return sum(wish.quantity for wish in wishes) - int(placed.unplaced.sum())


def _spread(market: Market, planned: Counts, wish: Request) -> PlannedReservation | None:
    """Take what is free, and note it as planned; None where that is not enough."""
    carried, used = wish.cells_of(market.capacity), wish.cells_of(planned)
    tops = plan.ceilings(wish.quantity, carried.sum(axis=0))
    try:
        lines = plan.spread(carried - used, quantity=wish.quantity, ceilings=tops)
    except plan.Short:
        return None
    planned[wish.ladas, wish.first : wish.first + wish.days] += lines
    return PlannedReservation(wish.ladas, wish.first, tops, lines)
