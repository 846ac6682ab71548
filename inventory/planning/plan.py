"""Admission of reservations: which plan carries a request together with all the others.

Exact: a request is refused only if no plan carries it. As little as possible of the
present plan changes: first nothing, then LADAs within a day, and days only where needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from inventory.planning.apportion import apportion, columns
from inventory.planning.between_days import Bound, DayTotalsNetwork
from inventory.planning.flow import Counts, Flags
from inventory.planning.groups import Indices
from inventory.planning.reach import saturated_days
from inventory.planning.snapshot import PlannedReservation, Snapshot
from inventory.planning.within_day import reallocate_days

NO_BOUND = Bound([], [])
EVEN_PACING = (3, 2)  # a day may carry 3/2 of its proportional share


class Short(Exception):
    """The request does not fit; `fits` notifications of it would."""

    def __init__(self, fits: int, bound: Bound = NO_BOUND) -> None:
        super().__init__(fits)
        self.fits = fits
        self.bound = bound


@dataclass(frozen=True, eq=False)
class Request:
    """Terms in rows and columns of a snapshot: K LADAs and N days in a row."""

    ladas: Indices  # (K,) rows, ascending
    first: int  # column of the first day
    days: int
    quantity: int
    daily_cap: int | None = None

    def cells_of(self, table: Counts) -> Counts:
        """Return the part (K, N) of a table of all cells (L, D)."""
        return table[self.ladas, self.first : self.first + self.days]


@dataclass(frozen=True, eq=False)
class Placement:
    """The changes of a plan: new quantities (K, N) by reservation number, and the unplaced (R,)."""

    quantities: dict[int, Counts]
    unplaced: Counts


@dataclass(frozen=True, eq=False)
class Admission(Placement):
    """A placement with one more reservation, the last, under its own `ceilings` (N,)."""

    ceilings: Counts


def ceilings(quantity: int, capacity: Counts, daily_cap: int | None = None) -> Counts:
    """Return the maximum that each day (N,) may carry of a reservation.

    `capacity` (N,) is that of all its LADAs together. With even pacing a day's ceiling
    is 1.5 × its proportional share, rounded up; the brand's own `daily_cap` replaces it.
    """
    if daily_cap is not None:
        return np.full(capacity.shape, daily_cap, dtype=np.int64)
    total = int(capacity.sum())
    if total == 0:
        return np.zeros(capacity.shape, dtype=np.int64)
    times, over = EVEN_PACING
    shares = [-(-times * quantity * int(day) // (over * total)) for day in capacity]
    return np.array(shares, dtype=np.int64)


def spread(free: Counts, *, quantity: int, ceilings: Counts) -> Counts:
    """Split a quantity over cells in proportion to what is free in each.

    `free` is (K, N), `ceilings` (N,). The result (K, N) adds up to `quantity` exactly,
    with no cell above its free count and no day above its ceiling.

    Raises Short with the largest quantity that fits under these ceilings.
    """
    by_day = free.sum(axis=0)
    limits = np.minimum(by_day, ceilings)
    fits = int(limits.sum())
    if fits < quantity:
        raise Short(fits)
    days = apportion(quantity, weights=by_day, limits=limits)
    return columns(days, weights=free)


def admit(snapshot: Snapshot, request: Request) -> Admission:
    """Plan one more reservation, the last of the snapshot; move others only where needed.

    Where a larger quantity fits, so does this one: its days may then carry one more than
    their ceilings. Raises Short with the largest quantity that fits and what limits it.
    """
    tops = _own_ceilings(snapshot, request, request.quantity)
    try:
        return _admit_under(tops, snapshot, request)
    except Short as short:
        most = _largest_fit(snapshot, request, short)
        if most < request.quantity:
            raise Short(most, short.bound) from None
    return _admit_under(_wider(tops, snapshot, request, most), snapshot, request)


def require_fit(snapshot: Snapshot, request: Request) -> None:
    """Raise Short, as `admit` does, unless the request fits. Quicker: no plan is made."""
    try:
        _require_placement(snapshot, request, request.quantity)
    except Short as short:
        most = _largest_fit(snapshot, request, short)
        if most < request.quantity:
            raise Short(most, short.bound) from None


def fits(snapshot: Snapshot, request: Request) -> bool:
    """Return whether a request fits. Quicker than `require_fit` where it does not."""
    try:
        _require_placement(snapshot, request, request.quantity)
    except Short as short:
        return _largest_fit(snapshot, request, short, least=request.quantity) >= request.quantity
    return True


def place(snapshot: Snapshot, *, partly: bool = False) -> Placement:
    """Place everything unplaced, or with `partly` as much of it as possible.

    Raises Short, whose `fits` is what would be planned of the first reservation that
    lacks something, under its ceilings.
    """
    wanted = sum(reservation.unplaced for reservation in snapshot.reservations)
    if not wanted:
        nothing = np.zeros(len(snapshot.reservations), dtype=np.int64)
        return Placement(_new_quantities(snapshot), nothing)
    if (reached := saturated_days(snapshot)) is not None:
        if not partly:
            raise _short_of_all(snapshot, reached)
        left = np.array([r.unplaced for r in snapshot.reservations], dtype=np.int64)
        return Placement(_new_quantities(snapshot), left)
    part, numbers, first, days, flow = _search(snapshot, wanted)
    found = days.network.value(flow)
    if found < wanted and not partly:
        raise _short(part, days, flow, first)
    if days.moves_between_days:
        flow = days.network.min_cost_flow(found)
    changed = _new_quantities(part) | reallocate_days(part, days.totals(flow))
    unplaced = np.zeros(len(snapshot.reservations), dtype=np.int64)
    unplaced[numbers] = days.unplaced(flow)
    quantities = {}
    for number, new in changed.items():
        whole, cut = snapshot.reservations[numbers[number]], part.reservations[number]
        quantities[numbers[number]] = _paste(whole, cut, first, new)
    return Placement(quantities, unplaced)


def available(snapshot: Snapshot, request: Request) -> Counts:
    """Return how many notifications each day (N,) could carry, whatever the pacing.

    All days could carry theirs together. Free notifications count first, then those
    that others can give up.
    """
    free = request.cells_of(snapshot.free)
    most = request.cells_of(snapshot.capacity).sum(axis=0)
    unplaced = int(most.sum()) - int(free.sum())
    if unplaced == 0:
        return most
    probe = PlannedReservation(request.ladas, request.first, most, free, unplaced, new=True)
    longer = snapshot.with_reservations([*snapshot.reservations, probe])
    part, _numbers = longer.cut(*snapshot.connected_columns(request.first, probe.stop))
    days = DayTotalsNetwork(part, between_days=True)
    totals = days.totals(days.network.max_flow(unplaced))
    last = len(part.reservations) - 1
    return totals[last][1] if last in totals else free.sum(axis=0)


def _largest_fit(snapshot: Snapshot, request: Request, short: Short, *, least: int = 0) -> int:
    """Return the largest quantity that fits, after `short` was raised for the request.

    It may be more than the request: ceilings are rounded up, so a few notifications may be
    short of a place where some more are not. Each cut of a network bounds all quantities by a
    sum in which the ceilings of the paced days grow with the quantity; nothing above the
    solution of that can fit. The search ends below `least`.
    Source: W. Dinkelbach, "On nonlinear fractional programming", 1967.
    """
    if request.daily_cap is not None:
        return short.fits  # the ceilings do not depend on the quantity
    by_day = request.cells_of(snapshot.capacity).sum(axis=0)
    below, quantity = int(by_day.sum()) + 1, request.quantity
    while True:
        paced = np.array(short.bound.paced, dtype=np.intp) - request.first
        others = short.fits - int(ceilings(quantity, by_day)[paced].sum())
        quantity = below = _solve_cut(others, by_day, paced, below=below)
        if quantity < least:
            return quantity
        try:
            _require_placement(snapshot, request, quantity)
        except Short as again:
            short = again
        else:
            return quantity


def _solve_cut(others: int, by_day: Counts, paced: Indices, *, below: int) -> int:
    """Return the largest quantity under `below` that is at most `others` + its paced ceilings."""
    total = max(int(by_day.sum()), 1)
    share = Fraction(EVEN_PACING[0] * int(by_day[paced].sum()), EVEN_PACING[1] * total)
    quantity = below - 1
    if share < 1:  # a ceiling is less than one above its exact share
        quantity = min(quantity, int((others + len(paced)) / (1 - share)))
    while (cut := others + int(ceilings(quantity, by_day)[paced].sum())) < quantity:
        quantity = cut  # from above, and never below the solution: ceilings only fall
    return quantity


def _wider(tops: Counts, snapshot: Snapshot, request: Request, most: int) -> Counts:
    """Return the ceilings (N,) under which a request fits because `most`, which is more, does.

    The plan of `most`, scaled to the request, has less than one notification above each
    ceiling of it; so there is one in whole numbers with at most one more.
    """
    return np.minimum(tops + 1, _own_ceilings(snapshot, request, most))


class _Search(NamedTuple):
    """The part of a snapshot that was searched, and the largest flow found there."""

    part: Snapshot
    numbers: list[int]  # of its reservations in the whole snapshot
    first: int  # of its columns in the whole snapshot
    days: DayTotalsNetwork
    flow: Counts


def _search(snapshot: Snapshot, wanted: int) -> _Search:
    """Find a largest flow for the unplaced: within their own days, else on all connected days.

    Reservations that are not new may have to change days themselves, and then others may
    change less; so these are searched on all connected days at once.
    """
    unplaced = [reservation for reservation in snapshot.reservations if reservation.unplaced]
    first, stop = min(r.first for r in unplaced), max(r.stop for r in unplaced)
    if all(reservation.new for reservation in unplaced):
        part, numbers = snapshot.cut(first, stop)
        days = DayTotalsNetwork(part, between_days=False)
        flow = days.network.max_flow(wanted)
        if days.network.value(flow) == wanted:
            return _Search(part, numbers, first, days, flow)
    first, stop = snapshot.connected_columns(first, stop)
    part, numbers = snapshot.cut(first, stop)
    days = DayTotalsNetwork(part, between_days=True)
    return _Search(part, numbers, first, days, days.network.max_flow(wanted))


def _require_placement(snapshot: Snapshot, request: Request, quantity: int) -> None:
    """Raise Short unless a quantity of a request can be placed under its own ceilings."""
    tops = _own_ceilings(snapshot, request, quantity)
    longer = _with_request(tops, snapshot, request, quantity)
    if wanted := longer.reservations[-1].unplaced:
        if (reached := saturated_days(longer)) is not None:
            raise _short_of_all(longer, reached)
        part, _numbers, first, days, flow = _search(longer, wanted)
        if days.network.value(flow) < wanted:
            raise _short(part, days, flow, first)


def _admit_under(tops: Counts, snapshot: Snapshot, request: Request) -> Admission:
    """Plan a request under some ceilings (N,). Raises Short."""
    placement = place(_with_request(tops, snapshot, request, request.quantity))
    return Admission(placement.quantities, placement.unplaced, tops)


def _short_of_all(snapshot: Snapshot, reached: Sequence[Flags]) -> Short:
    """Return the refusal where nothing unplaced can be placed."""
    lacking = next(n for n, r in enumerate(snapshot.reservations) if r.unplaced)
    reservation = snapshot.reservations[lacking]
    columns = range(reservation.first, reservation.stop)
    days = list(zip(columns, reached[lacking].tolist(), strict=True))
    bound = Bound([c for c, full in days if full], [c for c, full in days if not full])
    return Short(int(reservation.quantities.sum()), bound)


def _short(snapshot: Snapshot, days: DayTotalsNetwork, flow: Counts, first: int) -> Short:
    left = days.unplaced(flow)
    number = int(np.flatnonzero(left)[0])
    bound = days.bound(flow, number)
    reservation = snapshot.reservations[number]
    fits = int(reservation.quantities.sum()) + reservation.unplaced - int(left[number])
    return Short(fits, Bound([c + first for c in bound.full], [c + first for c in bound.paced]))


def _own_ceilings(snapshot: Snapshot, request: Request, quantity: int) -> Counts:
    """Return the ceilings (N,) of a quantity of a request."""
    return ceilings(quantity, request.cells_of(snapshot.capacity).sum(axis=0), request.daily_cap)


def _with_request(tops: Counts, snapshot: Snapshot, request: Request, quantity: int) -> Snapshot:
    """Return the snapshot with a quantity of a request as its last reservation.

    It has its share of what is free under its ceilings (N,); the rest of it is unplaced.
    """
    free = request.cells_of(snapshot.free)
    fits = min(quantity, int(np.minimum(free.sum(axis=0), tops).sum()))
    placed = spread(free, quantity=fits, ceilings=tops)
    reservation = PlannedReservation(
        request.ladas, request.first, tops, placed, quantity - fits, new=True
    )
    return snapshot.with_reservations([*snapshot.reservations, reservation])


def _new_quantities(snapshot: Snapshot) -> dict[int, Counts]:
    return {number: r.quantities for number, r in enumerate(snapshot.reservations) if r.new}


def _paste(
    whole: PlannedReservation, cut: PlannedReservation, first: int, quantities: Counts
) -> Counts:
    """Return the quantities of the whole reservation with those of its cut put in."""
    start = first + cut.first - whole.first
    new = whole.quantities.copy()
    new[:, start : start + quantities.shape[1]] = quantities
    return new
