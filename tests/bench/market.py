"""A market: random requests of brands, the same in every run for the same seed.

A tenth of them are for the whole country and a twentieth for all but some states; the rest
are for one to four states, or at most a dozen cities, large ones more often.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inventory import capacity
from inventory.planning import plan
from inventory.planning.apportion import apportion
from inventory.planning.flow import Counts
from inventory.planning.groups import Groups, Indices
from inventory.planning.plan import Request
from inventory.planning.snapshot import PlannedReservation, Snapshot
from inventory.snapshot_cache import FROZEN_DAYS
from segments import gazetteer
from segments.models import Lada

DAYS = 120
SHORTEST, LONGEST = 3, 30  # days of a request
NATION, ALL_BUT, STATES = 0.10, 0.15, 0.55  # of the choices, added up; cities are the rest
MOST = 0.45  # of the capacity of its LADAs, in one request


@dataclass(frozen=True)
class Market:
    """The capacity of the country over a horizon, and the odds of each LADA."""

    codes: tuple[str, ...]
    capacity: Counts  # (L, D)
    states: tuple[Indices, ...]
    groups: Groups
    attraction: "np.ndarray"  # (L,) how often a city is chosen; adds up to 1

    @property
    def for_sale(self) -> int:
        """All notifications for sale."""
        return int(self.capacity[:, FROZEN_DAYS:].sum())

    def requests(self, seed: int, *, mean: float) -> Iterator[Request]:
        """Yield requests without end; `mean` is that of their quantities before the limit."""
        rng = np.random.default_rng(seed)
        while True:
            ladas = self._choice(rng)
            days = int(rng.integers(SHORTEST, LONGEST + 1))
            first = int(rng.integers(FROZEN_DAYS, self.capacity.shape[1] - days + 1))
            carried = int(self.capacity[ladas, first : first + days].sum())
            quantity = min(int(mean * rng.lognormal(-0.4, 0.9)), int(MOST * carried))
            yield Request(ladas, first, days, max(quantity, 1))

    def _choice(self, rng: np.random.Generator) -> Indices:
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
    """Return the market of the catalogue, with days opened as the product does."""
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


def first_come(market: Market, requests: Iterator[Request], count: int) -> list[PlannedReservation]:
    """Return the reservations of a simple portal: each request takes what is free, or is refused.

    There are `count` of them, or fewer after ten times as many requests.
    """
    planned = np.zeros_like(market.capacity)
    reservations: list[PlannedReservation] = []
    for request, _tries in zip(requests, range(10 * count), strict=False):
        if reservation := _spread(market, planned, request):
            reservations.append(reservation)
        if len(reservations) == count:
            break
    return reservations


def sold_first_come(market: Market, requests: list[Request]) -> int:
    """Return how much a simple portal sells of some requests."""
    planned = np.zeros_like(market.capacity)
    for request in requests:
        _spread(market, planned, request)
    return int(planned.sum())


def sold_exactly(market: Market, requests: list[Request]) -> int:
    """Return how much exact admission sells, moving others."""
    reservations: list[PlannedReservation] = []
    for request in requests:
        snapshot = Snapshot(market.capacity, reservations, market.groups, FROZEN_DAYS)
        try:
            lines = plan.admit(snapshot, request).quantities
        except plan.Short:
            continue
        tops = plan.ceilings(request.quantity, request.cells_of(market.capacity).sum(axis=0))
        reservations.append(
            PlannedReservation(request.ladas, request.first, tops, lines.pop(len(reservations)))
        )
        for number, new in lines.items():
            old = reservations[number]
            reservations[number] = PlannedReservation(old.ladas, old.first, old.ceilings, new)
    return sum(int(reservation.quantities.sum()) for reservation in reservations)


def upper_bound(market: Market, requests: list[Request]) -> int:
    """Return the linear programme's upper bound: as if part of any request could be sold.

    The programme is a transport problem, so its optimum is a largest flow.
    """
    reservations = []
    for request in requests:
        tops = plan.ceilings(request.quantity, request.cells_of(market.capacity).sum(axis=0))
        nothing = np.zeros((len(request.ladas), request.days), dtype=np.int64)
        reservations.append(
            PlannedReservation(
                request.ladas, request.first, tops, nothing, request.quantity, new=True
            )
        )
    placed = plan.place(
        Snapshot(market.capacity, reservations, market.groups, FROZEN_DAYS), partly=True
    )
    return sum(request.quantity for request in requests) - int(placed.unplaced.sum())


def _spread(market: Market, planned: Counts, request: Request) -> PlannedReservation | None:
    """Add a request to `planned` from what is free; None where that is not enough."""
    carried, used = request.cells_of(market.capacity), request.cells_of(planned)
    tops = plan.ceilings(request.quantity, carried.sum(axis=0))
    try:
        lines = plan.spread(carried - used, quantity=request.quantity, ceilings=tops)
    except plan.Short:
        return None
    planned[request.ladas, request.first : request.first + request.days] += lines
    return PlannedReservation(request.ladas, request.first, tops, lines)
