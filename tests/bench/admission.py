"""Exact admission: how much it sells, how long an answer takes, and what it needs of memory."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from time import perf_counter
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from inventory import allocations, availability, cells, reservations
from inventory.errors import InventoryError
from inventory.models import Allocation, Reservation
from inventory.planning import plan
from inventory.planning.plan import Request
from inventory.planning.snapshot import PlannedReservation
from inventory.terms import Terms
from tests.bench import market as markets
from tests.bench import memory
from tests.bench.ground import Ground
from tests.bench.market import Market
from tests.bench.rounds import percentile
from tests.bench.rows import Row

SIZES = (200, 500, 1_000)  # promises in the book
ASKED = 1.25  # times all that is for sale
SAMPLES = 60  # wishes that are timed on each book
SEED = 7


class Timed(NamedTuple):
    """Seconds of each sample, and of its reference right after it."""

    own: list[float]
    other: list[float]

    def rows(self, name: str, reference: str) -> Iterator[Row]:
        for percent in (50, 99):
            values = (percentile(times, percent) * 1_000 for times in self)
            own, other = values
            yield Row(f"{name}, p{percent}", own, "ms", f"{reference}, p{percent}", other, SAMPLES)


def measure(ground: Ground) -> Iterator[Row]:
    ground.fresh()
    market = markets.read()
    for size in SIZES:
        yield from _sold(market, size)
    for size in SIZES:
        ground.fresh()
        asked = list(islice(fill(market, size), SAMPLES))
        name = f"{size:,} promises"
        yield from _availability(market, asked).rows(f"availability, {name}", "bare SQL sums")
        yield from _admission(market, asked).rows(f"admission, {name}", "bare SQL, free cells")
    yield _memory()


def fill(market: Market, size: int) -> Iterator[Request]:
    """Store a book of so many promises; give the wishes that come after them."""
    wishes = market.wishes(SEED + size, mean=_mean(market, size))
    store(market, markets.first_come(market, wishes, size))
    return wishes


def _sold(market: Market, size: int) -> Iterator[Row]:
    wishes = list(islice(market.wishes(SEED, mean=_mean(market, size)), size))
    plain = 100 * markets.sold_first_come(market, wishes) / market.for_sale
    bound = 100 * markets.upper_bound(market, wishes) / market.for_sale
    exact = 100 * markets.sold_exactly(market, wishes) / market.for_sale
    yield Row(f"sold, {size:,} asked, exact", exact, "%", "first come, proportional", plain, 1)
    yield Row(f"sold, {size:,} asked, exact", exact, "%", "linear programme's bound", bound, 1)


def _mean(market: Market, size: int) -> float:
    """Give the mean quantity with which so many wishes ask for ASKED times what is for sale."""
    mean = ASKED * market.for_sale / size
    for _ in range(4):
        total = sum(wish.quantity for wish in islice(market.wishes(SEED, mean=mean), size))
        mean *= min(ASKED * market.for_sale / total, 4)
    return mean


def store(market: Market, book: list[PlannedReservation]) -> None:
    """Write promises as booked reservations, and what they plan into the cells."""
    now = cells.read(market.codes, timezone.localdate(), None)
    planned = np.zeros_like(now.planned)
    rows = [_reservation(market, promise, now.first_day) for promise in book]
    with transaction.atomic():
        Reservation.objects.bulk_create(rows)
        for row, promise in zip(rows, book, strict=True):
            planned[promise.ladas, promise.first : promise.stop] += promise.quantities
            allocations.write(row.pk, promise.quantities.T)
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


def _reservation(market: Market, promise: PlannedReservation, first) -> Reservation:
    starts_on = first + timedelta(promise.first)
    return Reservation(
        status=Reservation.Status.BOOKED,
        reference="LP-BENCH2",
        quantity=int(promise.quantities.sum()),
        ladas=[market.codes[row] for row in promise.ladas],
        starts_on=starts_on,
        ends_on=starts_on + timedelta(len(promise.ceilings) - 1),
        daily_ceilings=promise.ceilings.tolist(),
    )


def _terms(market: Market, wish: Request) -> Terms:
    starts_on = timezone.localdate() + timedelta(wish.first)
    return Terms(
        wish.quantity,
        [market.codes[row] for row in wish.ladas],
        starts_on,
        starts_on + timedelta(wish.days - 1),
    )


def _availability(market: Market, asked: list[Request]) -> Timed:
    """What the page asks: what is there by day, whether it fits, else what binds and other ways."""

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

    return _time([_terms(market, wish) for wish in asked], own, bare)


def _admission(market: Market, asked: list[Request]) -> Timed:
    """Hold or refuse, with the commit; what was held is given back before the next."""

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
        """Lock the cells, look, and write what is free up to the quantity: nobody is moved."""
        with transaction.atomic():
            found = cells.read(terms.ladas, terms.starts_on, terms.ends_on, lock=True)
            free = found.capacity - found.planned
            quantity = min(terms.quantity, int(free.sum()))
            lines = plan.spread(free, quantity=quantity, ceilings=free.sum(axis=0))
            cells.add_planned(found.ids, lines)
            transaction.set_rollback(True)

    return _time([_terms(market, wish) for wish in asked], own, bare)


def _time(
    asked: list[Terms], own: Callable[[Terms], object], other: Callable[[Terms], object]
) -> Timed:
    own(asked[0])  # code is met for the first time
    found = Timed([], [])
    for terms in asked:
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
    """How much a process grows by that answers for the last book, beside the lines it reads."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=memory.answer, args=(theirs,))
    process.start()
    theirs.close()
    grown: float = ours.recv()  # EOFError where it failed
    process.join()
    counts = Allocation.objects.values_list("quantities__len", flat=True)
    lines = sum(counts) * 8 / 2**20
    return Row("memory, 1,000 promises", grown, "MB", "their lines, 8 bytes each", lines, 1)
