"""Exact admission: how much it sells, how long it takes, and how much memory it needs."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from time import perf_counter
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from inventory import allocations, availability, cells, reservations
from inventory.errors import InventoryError
from inventory.models import Allocation, Capacity, Reservation
from inventory.planning import plan
from inventory.planning.plan import Request
from inventory.planning.snapshot import PlannedReservation
from inventory.snapshot_cache import FROZEN_DAYS
from inventory.terms import MAX_QUANTITY, Terms
from tests.bench import market as markets
from tests.bench import memory
from tests.bench.environment import BenchEnvironment
from tests.bench.market import Market
from tests.bench.rounds import percentile
from tests.bench.rows import Row

SIZES = (200, 500, 1_000)  # live reservations
DEMAND = 1.25  # times all that is for sale
SAMPLES = 60  # requests that are timed for each size
SEED = 7
SOLD_OUT = "33"


class Timed(NamedTuple):
    """Seconds of each sample, and of its reference right after it."""

    own: list[float]
    other: list[float]

    def rows(self, name: str, reference: str) -> Iterator[Row]:
        for percent in (50, 99):
            values = (percentile(times, percent) * 1_000 for times in self)
            own, other = values
            yield Row(f"{name}, p{percent}", own, "ms", f"{reference}, p{percent}", other, SAMPLES)


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    environment.reset()
    market = markets.read()
    for size in SIZES:
        yield from _sold(market, size)
    for size in SIZES:
        environment.reset()
        requests = list(islice(fill(market, size), SAMPLES))
        name = f"{size:,} reservations"
        yield from _availability(market, requests).rows(f"availability, {name}", "bare SQL sums")
        yield from _admission(market, requests).rows(f"admission, {name}", "bare SQL, free cells")
        if size == SIZES[0]:
            yield from _bad_day(name)
    yield _memory()


def fill(market: Market, size: int) -> Iterator[Request]:
    """Store so many reservations; return an iterator of the requests after them."""
    requests = market.requests(SEED + size, mean=_mean(market, size))
    store(market, markets.first_come(market, requests, size))
    return requests


def _sold(market: Market, size: int) -> Iterator[Row]:
    requests = list(islice(market.requests(SEED, mean=_mean(market, size)), size))
    plain = 100 * markets.sold_first_come(market, requests) / market.for_sale
    bound = 100 * markets.upper_bound(market, requests) / market.for_sale
    exact = 100 * markets.sold_exactly(market, requests) / market.for_sale
    yield Row(f"sold, {size:,} asked, exact", exact, "%", "first come, proportional", plain, 1)
    yield Row(f"sold, {size:,} asked, exact", exact, "%", "linear programme's bound", bound, 1)


def _mean(market: Market, size: int) -> float:
    """Return the mean quantity of so many requests with which they add up to DEMAND."""
    mean = DEMAND * market.for_sale / size
    for _ in range(4):
        total = sum(request.quantity for request in islice(market.requests(SEED, mean=mean), size))
        mean *= min(DEMAND * market.for_sale / total, 4)
    return mean


def store(market: Market, planned_reservations: list[PlannedReservation]) -> None:
    """Write booked reservations with their allocations and cells."""
    now = cells.read(market.codes, timezone.localdate(), None)
    planned = np.zeros_like(now.planned)
    rows = [
        _reservation(market, reservation, now.first_day) for reservation in planned_reservations
    ]
    with transaction.atomic():
        Reservation.objects.bulk_create(rows)
        for row, reservation in zip(rows, planned_reservations, strict=True):
            planned[reservation.ladas, reservation.first : reservation.stop] += (
                reservation.quantities
            )
            allocations.write(row.pk, reservation.quantities.T)
        raised = np.maximum(planned, now.capacity)  # days differ by weekday from the market's
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE inventory_capacity AS cell SET capacity = new.capacity, gross = new.capacity
                FROM unnest(%s::bigint[], %s::int[]) AS new (id, capacity) WHERE new.id = cell.id
                """,
                [now.ids.ravel().tolist(), raised.ravel().tolist()],
            )
        cells.add_planned(now.ids, planned)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE inventory_capacity, inventory_allocation")


def _reservation(market: Market, reservation: PlannedReservation, first) -> Reservation:
    starts_on = first + timedelta(reservation.first)
    return Reservation(
        status=Reservation.Status.BOOKED,
        reference="LP-BENCH2",
        quantity=int(reservation.quantities.sum()),
        ladas=[market.codes[row] for row in reservation.ladas],
        starts_on=starts_on,
        ends_on=starts_on + timedelta(len(reservation.ceilings) - 1),
        daily_ceilings=reservation.ceilings.tolist(),
    )


def _terms(market: Market, request: Request) -> Terms:
    starts_on = timezone.localdate() + timedelta(request.first)
    return Terms(
        request.quantity,
        [market.codes[row] for row in request.ladas],
        starts_on,
        starts_on + timedelta(request.days - 1),
    )


def _availability(market: Market, requests: list[Request]) -> Timed:
    """Time the availability of the page: by day, whether it fits, else why not and alternatives."""

    def own(terms: Terms) -> object:
        return availability.check(terms)

    def bare(terms: Terms) -> object:
        return _run(
            """
            SELECT day, sum(capacity), sum(capacity - planned) FROM inventory_capacity
            WHERE lada = ANY(%s) AND day BETWEEN %s AND %s GROUP BY day
            """,
            [terms.ladas, terms.starts_on, terms.ends_on],
        )

    return _time([_terms(market, request) for request in requests], own, bare)


def _admission(market: Market, requests: list[Request]) -> Timed:
    """Time a hold or its refusal, with the commit; each hold is released before the next."""

    def own(terms: Terms) -> Callable[[], object] | None:
        with suppress(InventoryError):
            held = reservations.hold(
                terms,
                reference="LP-BENCH2",
                expires_at=timezone.now() + timedelta(days=1),
            )
            return lambda: reservations.release(held.pk)
        return None

    def bare(terms: Terms) -> None:
        """Lock the cells, read them, and write what is free up to the quantity; move nobody."""
        with transaction.atomic():
            found = cells.read(terms.ladas, terms.starts_on, terms.ends_on, lock=True)
            free = found.capacity - found.planned
            quantity = min(terms.quantity, int(free.sum()))
            lines = plan.spread(free, quantity=quantity, ceilings=free.sum(axis=0))
            cells.add_planned(found.ids, lines)
            transaction.set_rollback(True)

    return _time([_terms(market, request) for request in requests], own, bare)


def _bad_day(name: str) -> Iterator[Row]:
    """Time refusals of a sold-out cell, then holds elsewhere while it has one at risk."""
    day = timezone.localdate() + timedelta(FROZEN_DAYS)
    sold_out = Terms(1, [SOLD_OUT], day, day)
    rest = availability.check(replace(sold_out, quantity=MAX_QUANTITY)).fits
    last = _hold(replace(sold_out, quantity=rest))
    refused, free = Timed([], []), _free_cells()
    for _ in range(SAMPLES):
        refused.own.append(_seconds(sold_out))
        refused.other.append(_seconds(next(free)))
    yield from refused.rows(f"refusal, {name}", "a hold that is granted")
    risky = Timed([], [])
    for _ in range(SAMPLES):
        _put_at_risk(last, 1)
        _seconds(next(free))  # finds that what is at risk fits nowhere
        risky.own.append(_seconds(next(free)))
        _put_at_risk(last, -1)
        risky.other.append(_seconds(next(free)))
    yield from risky.rows(f"hold, one at risk, {name}", "the same, none at risk")


def _free_cells() -> Iterator[Terms]:
    """Yield terms of one notification each, in cells with the most that is free."""
    cells_by_free = Capacity.objects.order_by(F("planned") - F("capacity"), "id")
    for cell in cells_by_free[: 5 * SAMPLES]:
        yield Terms(1, [cell.lada_id], cell.day, cell.day)


def _hold(terms: Terms) -> Reservation:
    expires_at = timezone.now() + timedelta(days=1)
    return reservations.hold(terms, reference="LP-BENCH2", expires_at=expires_at)


def _seconds(terms: Terms) -> float:
    """Hold terms or be refused; return how long that took."""
    began = perf_counter()
    with suppress(InventoryError):
        _hold(terms)
    return perf_counter() - began


def _put_at_risk(reservation: Reservation, count: int) -> None:
    """Take some capacity away from the one cell of a reservation, and so from the reservation."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inventory_allocation SET at_risk = at_risk + %(count)s,
                quantities[1] = quantities[1] - %(count)s WHERE reservation_id = %(id)s;
            UPDATE inventory_capacity SET capacity = capacity - %(count)s,
                planned = planned - %(count)s WHERE day = %(day)s AND lada = %(lada)s
            """,
            {
                "count": count,
                "id": reservation.pk,
                "day": reservation.starts_on,
                "lada": reservation.ladas[0],
            },
        )


def _time(
    requests: list[Terms], own: Callable[[Terms], object], other: Callable[[Terms], object]
) -> Timed:
    own(requests[0])  # code is met for the first time
    found = Timed([], [])
    for terms in requests:
        began = perf_counter()
        undo = own(terms)
        found.own.append(perf_counter() - began)
        if callable(undo):
            undo()
        began = perf_counter()
        other(terms)
        found.other.append(perf_counter() - began)
    return found


def _run(sql: str, params: list[object]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _memory() -> Row:
    """Return the growth of a process that checks availability, beside the allocations it reads."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=memory.measure, args=(theirs,))
    process.start()
    theirs.close()
    grown: float = ours.recv()  # EOFError where it failed
    process.join()
    lengths = Allocation.objects.values_list("quantities__len", flat=True)
    counts = sum(lengths) * 8 / 2**20
    return Row("memory, 1,000 reservations", grown, "MB", "their counts, 8 bytes each", counts, 1)
